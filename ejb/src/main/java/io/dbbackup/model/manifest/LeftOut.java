package io.dbbackup.model.manifest;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * What the set does not hold of a database although the database had it, because the backup was told so.
 *
 * @param tables tables, views and materialized views that are not in the set at all
 * @param rows tables whose definition is in the set (or expected on the target) without any of their rows
 * @param foreignKeys foreign keys whose referenced rows may be missing, which a restore therefore cannot promise
 * @param sequences whether the values of sequences are left out
 * @param largeObjects whether the large objects are left out
 */
public record LeftOut(
        List<Relation> tables,
        List<Relation> rows,
        List<ForeignKey> foreignKeys,
        boolean sequences,
        boolean largeObjects) {
    public LeftOut {
        tables = List.copyOf(tables);
        rows = List.copyOf(rows);
        foreignKeys = List.copyOf(foreignKeys);
    }

    /** @param reason for people */
    public record Relation(String schema, String name, String reason) {}

    /**
     * A foreign key between tables of which not all rows are in the set.
     *
     * @param oid of the constraint on the source; 0 where keys have none (MySQL, MariaDB)
     * @param schema of the table that it belongs to
     * @param table that it belongs to
     * @param statement adds it without checking the rows that are there; empty when it cannot be added at all
     * @param reason for people
     */
    public record ForeignKey(
            @JsonInclude(JsonInclude.Include.NON_DEFAULT) long oid, String schema, String table, String name, String statement,
            String reason) {}
}
