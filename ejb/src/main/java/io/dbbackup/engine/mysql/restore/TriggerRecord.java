package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.RestoreMarks;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;

/**
 * The table in the temporary database with the triggers that a data-only restore drops until its rows are in. It is there, whole,
 * before the first one is dropped and until the last one is back: while it exists, nothing drops the database.
 *
 * @param run whose it is
 * @param database where the triggers belong
 * @param triggers in the order in which they are created again
 */
record TriggerRecord(UUID run, String database, List<Trigger> triggers) {
    static final String TABLE = RestoreMarks.TRIGGERS;
    private static final String DRAFT = TABLE + "_draft";

    static boolean exists(Sql sql, String temporary) {
        return RestoreMarks.exists(sql, temporary, TABLE);
    }

    /**
     * Writes it, reads it back and gives it its name. Renaming is a change of definitions, for which the server writes its log to the disk
     * whatever {@code innodb_flush_log_at_trx_commit} says: MariaDB, whose triggers are files, could else lose in a crash what was
     * noted, and not what was dropped.
     */
    void publish(Sql sql, String temporary) {
        String draft = Quoting.qualified(temporary, DRAFT);
        sql.run("DROP TABLE IF EXISTS " + draft);
        sql.run("CREATE TABLE " + draft + " (n int PRIMARY KEY, run char(36) NOT NULL, in_database varchar(64) NOT NULL,"
                + " on_table varchar(64) NOT NULL, name varchar(64) NOT NULL, event varchar(16) NOT NULL, timing varchar(16) NOT NULL,"
                + " definer text NOT NULL, sql_mode text NOT NULL, client varchar(64) NOT NULL, connection_collation varchar(64)"
                + " NOT NULL, database_collation varchar(64) NOT NULL, statement longblob NOT NULL)"
                + " ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
        for (int i = 0; i < triggers.size(); i++) {
            Trigger trigger = triggers.get(i);
            Trigger.Form form = trigger.form();
            sql.update(
                    "INSERT INTO " + draft + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", i, run.toString(), database,
                    trigger.table(), trigger.name(), trigger.event(), trigger.timing(), trigger.definer(), form.sqlMode(),
                    form.client(), form.connection(), form.database(), form.text().getBytes(StandardCharsets.ISO_8859_1));
        }
        if (!read(sql, temporary, DRAFT).equals(this)) {
            throw new BackupException(
                    ErrorCode.DATABASE_STATEMENT_FAILED,
                    "triggers of database \"" + database + "\" on " + sql.endpoint() + " that were noted read differently: "
                            + Trigger.some(triggers),
                    "Nothing was changed; look at the log of the database server, and drop and create these triggers yourself.");
        }
        sql.run("RENAME TABLE " + draft + " TO " + Quoting.qualified(temporary, TABLE));
    }

    static TriggerRecord read(Sql sql, String temporary) {
        return read(sql, temporary, TABLE);
    }

    private static TriggerRecord read(Sql sql, String temporary, String table) {
        UUID[] run = new UUID[] {new UUID(0, 0)};
        String[] database = new String[] {""};
        List<Trigger> triggers = sql.list(
                "SELECT run, in_database, on_table, name, event, timing, definer, sql_mode, client, connection_collation,"
                        + " database_collation, statement FROM " + Quoting.qualified(temporary, table) + " ORDER BY n",
                row -> {
                    run[0] = UUID.fromString(row.getString(1));
                    database[0] = row.getString(2);
                    return new Trigger(
                            row.getString(3), row.getString(4), row.getString(5), row.getString(6), row.getString(7),
                            new Trigger.Form(
                                    row.getString(8), row.getString(9), row.getString(10), row.getString(11),
                                    new String(row.getBytes(12), StandardCharsets.ISO_8859_1)));
                });
        return new TriggerRecord(run[0], database[0], triggers);
    }

    /** To be called when all of them are back. */
    static void remove(Sql sql, String temporary) {
        sql.run("DROP TABLE IF EXISTS " + Quoting.qualified(temporary, TABLE));
    }

    /** How somebody does without one of them. */
    static String forget(String temporary, Trigger trigger) {
        return "DELETE FROM " + Quoting.qualified(temporary, TABLE) + " WHERE name = " + Quoting.literal(trigger.name());
    }
}
