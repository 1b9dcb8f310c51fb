package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.BlobNames;
import io.dbbackup.engine.postgresql.DatabaseProperties;
import io.dbbackup.engine.postgresql.RestoreMarks;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Sample;
import io.dbbackup.model.Selection;
import io.dbbackup.spi.BackupContext;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.ItemDraft;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.WorkItem;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Takes a database's snapshot, holds it, and cuts the database into items. */
final class OpenItem {
    private static final int ATTEMPTS = 5;

    private OpenItem() {}

    static String holdKey(String database) {
        return "pg.snapshot/" + database;
    }

    /** The held session of a database, for its other items. */
    static SnapshotSession session(BackupContext context, WorkItem item) {
        return context.hold(holdKey(item.database()), SnapshotSession.class, () -> {
            throw new BackupException(
                    ErrorCode.SNAPSHOT_LOST,
                    "nobody holds the snapshot of database \"" + item.database() + "\" any more",
                    "Nothing needs to be done: the database starts again with a new snapshot.");
        });
    }

    static ItemResult execute(BackupContext context, WorkItem item) {
        ItemData.Open payload = item.payload(ItemData.Open.class);
        String key = holdKey(item.database());
        for (int attempt = 1; ; attempt++) {
            context.cancellation().check();
            // an earlier attempt's session must not serve this one
            context.release(key);
            SnapshotSession session = context.hold(
                    key, SnapshotSession.class, () -> SnapshotSession.open(context.source(), item.database()));
            try (Cancellation.Registration stop = session.endWith(context.cancellation())) {
                return open(context, item, payload, session);
            } catch (TableLocks.MovedException e) {
                context.release(key);
                if (attempt == ATTEMPTS) {
                    throw new BackupException(
                            ErrorCode.DATABASE_TABLE_LOCKED,
                            "tables of database \"" + item.database() + "\" were " + ATTEMPTS
                                    + " times changed while its snapshot was taken, at last: " + e.getMessage(),
                            "Run the backup when no tables are being created, truncated and dropped all the time.",
                            e);
                }
            } catch (RuntimeException e) {
                context.release(key);
                context.cancellation().check();
                throw e;
            }
        }
    }

    private static ItemResult open(
            BackupContext context, WorkItem item, ItemData.Open payload, SnapshotSession session)
            throws TableLocks.MovedException {
        Optional<TableChoice> choice = session.inHolder(
                sql -> TableChoice.of(sql, item.database(), context.spec().selection()));
        List<TableListing> tables = new TableLocks(session, context.workers(), context.cancellation())
                .take(session.inHolder(sql -> TableCatalog.list(sql, session.standby())).stream()
                        .filter(table -> choice.map(chosen -> chosen.takesRows(table.oid())).orElse(true))
                        .toList());
        choice.filter(TableChoice::nothingIncluded).ifPresent(chosen -> context.warn(
                "database \"" + item.database() + "\" has no table that the included patterns name"));
        if (session.standby()) {
            long unlogged = session.inHolder(TableCatalog::unloggedTables);
            if (unlogged > 0) {
                context.warn("database \"" + item.database() + "\": the rows of " + unlogged
                        + " UNLOGGED tables do not exist on a standby and are not in the backup");
            }
        }
        boolean besideRestore = warnOfUnfinished(context, item.database(), session);
        int merged = (int) (long) session.inHolder(sql -> TableCatalog.mergedPartitions(sql, tables));
        DatabaseProperties properties = session.inHolder(PropertiesCatalog::read);
        String prefix = BlobNames.databasePrefix(payload.number(), item.database(), item.attempt());
        Optional<SamplePlan> sample = sample(context, item, session, choice, tables);
        // a sampled table is one part: a range of its pages would have to find out about all of it again
        PartPlanner planner = new PartPlanner(
                session, prefix, context.workers(),
                sample.isPresent() ? Long.MAX_VALUE / 2 : context.spec().partBytes(),
                sample.isPresent() ? Long.MAX_VALUE : payload.clusterBytes(),
                earlier(context, item, session, tables));
        List<ItemDraft> items = planner.plan(sample
                .map(plan -> tables.stream().map(table -> table.sized(plan.bytes(table), table.pages())).toList())
                .orElse(tables));
        int pieces = (int) items.stream()
                .filter(each -> each.kind().equals(ItemData.PART) || each.kind().equals(ItemData.BUNDLE))
                .count();
        return new ItemResult(
                0, 0, 0,
                new ItemData.Opened(
                        session.at(), session.position(), tables.size() - merged, pieces, properties,
                        session.inHolder(TableCatalog::configurationReferences),
                        choice.map(chosen -> chosen.leftOut(sample.map(SamplePlan::unfollowed).orElse(Map.of()))),
                        choice.map(TableChoice::out).orElse(Set.of()),
                        choice.map(TableChoice::rowless).orElse(Set.of()),
                        planner.activity(), besideRestore),
                items);
    }

    /** The snapshot tells: the marks come before the first row goes, and leave when the last one is in. */
    private static boolean warnOfUnfinished(BackupContext context, String database, SnapshotSession session) {
        String matter = "restore into " + database;
        context.settled(matter);
        if (context.spec().selection().sections() == Selection.Sections.SCHEMA) {
            // such a restore changes rows alone
            return false;
        }
        String marks = session.inHolder(sql -> sql.text(
                "SELECT max(coalesce(obj_description(oid, 'pg_namespace'), 'not said')) FROM pg_namespace WHERE nspname = ?",
                RestoreMarks.SCHEMA));
        if (marks == null || marks.isEmpty()) {
            return false;
        }
        context.warn(matter, "database \"" + database + "\": an unfinished restore of rows is at work on it (schema " + RestoreMarks.SCHEMA + ": "
                + marks + "), so that the backup may hold only a part of its rows, and its set does not count as a complete one. Restart that"
                + " run or discard it, then take another backup");
        return true;
    }

    private static Optional<PartPlanner.Earlier> earlier(
            BackupContext context, WorkItem item, SnapshotSession session, List<TableListing> tables) {
        KnownParts known = KnownParts.load(context, item.database());
        if (!context.spec().reuse()) {
            return Optional.empty();
        }
        return Optional.of(new PartPlanner.Earlier(
                known,
                session.inHolder(sql -> TableActivity.counters(sql, tables)),
                // a standby counts no changes
                !session.standby() && !known.isEmpty()));
    }

    /** Held until the database is closed. */
    private static Optional<SamplePlan> sample(
            BackupContext context, WorkItem item, SnapshotSession session, Optional<TableChoice> choice,
            List<TableListing> tables) {
        Optional<Sample> sample = context.spec().selection().sample();
        if (sample.isEmpty()) {
            return Optional.empty();
        }
        context.release(Reading.key(item.database()));
        Set<Long> steady = tables.stream()
                .map(TableListing::oid)
                .filter(session::holds)
                .collect(Collectors.toSet());
        SamplePlan plan = session.inHolder(sql -> new SamplePlan(
                sql, sample.get(), choice.orElseThrow(), tables, steady, session.major()));
        if (!plan.unfollowed().isEmpty()) {
            context.warn("database \"" + item.database() + "\": " + plan.unfollowed().size()
                    + " foreign keys could not be followed when the sample was taken; the manifest names them (leftOut)");
        }
        return Optional.of(context.hold(Reading.key(item.database()), SamplePlan.class, () -> plan));
    }
}
