/**
 * The logical backup of PostgreSQL. Start with {@link io.dbbackup.engine.postgresql.backup.PgLogicalBackup}; one class
 * per kind of work item, one session object per database ({@code SnapshotSession}).
 */
package io.dbbackup.engine.postgresql.backup;
