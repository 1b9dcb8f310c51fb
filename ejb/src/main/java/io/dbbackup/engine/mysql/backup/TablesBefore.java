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
    private final long alterations;

    private TablesBefore(Vendor vendor, TableIds ids, long alterations) {
        this.vendor = vendor;
        this.ids = ids;
        this.alterations = alterations;
    }

    /** @param databases those of interest; empty for all */
    static TablesBefore of(Sql sql, Vendor vendor, List<String> databases) {
        TablesBefore tables = new TablesBefore(vendor, TableIds.before(sql, vendor, databases), alterations(sql));
        if (databases.isEmpty()) {
            tables.read(sql, "CAST(table_schema AS BINARY) NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')");
        }
        // one by one: MariaDB would open the tables and views of all others, too, if the name were not a constant
        databases.forEach(name -> tables.read(sql, "table_schema = ?", name));
        return tables;
    }

    /**
     * How often somebody has executed what can give a table the rows of another one, on the whole server since its start. Everybody may
     * ask that. The servers count when such a statement begins.
     */
    private static long alterations(Sql sql) {
        return sql.list("SHOW GLOBAL STATUS WHERE variable_name IN ('Com_alter_table', 'Com_rename_table')", row -> row.getLong(2))
                .stream().mapToLong(Long::longValue).sum();
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
        requireSameFiles(database, now, current);
    }

    /**
     * Finds what reading does not tell: a partition exchanged with a table, an imported tablespace (ALTER TABLE … IMPORT TABLESPACE), whose rows
     * every snapshot shows. To be asked while the names are locked by the reading.
     *
     * @param present session that sees the present, not the snapshot
     * @throws io.dbbackup.model.BackupException SNAPSHOT_LOST
     */
    void requireSameFiles(Sql present, String database, Collection<TableDefinition> read) {
        if (ids == TableIds.UNKNOWN || read.isEmpty()) {
            return;
        }
        requireSameFiles(database, read, read.size() == 1
                ? TableIds.read(present, vendor, database, read.iterator().next().name())
                : TableIds.read(present, vendor, List.of(database)));
    }

    private void requireSameFiles(String database, Collection<TableDefinition> read, TableIds current) {
        read.stream().filter(table -> table.transactional() && current.differsFrom(ids, database, table.name())).findFirst()
                .ifPresent(table -> {
                    throw SnapshotPool.lost(database, "table " + table.name() + " was built anew, or got the rows of another one (EXCHANGE"
                            + " PARTITION, IMPORT TABLESPACE, RENAME TABLE), after it was taken");
                });
    }

    /**
     * Whether tables may have got the rows of others without that anybody would have noticed: without InnoDB's numbers only that nobody
     * has begun such a statement proves that there was none.
     *
     * @param present session that sees the present, not the snapshot
     */
    boolean doubtful(Sql present) {
        return ids == TableIds.UNKNOWN && alterations(present) != alterations;
    }

    private static Map<String, String> times(Sql sql, String database) {
        Map<String, String> times = new HashMap<>();
        sql.list(
                "SELECT table_name, coalesce(create_time, '') FROM information_schema.tables WHERE table_schema = ?",
                row -> times.put(row.getString(1), row.getString(2)), database);
        return times;
    }

    /**
     * Finds what parts cannot know of the tables of others; to be asked when all rows are read, since the part of a sample reads more tables
     * than its own. One that was made after the snapshot, as by TRUNCATE, came when all was read, or a part found it.
     *
     * @param present session that sees the present, not the snapshot
     * @param now the tables as they were when the database was opened
     * @throws io.dbbackup.model.BackupException SNAPSHOT_LOST
     */
    void requireSameIds(Sql present, String database, Collection<TableDefinition> now) {
        if (ids == TableIds.UNKNOWN || now.isEmpty()) {
            return;
        }
        TableIds current = TableIds.read(present, vendor, List.of(database));
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
