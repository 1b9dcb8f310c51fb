package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.BlobNames;
import io.dbbackup.engine.EarlierParts;
import io.dbbackup.engine.mysql.DatabaseProperties;
import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.DefinitionsSource;
import io.dbbackup.engine.mysql.MysqlErrors;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.SpatialReferences;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.Vendor;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.BackupContext;
import io.dbbackup.spi.ItemDraft;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.WorkItem;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Gives a database its snapshot, stores the definitions, and cuts the tables into parts. Definitions have no snapshots:
 * they are read right after it, and a table that is changed before its rows are read makes the database start again.
 */
final class OpenItem {
    private static final int PARTS_PER_WORKER = 4;
    private static final long LEAST_PART = 64 << 20;
    private static final int SHOWN = 20;
    /** Where a table could not be listed, since somebody is changing it. Whom the locks of this session kept from that goes on meanwhile. */
    private static final int LIST_ATTEMPTS = 15;
    private static final Duration LIST_PAUSE = Duration.ofSeconds(2);

    private OpenItem() {}

    static ItemResult execute(BackupContext context, WorkItem item, Progress progress) {
        BesideRestores.begin(context, item.database());
        Snapshots snapshots = Snapshots.of(context);
        Snapshots.Opened opened = snapshots.open(item.database(), context.cancellation());
        for (int attempt = 1; ; attempt++) {
            try (SnapshotPool.Lease lease = opened.pool().borrow(item.database(), context.cancellation());
                    var stop = lease.session().endWith(context.cancellation())) {
                return open(context, item, opened, lease, progress);
            } catch (BackupException e) {
                if (e.getCause() instanceof SQLException origin && MysqlErrors.definitionChanged(origin)) {
                    throw SnapshotPool.lost(item.database(), "a table was changed meanwhile: " + MysqlErrors.message(origin));
                }
                context.cancellation().check();
                if (!(e.getCause() instanceof SQLWarning) || attempt == LIST_ATTEMPTS) {
                    if (e.code() != ErrorCode.SNAPSHOT_LOST) {
                        snapshots.close(item.database());
                    }
                    throw e;
                }
            }
            SnapshotLadder.pause(LIST_PAUSE, context.cancellation());
        }
    }

    private static ItemResult open(
            BackupContext context, WorkItem item, Snapshots.Opened opened, SnapshotPool.Lease lease, Progress progress) {
        SnapshotPool snapshot = opened.pool();
        Sql sql = lease.session().sql();
        String prefix = BlobNames.databasePrefix(
                item.payload(ItemData.Open.class).number(), item.database(), item.attempt());
        List<Definition> definitions = new ArrayList<>();
        TableChoice choice = new TableChoice(sql, item.database(), context.spec().selection());
        TableCatalog catalog = new TableCatalog(sql, snapshot.release().vendor(), item.database(), choice, context::warn);
        List<TableDefinition> tables = catalog.read(definitions::add);
        if (choice.definitions() && snapshot.release().vendor() == Vendor.MYSQL) {
            definitions.addAll(SpatialReferences.of(sql, item.database()));
        }
        // another session of ours must not wait for somebody who waits for this one, which no server would notice
        lease.unlock();
        requireAll(context, item.database(), opened, catalog.names(), choice);
        snapshot.now(context.cancellation(), present -> {
            snapshot.tables().requireSame(present, item.database(), tables);
            return true;
        });
        if (choice.nothingIncluded()) {
            context.warn("database \"" + item.database() + "\" has no table that the included patterns name");
        }
        if (choice.definitions()) {
            new ObjectCatalog(sql, item.database(), choice, context::warn).read(definitions::add);
        }
        // afterwards: what was missing then is noted until it is back
        snapshot.now(context.cancellation(), present -> {
            Preflight.warnOfUnfinished(context, present, item.database());
            Preflight.warnOfSuspended(context, present, item.database(), () -> choice);
            return true;
        });
        Optional<SamplePlan> sample = sample(context, item.database(), choice, tables);
        Snapshots.of(context).tables(item.database(), tables, sample);
        loadEarlier(context, item.database());
        // a sampled table is one part: a range of it would have to find out about all of it again
        List<ItemDraft> drafts = new PartPlanner(
                        sql, item.database(), prefix, sample.isPresent() ? Long.MAX_VALUE : context.spec().partBytes(),
                        sample.isPresent() ? Long.MAX_VALUE : share(context, item.payload(ItemData.Open.class)),
                        context.spec().reuse(), Snapshots.of(context).whole(item.database()))
                .plan(sample.map(plan -> tables.stream().map(table -> table.sized(plan.bytes(table))).toList()).orElse(tables));
        String options = options(sql, item.database());
        // nothing is listed behind the first blob: it could not be stored a second time
        lease.unlock();
        List<String> collations = collations(sql, item.database(), definitions);
        BlobRef before = store(
                context, item, prefix, choice.definitions() ? "schema" : "values", definitions, options, false, progress);
        Optional<BlobRef> after = choice.definitions()
                ? Optional.of(store(context, item, prefix, "after-data", definitions, options, true, progress))
                : Optional.empty();
        Position position = snapshot.position();
        return new ItemResult(
                before.plainBytes() + after.map(BlobRef::plainBytes).orElse(0L),
                before.storedBytes() + after.map(BlobRef::storedBytes).orElse(0L), 0,
                new ItemData.Opened(
                        position.at(), position.text(), tables.size(), drafts.size() - 1,
                        new DatabaseProperties(
                                snapshot.release().vendor().type(), options,
                                position.file(), position.offset(), position.gtid(), position.proof(),
                                position.lockMillis(),
                                (int) definitions.stream().filter(each -> each.kind() == Definition.Kind.EVENT).count(),
                                collations, spatialReferences(definitions)),
                        before, after, choice.leftOut(sample.map(SamplePlan::unfollowed).orElse(Map.of())),
                        item.payload(ItemData.Open.class).besideRestore() || BesideRestores.of(context).mayHave(item.database())),
                drafts);
    }

    /**
     * Looks for tables that were there when the snapshot was taken and are gone: the present is what is walked through. A database
     * starts again for them once; on its own snapshot it is no instant with the others any more. What is lost then, since it
     * came into a database that was read before, no later snapshot of this one brings back.
     */
    private static void requireAll(
            BackupContext context, String database, Snapshots.Opened opened, Set<String> names, TableChoice choice) {
        SortedSet<String> gone = opened.pool().tables().gone(database, names);
        gone.removeIf(name -> !choice.wants(name));
        if (!gone.isEmpty() && !opened.own()) {
            throw SnapshotPool.lost(database, "after it was taken somebody dropped or renamed " + some(gone));
        }
        gone.addAll(Snapshots.of(context).first().gone(database, names));
        gone.removeIf(name -> !choice.wants(name));
        if (!gone.isEmpty()) {
            context.warn("database \"" + database + "\": it had these tables when the backup took its first snapshot and has them no"
                    + " more, so they are not in the set: " + some(gone) + ". Was one of them not dropped, but renamed into another"
                    + " database of this backup, it may be lacking there, too: then take another backup");
        }
    }

    private static String some(SortedSet<String> names) {
        return names.stream().limit(SHOWN).collect(Collectors.joining(", "))
                + (names.size() > SHOWN ? " and " + (names.size() - SHOWN) + " more" : "");
    }

    /**
     * Bytes above which a table keeps one worker busy for so long that the others may have nothing to do at the end. Parts that later sets
     * refer to must not depend on how large everything else is.
     */
    private static long share(BackupContext context, ItemData.Open open) {
        return context.spec().reuse() || context.workers() < 2
                ? Long.MAX_VALUE
                : Math.max(LEAST_PART, open.serverBytes() / (PARTS_PER_WORKER * context.workers()));
    }

    /** Loads what may be referred to. */
    private static void loadEarlier(BackupContext context, String database) {
        context.release(PartItem.earlierKey(database));
        EarlierParts known = PartItem.earlier(context, database);
        if (context.spec().reuse()) {
            context.earlier(database).ifPresent(known::add);
        }
    }

    private static Optional<SamplePlan> sample(
            BackupContext context, String database, TableChoice choice, List<TableDefinition> tables) {
        Optional<SamplePlan> sample = context.spec().selection().sample()
                .map(wanted -> new SamplePlan(wanted, choice.catalog().orElseThrow(), database, tables));
        sample.map(SamplePlan::unfollowed).filter(keys -> !keys.isEmpty()).ifPresent(keys -> context.warn(
                "database \"" + database + "\": " + keys.size()
                        + " foreign keys could not be followed when the sample was taken; the manifest names them (leftOut)"));
        return sample;
    }

    private static BlobRef store(
            BackupContext context, WorkItem item, String prefix, String stem, List<Definition> definitions,
            String options, boolean afterData, Progress progress) {
        return context.set().write(
                BlobNames.of(prefix, stem, item.attempt(), "sql"),
                new DefinitionsSource(definitions.stream()
                        .filter(definition -> definition.kind().afterData() == afterData)
                        .sorted(Comparator.comparing(Definition::kind))
                        .iterator(), options),
                List.of(), OptionalLong.empty(), progress);
    }

    private static List<Long> spatialReferences(List<Definition> definitions) {
        return definitions.stream().filter(each -> each.kind() == Definition.Kind.SPATIAL_REFERENCE)
                .map(each -> Long.valueOf(each.name())).toList();
    }

    private static List<String> collations(Sql sql, String database, List<Definition> definitions) {
        SortedSet<String> all = new TreeSet<>(sql.listAll(
                "SELECT default_collation_name FROM information_schema.schemata WHERE schema_name = ?"
                        + " UNION SELECT table_collation FROM information_schema.tables WHERE table_schema = ?"
                        + " AND table_collation IS NOT NULL"
                        + " UNION SELECT collation_name FROM information_schema.columns WHERE table_schema = ?"
                        + " AND collation_name IS NOT NULL ORDER BY 1",
                row -> row.getString(1), database, database, database));
        definitions.stream().map(Definition::databaseCollation).filter(name -> !name.isEmpty()).forEach(all::add);
        return List.copyOf(all);
    }

    /** What SHOW CREATE DATABASE says behind the name. */
    private static String options(Sql sql, String database) {
        String quoted = Quoting.identifier(database);
        String statement =
                sql.first("SHOW CREATE DATABASE " + quoted, row -> row.getString(2)).orElseThrow();
        return statement.substring(statement.indexOf(quoted) + quoted.length()).strip();
    }
}
