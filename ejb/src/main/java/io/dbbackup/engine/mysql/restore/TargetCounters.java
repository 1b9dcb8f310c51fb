package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.MysqlErrors;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.RestoreMarks;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The table in the temporary database with what tables of others have counted up to before they are emptied: TRUNCATE forgets it, and the
 * numbers that were given may be known elsewhere. It is there, whole, before the first one is emptied, so that whoever goes on for somebody who
 * was killed in between still knows. To be called under the lock of {@link Attempts}.
 */
final class TargetCounters {
    static final String TABLE = "dbbackup_restore_counter";
    private static final String DRAFT = TABLE + "_draft";

    private TargetCounters() {}

    static boolean noted(Sql sql, String temporary) {
        return RestoreMarks.exists(sql, temporary, TABLE);
    }

    /**
     * Notes those of all tables, also of empty ones, into which somebody may write before they are looked at again. Renamed at the end, as
     * {@link TriggerRecord} is, so that no crash forgets it.
     */
    static void note(Sql sql, String temporary, TargetTables tables) {
        Map<String, String> counters = new LinkedHashMap<>();
        for (TargetTables.Table table : tables.tables().values()) {
            TargetTables.counter(sql, Quoting.qualified(tables.database(), table.name()))
                    .ifPresent(next -> counters.put(table.name(), next));
        }
        String draft = Quoting.qualified(temporary, DRAFT);
        sql.run("DROP TABLE IF EXISTS " + draft);
        sql.run("CREATE TABLE " + draft + " (name varchar(64), next bigint unsigned, PRIMARY KEY (name, next))"
                + " ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
        counters.forEach((name, next) -> sql.update("INSERT INTO " + draft + " VALUES (?, ?)", name, new BigInteger(next)));
        sql.run("RENAME TABLE " + draft + " TO " + Quoting.qualified(temporary, TABLE));
    }

    /**
     * Notes how far a table has come since, perhaps behind a kill; to be called right before it is emptied. Beside the first note,
     * since the account may insert and not update.
     */
    static void raise(Sql sql, String temporary, String database, TargetTables.Table table) {
        TargetTables.counter(sql, Quoting.qualified(database, table.name())).map(BigInteger::new).ifPresent(next -> sql.update(
                "INSERT IGNORE INTO " + Quoting.qualified(temporary, TABLE) + " VALUES (?, ?)", table.name(), next));
    }

    /**
     * Lets the tables of a database go on where they were; repeatable.
     *
     * @param warnings takes what keeps one from that
     */
    static void keep(Sql sql, String temporary, String database, Consumer<String> warnings) {
        Map<String, BigInteger> counters = new LinkedHashMap<>();
        sql.list("SELECT name, max(next) FROM " + Quoting.qualified(temporary, TABLE) + " GROUP BY name",
                row -> counters.put(row.getString(1), new BigInteger(row.getString(2))));
        counters.forEach((name, next) -> {
            try {
                keep(sql, Quoting.qualified(database, name), next);
            } catch (BackupException e) {
                if (e.code() != ErrorCode.DATABASE_PRIVILEGE_MISSING && !MysqlErrors.refusesText(e)) {
                    throw e;
                }
                if (MysqlErrors.unknownTable(e) || e.code() == ErrorCode.UNKNOWN_DATABASE) {
                    // it gives no numbers at all
                    return;
                }
                warnings.accept("table \"" + name + "\" in database \"" + database + "\" was emptied and gives numbers again that it has"
                        + " given before, from 1 instead of " + next + " on: " + e.problem().cause());
            }
        });
    }

    private static void keep(Sql sql, String table, BigInteger next) {
        BigInteger now = TargetTables.counter(sql, table).map(BigInteger::new).orElse(BigInteger.ONE);
        if (now.compareTo(next) < 0) {
            sql.run("ALTER TABLE " + table + " AUTO_INCREMENT = " + next);
        }
    }
}
