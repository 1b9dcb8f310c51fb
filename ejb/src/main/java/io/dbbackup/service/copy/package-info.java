/**
 * Copies sealed sets from one store to another, byte for byte: {@link io.dbbackup.service.copy.CopyHandler} as a job of its
 * own, {@link io.dbbackup.service.copy.SetCopier} for it and for backups into several stores.
 */
package io.dbbackup.service.copy;
