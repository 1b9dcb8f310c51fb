package io.dbbackup.engine.mysql.restore;

/** Kinds of the work items of a restore, and their payloads. */
final class RestoreKind {
    /** Looks which accounts are to be created. */
    static final String CHOOSE = "mysql.restore.accounts.choose";
    static final String ACCOUNTS = "mysql.restore.accounts";
    static final String EVENTS = "mysql.restore.events";
    static final String SCHEMA = "mysql.restore.schema";
    static final String DATA = "mysql.restore.data";
    static final String KEYS = "mysql.restore.keys";
    static final String REFERENCES = "mysql.restore.references";
    static final String FINISH = "mysql.restore.finish";
    static final String COMPARE = "mysql.restore.compare";

    private RestoreKind() {}

    /** @param database name in the set */
    record DatabaseTask(String database) {}

    /**
     * @param database name in the set
     * @param table position in the manifest of the database
     */
    record TableTask(String database, int table) {}

    /**
     * @param database name in the set
     * @param table position in the manifest of the database
     * @param part position in the manifest of the table
     */
    record PartTask(String database, int table, int part) {}
}
