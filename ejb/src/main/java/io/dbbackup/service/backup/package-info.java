/** Backs up a source into one backup set; start with {@link io.dbbackup.service.backup.BackupHandler}. */
package io.dbbackup.service.backup;
