package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.Vendor;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * When the tables of a server were made or came by their names, as of right before a snapshot. Definitions are read later, perhaps much
 * later: a table that took another one's name in between (RENAME TABLE, as tools for online changes do) is read without an
 * error, and as the rows that the snapshot has of it, which may be few. Of tables that were made in the same second InnoDB's numbers
 * tell, to whoever may read them. Thread-safe.
 */
final class TablesBefore {
    private final Map<String, Map<String, String>> created = new ConcurrentHashMap<>();

    private final Vendor vendor;
    private final TableIds ids;

    private TablesBefore(Vendor vendor, TableIds ids) {
        this.vendor = vendor;
        this.ids = ids;
    }

    /** @param databases those of interest; empty for all */
    static TablesBefore of(Sql sql, Vendor vendor, List<String> databases) {
        TablesBefore tables = new TablesBefore(vendor, TableIds.read(sql, vendor, databases));
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
                        + " AND table_type <> 'VIEW'",
                row -> created.computeIfAbsent(row.getString(1), name -> new HashMap<>()).put(row.getString(2), row.getString(3)),
                parameters);
    }

    /**
     * Tables and sequences that a database had and has no more. Whoever walks through what is there misses none of them.
     *
     * @param now the names of all that it has
     */
    SortedSet<String> gone(String database, Collection<String> now) {
        SortedSet<String> gone = new TreeSet<>(created.getOrDefault(database, Map.of()).keySet());
        gone.removeAll(now);
        return gone;
    }

    /**
     * Compares with what a database that is being opened has. What was made since is no concern: the snapshot does not know it. What
     * has only come here since, from another database, MariaDB shows here although it was there, where it may have been read
     * already (MySQL lists the tables of the snapshot). May be asked again: an opening that failed for another reason is repeated with the same snapshot.
     *
     * @param present session that sees the present, not the snapshot
     * @throws io.dbbackup.model.BackupException SNAPSHOT_LOST
     */
    void requireSame(Sql present, String database, Collection<TableDefinition> now) {
        if (now.isEmpty()) {
            return;
        }
        Map<String, String> before = created.getOrDefault(database, Map.of());
        Map<String, String> times = times(present, database);
        for (TableDefinition table : now) {
            String time = times.getOrDefault(table.name(), "");
            if (table.transactional() && !before.getOrDefault(table.name(), time).equals(time)) {
                throw SnapshotPool.lost(
                        database, "table " + table.name() + " was changed, or another one took its name, after it was taken");
            }
        }
        if (ids == TableIds.UNKNOWN) {
            return;
        }
        TableIds current = TableIds.read(present, vendor, List.of(database));
        for (TableDefinition table : now) {
            if (table.transactional() && !before.containsKey(table.name()) && current.hasComeSince(ids, database, table.name())) {
                throw SnapshotPool.lost(
                        database, "table " + table.name() + " came from another database, or had another name, when it was taken");
            }
        }
        requireSameIds(present, database, now, current);
    }

    private static Map<String, String> times(Sql sql, String database) {
        Map<String, String> times = new HashMap<>();
        sql.list(
                "SELECT table_name, coalesce(create_time, '') FROM information_schema.tables WHERE table_schema = ?",
                row -> times.put(row.getString(1), row.getString(2)), database);
        return times;
    }

    /**
     * Finds what the times do not tell; to be asked when all rows are read, since each part compares times only. A table that was
     * made in another second than the one whose name it took was found by its parts, or came when they were read already; one that was made
     * after the snapshot, as by TRUNCATE, cannot be read in it.
     *
     * @param present session that sees the present, not the snapshot
     * @param now the tables as they were when the database was opened
     * @throws io.dbbackup.model.BackupException SNAPSHOT_LOST
     */
    void requireSameIds(Sql present, String database, Collection<TableDefinition> now) {
        if (ids == TableIds.UNKNOWN || now.isEmpty()) {
            return;
        }
        requireSameIds(present, database, now, TableIds.read(present, vendor, List.of(database)));
    }

    private void requireSameIds(Sql present, String database, Collection<TableDefinition> now, TableIds current) {
        List<TableDefinition> others = now.stream()
                .filter(table -> table.transactional() && current.isAnotherOf(ids, database, table.name()))
                .toList();
        if (others.isEmpty()) {
            return;
        }
        Map<String, String> times = times(present, database);
        for (TableDefinition table : others) {
            if (table.created().equals(times.get(table.name()))) {
                throw SnapshotPool.lost(database, "another table, made in the same second, took the name of " + table.name());
            }
        }
    }
}
