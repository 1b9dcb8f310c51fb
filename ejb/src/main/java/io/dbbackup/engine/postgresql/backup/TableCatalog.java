package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.postgresql.RestoreMarks;
import io.dbbackup.engine.postgresql.Sql;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Lists tables as pg_dump would choose them, in the snapshot of the session that asks. */
final class TableCatalog {
    /**
     * Ordinary tables with rows of their own, partitions and inheritance parents and children alike; of extensions only
     * the configuration tables. Partitioned parents have no rows, foreign tables have theirs elsewhere.
     */
    private static final String TABLES = """
            FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_am am ON am.oid = c.relam
            LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
                 AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
            LEFT JOIN pg_extension e ON e.oid = d.refobjid
            WHERE c.relkind = 'r' AND c.relpersistence <> 't'
              AND CASE WHEN e.oid IS NULL THEN""" + RestoreMarks.OTHERS + """
                       ELSE c.oid = ANY (e.extconfig) END
            """;

    /**
     * Whether pg_class {@code c} belongs to a tree that is partitioned somewhere by the hash of an enum, as pg_dump asks
     * it.
     */
    static final String ROUTED = """
            (c.relispartition AND EXISTS (
                SELECT FROM pg_partition_ancestors(c.oid) a
                JOIN pg_partitioned_table p ON p.partrelid = a.relid
                JOIN pg_opclass o ON o.oid = ANY (p.partclass)
                WHERE p.partstrat = 'h' AND o.opcname = 'enum_ops'))
            """;

    private TableCatalog() {}

    /** By how many the tables of a manifest are fewer than these. */
    static long mergedPartitions(Sql sql, List<TableListing> tables) {
        return sql.number(
                "SELECT count(*) - count(DISTINCT pg_partition_root(c.oid)) FROM pg_class c"
                        + " WHERE c.oid = ANY (?::oid[]) AND " + ROUTED,
                (Object) tables.stream().map(TableListing::oid).toArray(Long[]::new));
    }

    /**
     * All tables, not yet measured, by what the statistics call large first; those that are empty on a standby by
     * nature (UNLOGGED) are left out when {@code standby}.
     */
    static List<TableListing> list(Sql sql, boolean standby) {
        return sql.list(
                """
                SELECT c.oid, n.nspname, c.relname, coalesce(am.amname = 'heap', false), c.relfilenode
                """ + TABLES + (standby ? " AND c.relpersistence <> 'u'" : "") + " ORDER BY c.relpages DESC, c.oid",
                row -> new TableListing(
                        row.getLong(1),
                        row.getString(2),
                        row.getString(3),
                        row.getBoolean(4),
                        0,
                        0,
                        row.getLong(5)));
    }

    /**
     * The same tables with their sizes; a dropped one has none. Asking for a size waits as long as the table is locked
     * exclusively: either hold a lock or have a lock_timeout.
     */
    static List<TableListing> measure(Sql sql, List<TableListing> tables) {
        Map<Long, long[]> sizes = new HashMap<>();
        sql.list(
                """
                SELECT c.oid, coalesce(pg_relation_size(c.oid), 0),
                       coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)), 0),
                       current_setting('block_size')::int
                FROM pg_class c WHERE c.oid = ANY (?::oid[])
                """,
                row -> sizes.put(
                        row.getLong(1), new long[] {row.getLong(2) + row.getLong(3), row.getLong(2) / row.getLong(4)}),
                (Object) tables.stream().map(TableListing::oid).toArray(Long[]::new));
        return tables.stream().map(table -> table.sized(sizes.get(table.oid())[0], sizes.get(table.oid())[1])).toList();
    }

    /** How many locks the server has room for. */
    static long lockCapacity(Sql sql) {
        return sql.number("""
                SELECT current_setting('max_locks_per_transaction')::bigint
                       * (current_setting('max_connections')::bigint
                          + current_setting('max_prepared_transactions')::bigint)
                """);
    }

    static long unloggedTables(Sql sql) {
        return sql.number("SELECT count(*) " + TABLES + " AND c.relpersistence = 'u'");
    }

    /**
     * Tables that are no longer what the snapshot saw: truncated, rewritten, dropped, moved or renamed. Names are resolved in the
     * present, even in a transaction that sees a snapshot, so that another table would be read in the place of one whose name
     * it has taken, and seem empty when its rows are younger. What is asked here the server answers from the present, too: as
     * far as this session knows it, which hears of a table when it locks it, and of a renamed schema at the latest with the
     * next lock of anything.
     *
     * @return names of some of them as the snapshot has them, quoted
     */
    static List<String> moved(Sql sql, List<Long> tables) {
        return sql.list(
                """
                SELECT format('%I.%I', n.nspname, c.relname)
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.oid = ANY (?::oid[])
                  AND CASE WHEN pg_relation_filenode(c.oid) IS DISTINCT FROM c.relfilenode THEN true
                           ELSE (pg_identify_object_as_address('pg_class'::regclass, c.oid, 0)).object_names
                                IS DISTINCT FROM ARRAY[n.nspname, c.relname]::text[] END
                LIMIT 20
                """,
                row -> row.getString(1),
                (Object) tables.toArray(Long[]::new));
    }

    /** Which of these tables others have locked exclusively, or wait to lock. */
    static List<Long> wanted(Sql sql, List<Long> tables) {
        return sql.list(
                """
                SELECT DISTINCT relation FROM pg_locks
                WHERE locktype = 'relation' AND mode = 'AccessExclusiveLock' AND pid <> pg_backend_pid()
                  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                  AND relation = ANY (?::oid[])
                """,
                row -> row.getLong(1),
                (Object) tables.toArray(Long[]::new));
    }

    /**
     * Columns that were renamed or dropped since the snapshot: another one may have their name, and would be read in their place.
     *
     * @param tables which this transaction has locked, after which it knows them
     * @return names of some of them as the snapshot has them, quoted
     */
    static List<String> movedColumns(Sql sql, List<Long> tables) {
        return sql.list(
                """
                SELECT format('%I.%I.%I', n.nspname, c.relname, a.attname)
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                WHERE c.oid = ANY (?::oid[])
                  AND (pg_identify_object_as_address('pg_class'::regclass, c.oid, a.attnum)).object_names[3]
                      IS DISTINCT FROM a.attname::text
                LIMIT 20
                """,
                row -> row.getString(1),
                (Object) tables.toArray(Long[]::new));
    }

    /** Pairs of extension configuration tables, referencing and referenced: their foreign keys exist before the load. */
    static List<ItemData.Reference> configurationReferences(Sql sql) {
        return sql.list(
                """
                SELECT DISTINCT f.conrelid, f.confrelid FROM pg_constraint f
                JOIN pg_extension a ON f.conrelid = ANY (a.extconfig)
                JOIN pg_extension b ON f.confrelid = ANY (b.extconfig)
                WHERE f.contype = 'f' AND f.conrelid <> f.confrelid
                """,
                row -> new ItemData.Reference(row.getLong(1), row.getLong(2)));
    }
}
