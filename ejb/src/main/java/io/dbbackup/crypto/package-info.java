/**
 * Encryption of backup sets: the segments that blobs are encrypted in ({@link io.dbbackup.crypto.EncryptingStream}), the
 * key of a set ({@link io.dbbackup.crypto.SetKey}), and how it is wrapped for those who may read the set. Everything here
 * is specified byte by byte in docs/repository-format.md. Knows the pipeline and the model; nothing of stores, catalog or
 * configuration.
 */
package io.dbbackup.crypto;
