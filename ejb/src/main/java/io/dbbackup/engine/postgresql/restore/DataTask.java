package io.dbbackup.engine.postgresql.restore;

/**
 * Payload of a data item: everything that one blob holds, which is one part of a table or a bundle of small tables.
 *
 * @param database name in the set
 * @param blob name of the blob
 */
record DataTask(String database, String blob) {}
