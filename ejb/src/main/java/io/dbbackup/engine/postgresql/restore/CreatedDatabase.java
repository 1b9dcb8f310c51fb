package io.dbbackup.engine.postgresql.restore;

/**
 * Result of a schema item.
 *
 * @param temporaryName name under which the database is filled
 * @param oid identity of the database on the target; survives the renaming
 */
record CreatedDatabase(String temporaryName, long oid) {}
