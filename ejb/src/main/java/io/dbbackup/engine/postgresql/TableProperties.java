package io.dbbackup.engine.postgresql;

import com.fasterxml.jackson.annotation.JsonInclude;
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
 * @param columns columns that the parts have, in data-only sets; empty otherwise
 */
public record TableProperties(
        long oid, boolean unlogged, boolean partition, String extension, List<Index> indexes,
        List<ForeignKey> foreignKeys, @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Column> columns) {
    public TableProperties {
        indexes = List.copyOf(indexes);
        // absent in sets that were written before they were recorded
        foreignKeys = foreignKeys == null ? List.of() : List.copyOf(foreignKeys);
        columns = columns == null ? List.of() : List.copyOf(columns);
    }

    /** The same without its columns, which only a restore into tables that exist needs. */
    public TableProperties withoutColumns() {
        return new TableProperties(oid, unlogged, partition, extension, indexes, foreignKeys, List.of());
    }

    /**
     * A column.
     *
     * @param type its type without length or precision, with its schema unless that is pg_catalog
     */
    public record Column(String name, String type) {}

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
     * @param slow whether it takes several times as long to build as one on numbers: it sorts text by a language's rules,
     *     or is not a B-tree. It only orders the work; sets that were written before it was recorded have no slow ones
     */
    public record Index(
            long oid, String name, long constraint, boolean callsFunctions,
            @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean slow) {}
}
