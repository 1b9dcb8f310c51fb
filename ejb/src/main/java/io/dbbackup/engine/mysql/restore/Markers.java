package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.MysqlErrors;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.RestoreMarks;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.StorageEngines;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.RestoreContext;
import java.util.List;
import java.util.Set;

/**
 * The table in the temporary database that says which items it has taken. Written in the transaction of the item's work: a
 * second attempt waits for the first one to end and then finds the row, so that nothing is done twice and nothing is lost.
 */
final class Markers {
    static final String TABLE = "dbbackup_restore_item";
    /** For items that load nothing. */
    static final long NO_ROWS = -1;
    /** For items that have begun what cannot be rolled back. */
    private static final long BEGUN = -2;
    /** Noted of items before they drop a database to replace it. */
    static final long REPLACES = -3;
    /** Noted of items that have done everything, although the catalog may not know it yet. */
    static final long FINISHED = -4;
    /** Between the notes of two items; these have rows of their own, since the account may insert and not update. */
    private static final long NOTES = 8;
    /** Noted of tables, by their position in the manifest, of whose rows the server has remarked something. */
    private static final long REMARKED = -5;
    private static final String INTO = RestoreMarks.INTO;

    private Markers() {}

    /**
     * Creates it in the default database.
     *
     * @throws BackupException DATABASE_WRONG on a server that makes it of an engine without transactions (enforce_storage_engine): a
     *     marker would stay there when the rows are rolled back
     */
    static void createTable(Sql sql, String database) {
        sql.run("CREATE TABLE " + TABLE + " (item bigint PRIMARY KEY, loaded bigint NOT NULL) ENGINE = InnoDB");
        String engine = TargetTables.engine(sql, database, TABLE);
        if (!StorageEngines.transactional(engine)) {
            throw new BackupException(
                    ErrorCode.DATABASE_WRONG,
                    sql.endpoint() + " makes tables of " + engine + " where InnoDB is asked for, so that nothing could say which rows are"
                            + " loaded for certain",
                    "Execute SET GLOBAL enforce_storage_engine = NULL, or = InnoDB, for as long as the restore takes, and restart it.");
        }
    }

    /** Whether a database has markers. */
    static boolean exist(Sql sql, String database) {
        return RestoreMarks.exists(sql, database, TABLE);
    }

    /** Says into which database the rows of a data-only set go, or which one gets the tables of another. Repeatable. */
    static void sign(Sql sql, String database, String name) {
        String into = Quoting.qualified(database, INTO);
        sql.run("CREATE TABLE IF NOT EXISTS " + into
                + " (name varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PRIMARY KEY) ENGINE = InnoDB");
        sql.update("INSERT IGNORE INTO " + into + " (name) VALUES (?)", name);
    }

    /** Takes {@link #sign} back. */
    static void unsign(Sql sql, String database) {
        sql.run("DROP TABLE IF EXISTS " + Quoting.qualified(database, INTO));
    }

    /**
     * Databases with the markers of unfinished runs that load rows into a database, or have begun to give its name to another one.
     *
     * @param own what the names of this run's own begin with
     */
    static List<String> others(Sql sql, String name, String own) {
        return RestoreMarks.of(sql, name).stream().filter(database -> !database.startsWith(own)).toList();
    }

    /** The failure of an item; MariaDB calls a table unknown where the whole database with the markers is gone, and nothing can go on. */
    static RuntimeException explained(RestoreContext context, RestoreTarget target, RuntimeException e) {
        boolean dataOnly = RestoreTarget.dataOnly(context);
        if (!(e instanceof BackupException failed) || !failed.problem().cause().contains(target.temporaryName())
                || !MysqlErrors.unknownTable(failed) && !(dataOnly && failed.code() == ErrorCode.UNKNOWN_DATABASE)) {
            return e;
        }
        try (Session session = Session.open(context.target(), "", "restore markers")) {
            return Databases.exists(session.sql(), target.temporaryName())
                    ? e
                    : new BackupException(
                            ErrorCode.UNKNOWN_DATABASE, failed.problem().cause(), "Somebody has dropped database " + target.temporaryName()
                                    + ", which says what was loaded. "
                                    + (dataOnly ? DataFinishItem.MARKS_GONE : "Discard the run: its restart then begins this database anew."),
                            failed);
        } catch (RuntimeException unanswered) {
            e.addSuppressed(unanswered);
            return e;
        }
    }

    /** How many parts were loaded. */
    static long parts(Sql sql, String database) {
        return sql.number("SELECT count(*) FROM " + Quoting.qualified(database, TABLE) + " WHERE loaded >= 0");
    }

    static boolean present(Sql sql, String database, long item) {
        return sql.truth("SELECT count(*) FROM " + Quoting.qualified(database, TABLE) + " WHERE item = ? AND loaded <> ?",
                item, BEGUN);
    }

    /** Whether an earlier attempt at the item may have loaded rows without a transaction, which nothing says more about. */
    static boolean begun(Sql sql, String database, long item) {
        return sql.truth("SELECT count(*) FROM " + Quoting.qualified(database, TABLE) + " WHERE item = ? AND loaded = ?", item,
                BEGUN);
    }

    /** Notes something of an item; repeatable. */
    static void note(Sql sql, String database, long item, long what) {
        take(sql, database, what - NOTES * item, what);
    }

    static boolean noted(Sql sql, String database, long item, long what) {
        return sql.truth("SELECT count(*) FROM " + Quoting.qualified(database, TABLE) + " WHERE item = ?", what - NOTES * item);
    }

    /**
     * Notes that the server has remarked something of a table's rows, which is to be found out about when all are in. Repeatable.
     *
     * @param table position in the manifest
     */
    static void remarked(Sql sql, String database, int table) {
        note(sql, database, table, REMARKED);
    }

    /** Positions of the tables of which {@link #remarked} has noted something. */
    static Set<Integer> remarked(Sql sql, String database) {
        return Set.copyOf(sql.list(
                "SELECT (? - item) DIV ? FROM " + Quoting.qualified(database, TABLE) + " WHERE loaded = ?",
                row -> row.getInt(1), REMARKED, NOTES, REMARKED));
    }

    /** Whether a database was, or is just being, dropped to be replaced by one that is not finished. */
    static boolean replacing(Sql sql, String database) {
        return sql.truth("SELECT max(loaded = ?) AND NOT max(loaded = ?) FROM " + Quoting.qualified(database, TABLE), REPLACES, FINISHED);
    }

    /** Whether one is {@link #replacing} another and has not said yet that the other is dropped, which may be there as it was. */
    static boolean dropping(Sql sql, String database) {
        String markers = Quoting.qualified(database, TABLE);
        return sql.truth("SELECT count(*) FROM " + markers + " noted WHERE loaded = ? AND NOT EXISTS (SELECT 1 FROM " + markers
                + " taken WHERE taken.item = (? - noted.item) DIV ?)", REPLACES, REPLACES, NOTES);
    }

    static void begin(Sql sql, String database, long item) {
        take(sql, database, item, BEGUN);
    }

    /** Ends what {@link #begin} has begun. */
    static void end(Sql sql, String database, long item, long rows) {
        sql.update("UPDATE " + Quoting.qualified(database, TABLE) + " SET loaded = ? WHERE item = ?", rows, item);
    }

    /** @return false when the item was committed before */
    static boolean take(Sql sql, String database, long item, long rows) {
        try {
            sql.update("INSERT INTO " + Quoting.qualified(database, TABLE) + " (item, loaded) VALUES (?, ?)", item, rows);
            return true;
        } catch (BackupException e) {
            if (MysqlErrors.duplicate(e)) {
                return false;
            }
            throw e;
        }
    }
}
