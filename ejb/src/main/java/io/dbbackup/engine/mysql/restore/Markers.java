package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.MysqlErrors;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.model.BackupException;

/**
 * The table in the temporary database that says which items it has taken. Written in the transaction of the item's work: a
 * second attempt waits for the first one to end and then finds the row, so that nothing is done twice and nothing is lost.
 */
final class Markers {
    static final String TABLE = "dbbackup_restore_item";

    private Markers() {}

    static void createTable(Sql sql) {
        sql.run("CREATE TABLE " + TABLE + " (item bigint PRIMARY KEY, loaded bigint NOT NULL) ENGINE = InnoDB");
    }

    static boolean present(Sql sql, String database, long item) {
        return sql.truth("SELECT count(*) FROM " + Quoting.qualified(database, TABLE) + " WHERE item = ?", item);
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
