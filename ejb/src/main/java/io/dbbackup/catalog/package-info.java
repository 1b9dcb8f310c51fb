/**
 * What exists, what runs and what is left to do. Entities stay in this package; the repositories
 * ({@link io.dbbackup.catalog.Runs}, {@link io.dbbackup.catalog.WorkQueue}, {@link io.dbbackup.catalog.BackupSets},
 * {@link io.dbbackup.catalog.Configuration}, {@link io.dbbackup.catalog.Verifications}) speak in records.
 */
package io.dbbackup.catalog;
