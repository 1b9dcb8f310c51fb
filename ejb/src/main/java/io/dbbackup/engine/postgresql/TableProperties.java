package io.dbbackup.engine.postgresql;

import java.util.List;

/**
 * What a restore needs to know about a table beyond its rows: the {@code properties} of its manifest.
 *
 * @param oid of the table on the source, as in the entries of {@code pg_restore --list}
 * @param unlogged whether the table is UNLOGGED
 * @param partition whether the table is a partition
 * @param extension name of the extension whose configuration the table holds, empty for an ordinary table; the parts
 *     then hold the rows that the extension marked for dumps
 * @param indexes indexes of the table, with or without a constraint
 * @param foreignKeys foreign keys of the table to ordinary tables, itself among them
 */
public record TableProperties(
        long oid, boolean unlogged, boolean partition, String extension, List<Index> indexes,
        List<ForeignKey> foreignKeys) {
    public TableProperties {
        indexes = List.copyOf(indexes);
        // absent in sets that were written before they were recorded
        foreignKeys = foreignKeys == null ? List.of() : List.copyOf(foreignKeys);
    }

    /**
     * A foreign key.
     *
     * @param oid of the constraint on the source
     * @param name of the constraint
     * @param table oid of the table it refers to
     */
    public record ForeignKey(long oid, String name, long table) {}

    /**
     * An index.
     *
     * @param oid of the index on the source
     * @param name of the index
     * @param constraint oid of the primary key, unique or exclusion constraint that it implements, 0 when none
     * @param callsFunctions whether it calls functions or operators that are not built in, which may read other tables
     */
    public record Index(long oid, String name, long constraint, boolean callsFunctions) {}
}
