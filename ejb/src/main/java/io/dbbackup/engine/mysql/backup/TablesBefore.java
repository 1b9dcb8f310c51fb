package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.Sql;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * When the tables of a server were made or came by their names, as of right before a snapshot. Definitions are read later, perhaps much
 * later: a table that took another one's name in between (RENAME TABLE, as tools for online changes do) is read without an
 * error, and as the rows that the snapshot has of it, which may be few. Thread-safe.
 */
final class TablesBefore {
    private final Map<String, Map<String, String>> created = new ConcurrentHashMap<>();

    private TablesBefore() {}

    /** @param databases those of interest; empty for all */
    static TablesBefore of(Sql sql, List<String> databases) {
        TablesBefore tables = new TablesBefore();
        if (databases.isEmpty()) {
            tables.read(sql, "CAST(table_schema AS BINARY) NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')");
        }
        // one by one: MariaDB would open the tables and views of all others, too, if the name were not a constant
        databases.forEach(name -> tables.read(sql, "table_schema = ?", name));
        return tables;
    }

    private void read(Sql sql, String condition, Object... parameters) {
        sql.list(
                "SELECT table_schema, table_name, coalesce(create_time, '') FROM information_schema.tables WHERE " + condition
                        + " AND engine = 'InnoDB'",
                row -> created.computeIfAbsent(row.getString(1), name -> new HashMap<>()).put(row.getString(2), row.getString(3)),
                parameters);
    }

    /**
     * Compares with what a database that is being opened has. What it has new is no concern: the snapshot does not know it, or
     * knows it under another name. May be asked again: an opening that failed for another reason is repeated with the same snapshot.
     *
     * @throws io.dbbackup.model.BackupException SNAPSHOT_LOST
     */
    void requireSame(String database, List<TableDefinition> now) {
        Map<String, String> before = created.get(database);
        if (before == null) {
            return;
        }
        for (TableDefinition table : now) {
            if (!before.getOrDefault(table.name(), table.created()).equals(table.created())) {
                throw SnapshotPool.lost(
                        database, "table " + table.name() + " was changed, or another one took its name, after it was taken");
            }
        }
    }
}
