package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.MysqlErrors;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.RestoreMarks;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.spi.RestoreContext;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

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

    /** Notes those of the tables that have rows. Renamed at the end, as {@link TriggerRecord} is, so that no crash forgets it. */
    static void note(Sql sql, String temporary, TargetTables tables) {
        Map<String, String> counters = new LinkedHashMap<>();
        for (TargetTables.Table table : tables.notEmpty(sql)) {
            TargetTables.counter(sql, Quoting.qualified(tables.database(), table.name()))
                    .ifPresent(next -> counters.put(table.name(), next));
        }
        String draft = Quoting.qualified(temporary, DRAFT);
        sql.run("DROP TABLE IF EXISTS " + draft);
        sql.run("CREATE TABLE " + draft + " (name varchar(64) PRIMARY KEY, next bigint unsigned NOT NULL)"
                + " ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
        counters.forEach((name, next) -> sql.update("INSERT INTO " + draft + " VALUES (?, ?)", name, new BigInteger(next)));
        sql.run("RENAME TABLE " + draft + " TO " + Quoting.qualified(temporary, TABLE));
    }

    /** Lets the tables go on where they were; repeatable. */
    static void keep(RestoreContext context, Sql sql, RestoreTarget target) {
        Map<String, BigInteger> counters = new LinkedHashMap<>();
        sql.list("SELECT name, next FROM " + Quoting.qualified(target.temporaryName(), TABLE),
                row -> counters.put(row.getString(1), new BigInteger(row.getString(2))));
        counters.forEach((name, next) -> keep(context, sql, target, name, next));
    }

    private static void keep(RestoreContext context, Sql sql, RestoreTarget target, String name, BigInteger next) {
        String table = Quoting.qualified(target.name(), name);
        Optional<BigInteger> now = TargetTables.counter(sql, table).map(BigInteger::new);
        if (now.orElse(BigInteger.ONE).compareTo(next) >= 0) {
            return;
        }
        String statement = "ALTER TABLE " + table + " AUTO_INCREMENT = " + next;
        try {
            if (!sql.runIfPermitted(statement)) {
                context.warn("table \"" + name + "\" in database \"" + target.name() + "\" was emptied and gives numbers again that it has"
                        + " given before, since the account \"" + context.target().user() + "\" may not execute " + statement);
            }
        } catch (BackupException e) {
            if (!MysqlErrors.refusesText(e)) {
                throw e;
            }
            context.warn("table \"" + name + "\" in database \"" + target.name() + "\" was emptied and gives numbers again that it has given"
                    + " before: " + e.problem().cause());
        }
    }
}
