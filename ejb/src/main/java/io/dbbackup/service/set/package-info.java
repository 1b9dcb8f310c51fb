/**
 * Writes and reads the blobs of one backup set in a store, in the repository format of docs/repository-format.md. Start
 * with {@link io.dbbackup.service.set.BlobSetWriter} and {@link io.dbbackup.service.set.BlobSetReader}. What a set holds
 * is the engine's business; where it is kept is the store's.
 */
package io.dbbackup.service.set;
