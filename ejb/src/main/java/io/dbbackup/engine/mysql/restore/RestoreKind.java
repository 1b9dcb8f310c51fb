package io.dbbackup.engine.mysql.restore;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Objects;

/** Kinds of the work items of a restore, and their payloads. */
final class RestoreKind {
    /** Looks which accounts are to be created. */
    static final String CHOOSE = "mysql.restore.accounts.choose";
    static final String ACCOUNTS = "mysql.restore.accounts";
    /** Views and defaults that wait for other databases; named as in the work lists of older versions. */
    static final String WAITING = "mysql.restore.views";
    static final String EVENTS = "mysql.restore.events";
    static final String SCHEMA = "mysql.restore.schema";
    static final String DATA = "mysql.restore.data";
    static final String KEYS = "mysql.restore.keys";
    static final String REFERENCES = "mysql.restore.references";
    static final String FINISH = "mysql.restore.finish";
    /** Foreign keys between databases. */
    static final String ACROSS = "mysql.restore.across";
    /** Follows a finish item. */
    static final String REMOVE = "mysql.restore.remove";
    static final String COMPARE = "mysql.restore.compare";

    private RestoreKind() {}

    /**
     * @param database name in the set
     * @param waits whether an item of kind {@link #WAITING} does what cannot be done yet; false in plans of older versions
     */
    record DatabaseTask(String database, @JsonProperty("viewsLater") boolean waits) {}

    /**
     * @param database name in the set
     * @param table position in the manifest of the database
     */
    record TableTask(String database, int table) {}

    /**
     * Tables that are loaded together.
     *
     * @param database name in the set
     * @param tables positions in the manifest of the database
     */
    record TablesTask(String database, List<Integer> tables) {
        TablesTask {
            // plans of the first versions name one table
            tables = List.copyOf(tables);
        }
    }

    /**
     * What one blob holds: a part of a table, or a bundle of small tables.
     *
     * @param database name in the set
     */
    record DataTask(String database, String blob, List<Piece> pieces) {
        DataTask {
            // plans of the first versions name a part, and no blob
            Objects.requireNonNull(blob, "blob");
            pieces = List.copyOf(pieces);
        }
    }

    /**
     * @param table position in the manifest of the database
     * @param part position in the manifest of the table
     */
    record Piece(int table, int part) {}
}
