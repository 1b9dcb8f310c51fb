/**
 * Logical restore of PostgreSQL. Start with {@link io.dbbackup.engine.postgresql.restore.PgLogicalRestore}, which says in
 * which order things happen and why; each kind of work item is one class.
 */
package io.dbbackup.engine.postgresql.restore;
