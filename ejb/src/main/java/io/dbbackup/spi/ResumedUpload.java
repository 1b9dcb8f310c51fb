package io.dbbackup.spi;

import io.dbbackup.pipeline.BlobWriter;

/**
 * An upload that goes on where an interrupted one ended.
 *
 * @param writer takes the blob's bytes from {@code storedBytes} on; its {@code commit()} returns the size of the whole
 *     blob, and closing it without a commit removes what the interrupted upload had stored, too
 * @param storedBytes bytes of the blob, from its first on, that are safely in the store; 0 when none are
 */
public record ResumedUpload(BlobWriter writer, long storedBytes) {}
