package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.MysqlErrors;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.RestoreMarks;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.StorageEngines;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.manifest.PartManifest;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;
import java.util.Comparator;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Gives a filled database its final name. Neither vendor can rename a database: the tables move into a new one, and what
 * cannot move, because it knows its database, is created there. Can be done again at any point: markers in the temporary
 * database say that the new one is this run's own, and that everything is done. {@link RemoveItem} drops the temporary one
 * afterwards, so that where it is gone before, nothing is taken for done.
 */
final class FinishItem {
    private static final int TABLES_AT_ONCE = 500;
    private static final int SHOWN = 20;

    private FinishItem() {}

    static ItemResult execute(RestoreContext context, WorkItem item) {
        RestoreKind.DatabaseTask task = item.payload(RestoreKind.DatabaseTask.class);
        RestoreTarget target = RestoreTarget.of(context, task.database());
        Sessions.spareOne(context);
        try (Session server = Session.open(context.target(), "", "restore");
                Cancellation.Registration stop = server.endWith(context.cancellation())) {
            Sql sql = server.sql();
            Attempts.requireOnly(sql, target.temporaryName(), target.name());
            Attempts.requireOnlyFor(sql, target.name());
            sql.run("SET SESSION foreign_key_checks = 0");
            // of finished databases, which refer to tables that get their names only now
            LenientTables.takingForeignKeys(sql);
            requireTemporary(context, sql, target, "Discard the run: its restart then begins this database anew.");
            WaitingItem.Finished left = WaitingItem.Finished.NOTHING;
            if (Markers.noted(sql, target.temporaryName(), item.id(), Markers.FINISHED)) {
                requireStill(context, sql, target);
                if (task.waits()) {
                    left = new AfterData(context, target, true).missing(sql, any -> true).left();
                }
            } else {
                boolean again = begin(context, sql, target, item.id());
                EmptyTwin.dropLeft(context, sql, target);
                move(context, sql, target);
                Waiting waiting = new AfterData(context, target, again).run();
                if (task.waits()) {
                    left = waiting.left();
                } else {
                    waiting.warn();
                }
                warnOfLooseKeys(context, target);
                AccountsItem.grantObjects(context, sql, target, !left.views().isEmpty());
                requireTables(context, sql, target, false);
                Markers.note(sql, target.temporaryName(), item.id(), Markers.FINISHED);
            }
            // others may take the name only now, and a backup may take the database for a whole one
            Markers.unsign(sql, target.temporaryName());
            return finished(target, left);
        }
    }

    /** To be followed by what drops the temporary database. */
    static ItemResult finished(RestoreTarget target, WaitingItem.Finished result) {
        return new ItemResult(0, 0, 0, result, List.of(RestorePlan.removal(target)));
    }

    /**
     * Without it nothing says what has become of the rows: a database of the final name may be the one that was to be replaced.
     *
     * @throws BackupException UNKNOWN_DATABASE when it is gone
     */
    static void requireTemporary(RestoreContext context, Sql sql, RestoreTarget target, String remedy) {
        if (!Databases.exists(sql, target.temporaryName())) {
            throw new BackupException(
                    ErrorCode.UNKNOWN_DATABASE,
                    "database " + target.temporaryName() + " is not on " + context.target() + " any more, so that nothing proves"
                            + " what was loaded for database \"" + target.name() + "\"" + (Databases.exists(sql, target.name())
                                    ? ", which is left as it is"
                                    : ", which is not there either")
                            + ": this run was discarded, and that came to no end, or somebody has dropped it",
                    remedy);
        }
    }

    private static void requireStill(RestoreContext context, Sql sql, RestoreTarget target) {
        if (!Databases.exists(sql, target.name())) {
            throw new BackupException(
                    ErrorCode.UNKNOWN_DATABASE,
                    "database \"" + target.name() + "\" was finished and is not on " + context.target() + " any more",
                    "Somebody has dropped it. To have it again, discard the run: its restart then begins this database anew.");
        }
    }

    /** Definitions are executed with foreign_key_checks = 0, which adds a key without a look at the rows that are there. */
    private static void warnOfLooseKeys(RestoreContext context, RestoreTarget target) {
        target.manifest(context).leftOut().ifPresent(left -> left.foreignKeys().forEach(key -> context.warn(
                (key.statement().isEmpty() ? "not restored: " : "restored without a check of its rows: ") + "foreign key "
                        + key.name() + " of table " + key.table() + " in database \"" + target.entry().name() + "\": "
                        + key.reason())));
    }

    /** @return whether an earlier attempt has begun before */
    private static boolean begin(RestoreContext context, Sql sql, RestoreTarget target, long item) {
        boolean again = Markers.present(sql, target.temporaryName(), item);
        if (again) {
            // an older version has not
            Markers.sign(sql, target.temporaryName(), target.name());
            DataPreflight.requireAlone(context, target, sql);
            requireTables(context, sql, target, true);
        } else {
            requireAll(context, sql, target);
            takeName(context, sql, target, item);
            Markers.take(sql, target.temporaryName(), item, Markers.NO_ROWS);
        }
        String options = target.properties(context).options();
        sql.run("CREATE DATABASE IF NOT EXISTS " + Quoting.identifier(target.name()) + " " + options);
        sql.run("ALTER DATABASE " + Quoting.identifier(target.name()) + " " + options);
        return again;
    }

    /** Signed first: of two that do so at the same time at least one sees the other. */
    private static void takeName(RestoreContext context, Sql sql, RestoreTarget target, long item) {
        Markers.sign(sql, target.temporaryName(), target.name());
        boolean exists = Databases.exists(sql, target.name());
        try {
            // since the preflight somebody may have begun to load rows into it, or to give another one its name
            DataPreflight.requireAlone(context, target, sql);
            if (exists && !Databases.mayTake(context, sql, target.name())) {
                throw new BackupException(
                        ErrorCode.DATABASE_EXISTS,
                        "database \"" + target.name() + "\" exists on " + context.target(),
                        "Restore under another name, or allow and confirm its replacement; what was restored is kept"
                                + " for a restart.");
            }
        } catch (BackupException e) {
            if (!e.code().retryable()) {
                Markers.unsign(sql, target.temporaryName());
            }
            throw e;
        }
        // one that is empty stays: somebody may be about to fill it, and nobody has allowed to drop what they do
        if (exists && Databases.mayReplace(context, target.name())) {
            Attempts.alone(sql, target.name(), () -> {
                // noted before: behind the drop nothing but the temporary database is complete
                Markers.note(sql, target.temporaryName(), item, Markers.REPLACES);
                Databases.drop(sql, target.name());
            });
        }
    }

    /**
     * What had moved may be gone: somebody has dropped the database that looked like a part of one.
     *
     * @param moving whether some may still be in the temporary database
     * @throws BackupException TABLE_MISMATCH when one is nowhere
     */
    private static void requireTables(RestoreContext context, Sql sql, RestoreTarget target, boolean moving) {
        boolean caseless = RestoreMarks.caseless(sql);
        SortedSet<String> missing = new TreeSet<>(caseless ? String.CASE_INSENSITIVE_ORDER : Comparator.naturalOrder());
        SchemaItem.read(context, target, definition -> {
            // one without rows of its own may never have been made
            if (definition.kind() == Definition.Kind.TABLE && !StorageEngines.createsNone(definition.statement())
                    || definition.kind() == Definition.Kind.SEQUENCE) {
                missing.add(definition.name());
            }
        });
        tables(sql, target.name()).forEach(missing::remove);
        if (moving) {
            tables(sql, target.temporaryName()).forEach(missing::remove);
        }
        if (!missing.isEmpty()) {
            throw new BackupException(
                    ErrorCode.TABLE_MISMATCH,
                    missing.size() + " tables had moved into database \"" + target.name() + "\" on " + context.target()
                            + " and are not there any more, somebody has dropped or renamed them: "
                            + missing.stream().limit(SHOWN).collect(Collectors.joining(", ")) + (missing.size() > SHOWN ? ", …" : ""),
                    "Discard the run: its restart then begins this database anew. Where that is refused for the tables that are left in "
                            + target.temporaryName() + ", drop it by hand before, if nobody needs them.");
        }
    }

    /**
     * A server whose innodb_flush_log_at_trx_commit is not 1 may forget in a crash what it had committed, and we believed it:
     * the markers of such parts are gone with their rows. Of tables without transactions the marker may outlive the rows,
     * so theirs are counted; others may have added some.
     */
    static void requireAll(RestoreContext context, Sql sql, RestoreTarget target) {
        long parts = target.manifest(context).tables().stream()
                .flatMap(table -> table.parts().stream()).map(PartManifest::blob).distinct().count();
        long loaded = Markers.parts(sql, target.temporaryName());
        if (loaded != parts) {
            throw new BackupException(
                    ErrorCode.ROW_COUNT_MISMATCH,
                    context.target() + " knows of " + loaded + " loaded blobs of database \"" + target.name() + "\", there were "
                            + parts,
                    "The server has lost committed transactions in a crash: set innodb_flush_log_at_trx_commit to 1 or 2"
                            + " and start a new restore.");
        }
        for (TableManifest table : target.loadedTables(context)) {
            // what was transactional is so here, too: TargetTables.loadable
            if (!table.parts().isEmpty() && !RestoreTarget.properties(table).transactional()) {
                requireRows(context, sql, target, table);
            }
        }
    }

    private static void requireRows(RestoreContext context, Sql sql, RestoreTarget target, TableManifest table) {
        long expected = table.content().rows();
        long found = sql.number("SELECT count(*) FROM " + Quoting.qualified(target.loadedName(context), table.name())
                + (RestoreTarget.properties(table).versioned() ? " FOR SYSTEM_TIME ALL" : ""));
        if (found < expected) {
            throw new BackupException(
                    ErrorCode.ROW_COUNT_MISMATCH,
                    "table " + table.name() + " of database \"" + target.name() + "\" had taken " + expected + " rows on "
                            + context.target() + ", now it has " + found,
                    "Its storage engine has lost them, as after a crash or a restart of the server: start a new restore.");
        }
    }

    private static void move(RestoreContext context, Sql sql, RestoreTarget target) {
        List<String> tables = tables(sql, target.temporaryName());
        for (int from = 0; from < tables.size(); from += TABLES_AT_ONCE) {
            try {
                sql.run(tables.subList(from, Math.min(tables.size(), from + TABLES_AT_ONCE)).stream()
                        .map(table -> Quoting.qualified(target.temporaryName(), table) + " TO "
                                + Quoting.qualified(target.name(), table))
                        .collect(Collectors.joining(", ", "RENAME TABLE ", "")));
            } catch (BackupException e) {
                throw MysqlErrors.refusesKey(e) ? KeysInTheWay.named(context, sql, target, e) : e;
            }
        }
    }

    /** Tables and sequences of a database, without our markers: of the temporary one those that are still there. */
    static List<String> tables(Sql sql, String database) {
        return sql.list(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = ? AND table_type <> 'VIEW'"
                        + " AND table_name NOT IN (?, ?) ORDER BY table_name",
                row -> row.getString(1), database, Markers.TABLE, RestoreMarks.INTO);
    }
}
