package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.RestoreMarks;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.Discarded;
import io.dbbackup.spi.ItemDraft;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.LogicalRestore;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Restores MySQL and MariaDB databases from a set of the logical backup. Thread-safe, without state of its own.
 *
 * <p>Per database, independently of the others: tables with their primary keys in a database under a temporary name, parts
 * in parallel, the other keys of a table as soon as its rows are in, then the final name and everything that belongs to it.
 */
public final class MysqlLogicalRestore implements LogicalRestore {
    @Override
    public void preflight(RestoreContext context) {
        new RestorePreflight(context).check();
    }

    @Override
    public List<ItemDraft> plan(RestoreContext context) {
        return new RestorePlan(context).restore();
    }

    @Override
    public List<ItemDraft> planComparison(RestoreContext context) {
        return new RestorePlan(context).comparison();
    }

    @Override
    public List<ItemDraft> planEnd(RestoreContext context, List<ItemDraft> others) {
        return new RestorePlan(context).end(others);
    }

    /**
     * Finished databases have their final names and stay, as do rows in tables that were there before. Triggers of these that were
     * suspended come back; where one cannot, its database is kept and the others are dropped all the same.
     */
    @Override
    public Discarded discard(Endpoint target, UUID run) {
        try (Session session = Session.open(target, "", "discard")) {
            List<String> names = Databases.temporary(session.sql(), run);
            List<String> triggers = new ArrayList<>();
            List<String> losses = new ArrayList<>();
            Optional<BackupException> failure = Optional.empty();
            for (String name : names) {
                try {
                    discard(session.sql(), name, run, losses).forEach(trigger -> triggers.add(trigger.toString()));
                } catch (BackupException e) {
                    failure = failure.or(() -> Optional.of(e));
                }
            }
            failure.ifPresent(e -> {
                throw withLosses(e, losses);
            });
            return new Discarded(names, triggers, losses);
        }
    }

    /**
     * Suspended triggers come back; where one cannot, the marks are kept. Marks that are not signed yet, or not any more, hold nothing
     * that could be lost: they go with any database, and first, so that when they cannot go this one's are still there.
     */
    @Override
    public Discarded discardRows(Endpoint target, UUID run, String database) {
        try (Session session = Session.open(target, "", "discard")) {
            Sql sql = session.sql();
            List<String> nobodys = new ArrayList<>();
            List<String> own = new ArrayList<>();
            for (String name : Databases.temporary(sql, run)) {
                String into = RestoreMarks.into(sql, name);
                if (into.isEmpty()) {
                    nobodys.add(name);
                } else if (into.equals(database)) {
                    own.add(name);
                }
            }
            List<String> names = Stream.concat(nobodys.stream(), own.stream()).toList();
            List<String> triggers = new ArrayList<>();
            List<String> losses = new ArrayList<>();
            try {
                for (String name : names) {
                    discard(sql, name, run, losses).forEach(trigger -> triggers.add(trigger.toString()));
                }
            } catch (BackupException e) {
                throw withLosses(e, losses);
            }
            return new Discarded(names, triggers, losses);
        }
    }

    /** Where the discard fails nobody else tells them. */
    private static BackupException withLosses(BackupException e, List<String> losses) {
        return losses.isEmpty()
                ? e
                : new BackupException(
                        e.code(), e.problem().cause() + ". Before: " + String.join("; ", losses), e.problem().remedy(), e);
    }

    private static List<Trigger> discard(Sql sql, String name, UUID run, List<String> losses) {
        Attempts.requireOnly(sql, name, name);
        // since somebody has asked for that, an attempt may have gone on
        requireOtherCopy(sql, name, "the database that it replaces");
        SuspendedTriggers triggers = new SuspendedTriggers(sql.endpoint(), sql, name);
        triggers.requireOf(run);
        String into = RestoreMarks.into(sql, name);
        if (!into.isEmpty() && TargetCounters.noted(sql, name)) {
            TargetCounters.keep(sql, name, into, losses::add);
        }
        // last: what fails behind it leaves triggers that a restart does not expect
        List<Trigger> back = triggers.resume();
        Databases.dropTemporary(sql, name);
        return back;
    }

    /**
     * From the drop of the database that is replaced until the last table has moved into its successor the temporary one holds what is
     * nowhere else: whatever stands under the final name meanwhile is a part, or empty.
     */
    @Override
    public void requireDiscardable(Endpoint target, UUID run, Map<Long, String> finishing) {
        try (Session session = Session.open(target, "", "discard")) {
            Sql sql = session.sql();
            for (String temporary : Databases.temporary(sql, run)) {
                Attempts.requireOnly(sql, temporary, temporary);
            }
            for (String temporary : marked(sql, run)) {
                finishing.forEach((item, name) -> {
                    if (Markers.noted(sql, temporary, item, Markers.REPLACES)) {
                        requireOtherCopy(sql, temporary, "database \"" + name + "\"");
                    }
                });
            }
        }
    }

    private static void requireOtherCopy(Sql sql, String temporary, String replaced) {
        if (Markers.exist(sql, temporary) && Markers.replacing(sql, temporary) && !FinishItem.tables(sql, temporary).isEmpty()) {
            String old = RestoreMarks.into(sql, temporary);
            if (Markers.dropping(sql, temporary) && !old.isEmpty() && !FinishItem.tables(sql, old).isEmpty()) {
                throw new BackupException(
                        ErrorCode.CONFIRMATION_REQUIRED,
                        replaced + " on " + sql.endpoint() + " was to be dropped and replaced, and nothing says how far that came: it has tables,"
                                + " perhaps not all of them, and a complete copy of the set's is in database " + temporary + ", which discard"
                                + " would drop",
                        "Restart the run, which replaces it. Or look whether all is there that was in it; if so, drop " + temporary
                                + " by hand, then discard the run.");
            }
            throw new BackupException(
                    ErrorCode.CONFIRMATION_REQUIRED,
                    replaced + " on " + sql.endpoint() + " was dropped to be replaced, and its successor does not hold all tables yet: the"
                            + " only complete copy there is that in database " + temporary + ", which discard would drop",
                    "Restart the run, which finishes it. Or move the tables that are left into it by hand (CREATE DATABASE if it is not"
                            + " there; RENAME TABLE " + temporary + ".… TO …); or, if nobody needs them, drop " + temporary
                            + " by hand. Then discard the run.");
        }
    }

    private static List<String> marked(Sql sql, UUID run) {
        return Databases.temporary(sql, run).stream().filter(name -> Markers.exist(sql, name)).toList();
    }

    /**
     * Tables move into the final database one statement after the other, and views, routines and triggers are created there: who
     * is killed meanwhile leaves a part of them. The marker of the finishing item tells such a database from one that somebody else has made.
     */
    @Override
    public List<String> halfFinished(Endpoint target, UUID run, Map<Long, String> finishing) {
        try (Session session = Session.open(target, "", "discard")) {
            Sql sql = session.sql();
            List<String> marked = marked(sql, run);
            return finishing.entrySet().stream()
                    .filter(item -> marked.stream().anyMatch(
                            name -> Markers.present(sql, name, item.getKey())
                                    && !Markers.noted(sql, name, item.getKey(), Markers.FINISHED)))
                    .map(Map.Entry::getValue)
                    .filter(name -> Databases.exists(sql, name) && !Databases.empty(sql, name))
                    .sorted()
                    .toList();
        }
    }

    @Override
    public String comparisonKind() {
        return RestoreKind.COMPARE;
    }

    @Override
    public String finishKind() {
        return RestoreKind.FINISH;
    }

    @Override
    public Optional<String> eventsKind() {
        return Optional.of(RestoreKind.EVENTS);
    }

    @Override
    public Optional<String> rowsOnlyKind() {
        return Optional.of(RestoreKind.REFERENCES);
    }

    @Override
    public void warnOfLacks(RestoreContext context) {
        WaitingItem.warnOfLeft(context);
    }

    @Override
    public ItemResult execute(RestoreContext context, WorkItem item, Progress progress) {
        context.cancellation().check();
        try {
            return executed(context, item, progress);
        } catch (RuntimeException e) {
            // whatever a stop breaks off says what broke, which is not the reason
            context.cancellation().check();
            throw e;
        }
    }

    private static ItemResult executed(RestoreContext context, WorkItem item, Progress progress) {
        return switch (item.kind()) {
            case RestoreKind.CHOOSE -> AccountsItem.choose(context, item);
            case RestoreKind.ACCOUNTS -> AccountsItem.create(context);
            case RestoreKind.WAITING -> WaitingItem.execute(context);
            case RestoreKind.EVENTS -> EventsItem.execute(context, item);
            case RestoreKind.SCHEMA -> RestoreTarget.dataOnly(context)
                    ? DataPrepareItem.execute(context, item)
                    : SchemaItem.execute(context, item);
            case RestoreKind.DATA -> DataItem.execute(context, item, progress);
            case RestoreKind.KEYS -> KeysItem.execute(context, item);
            case RestoreKind.REFERENCES -> ReferencesItem.execute(context, item);
            case RestoreKind.FINISH -> RestoreTarget.dataOnly(context)
                    ? DataFinishItem.execute(context, item)
                    : FinishItem.execute(context, item);
            case RestoreKind.ACROSS -> AcrossItem.execute(context, item);
            case RestoreKind.REMOVE -> RemoveItem.execute(context, item);
            case RestoreKind.COMPARE -> CompareItem.execute(context, item, progress);
            default -> throw item.unknownKind();
        };
    }
}
