package io.dbbackup.engine.postgresql.restore;

/**
 * Payload of the items that concern a database as a whole.
 *
 * @param database name in the set
 */
record DatabaseTask(String database) {}
