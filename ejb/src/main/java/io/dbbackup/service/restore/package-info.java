/** Restores a backup set into a server; start with {@link io.dbbackup.service.restore.RestoreHandler}. */
package io.dbbackup.service.restore;
