/**
 * PostgreSQL 13 to 18: connections, client tools and quoting shared by both halves, and the logical backup. The restore
 * half is in {@code restore}.
 */
package io.dbbackup.engine.postgresql;
