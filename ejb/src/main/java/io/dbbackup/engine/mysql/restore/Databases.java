package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.MysqlErrors;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.RestoreContext;
import java.util.List;
import java.util.UUID;

/** Finding and dropping databases of the target. */
final class Databases {
    private Databases() {}

    static boolean exists(Sql sql, String name) {
        return sql.truth("SELECT count(*) FROM information_schema.schemata WHERE schema_name = ?", name);
    }

    /** Those that a run's unfinished databases are in. */
    static List<String> temporary(Sql sql, UUID run) {
        String prefix = RestoreTarget.prefix(run);
        return sql.list(
                "SELECT schema_name FROM information_schema.schemata WHERE left(schema_name, ?) = ? ORDER BY 1",
                row -> row.getString(1), prefix.length(), prefix);
    }

    /** Whether there is nothing in it that could be lost. */
    static boolean empty(Sql sql, String name) {
        return !sql.truth("SELECT (SELECT count(*) FROM information_schema.tables WHERE table_schema = ?)"
                + " + (SELECT count(*) FROM information_schema.routines WHERE routine_schema = ?)"
                + " + (SELECT count(*) FROM information_schema.events WHERE event_schema = ?)", name, name, name);
    }

    /** Whether a database that exists on the target may be taken: replaced as somebody has confirmed, or filled, since it is empty. */
    static boolean mayTake(RestoreContext context, Sql sql, String name) {
        return mayReplace(context, name) || empty(sql, name);
    }

    static boolean mayReplace(RestoreContext context, String name) {
        return context.spec().clean() && context.spec().confirmed().contains(name);
    }

    /** @throws BackupException DATABASE_DIRECTORY_NOT_EMPTY when files of nobody keep it; or of the server */
    static void drop(Sql sql, String name) {
        try {
            sql.run("DROP DATABASE IF EXISTS " + Quoting.identifier(name));
        } catch (BackupException e) {
            if (!MysqlErrors.directoryNotEmpty(e)) {
                throw e;
            }
            throw new BackupException(
                    ErrorCode.DATABASE_DIRECTORY_NOT_EMPTY,
                    "database \"" + name + "\" on " + sql.endpoint() + " cannot be dropped: its directory below "
                            + sql.text("SELECT @@datadir") + " holds files that belong to none of its tables, such as the …-….BAK that Aria and"
                            + " MyISAM keep of a table that they have repaired: " + Quoted.reason(e),
                    "Move these files out of that directory, on the machine of the database server, then restart the run or discard it again.",
                    e);
        }
    }

    /** Creates a database with the collation of another one. */
    static void createLike(Sql sql, String name, String other) {
        sql.run("CREATE DATABASE " + Quoting.identifier(name) + " COLLATE " + Quoting.identifier(collation(sql, other)));
    }

    /** Which a database gives to what is created in it. */
    static String collation(Sql sql, String name) {
        return sql.text(
                // names may be equal for this comparison and yet be two
                "SELECT default_collation_name FROM information_schema.schemata WHERE schema_name = ?"
                        + " ORDER BY CAST(schema_name AS BINARY) = CAST(? AS BINARY) DESC LIMIT 1", name, name);
    }

    /** Drops a database that only this product can have created, and in which nothing is noted that somebody still needs. */
    static void dropTemporary(Sql sql, String name) {
        if (!name.startsWith(RestoreTarget.PREFIX)) {
            throw new IllegalArgumentException("not a temporary database: " + name);
        }
        if (TriggerRecord.exists(sql, name)) {
            throw new BackupException(
                    ErrorCode.DATABASE_EXISTS,
                    "database " + name + " on " + sql.endpoint() + " holds the triggers that a restore has suspended",
                    "Discard that run, which creates them again.");
        }
        drop(sql, name);
    }
}
