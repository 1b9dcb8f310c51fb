package io.dbbackup.engine.postgresql.restore;

/**
 * Payload of a comparing item.
 *
 * @param database name in the set
 * @param table position of the table in the database's manifest
 */
record CompareTask(String database, int table) {}
