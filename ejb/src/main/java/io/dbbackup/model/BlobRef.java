package io.dbbackup.model;

import java.util.List;

/**
 * A stored blob as receipts and manifests name it.
 *
 * @param name path below the backup set's own prefix, with {@code /} as separator
 * @param storedBytes size in the store, in bytes
 * @param storedSha256 lower-case hex SHA-256 of the stored bytes
 * @param plainBytes size before any stage, in bytes
 * @param plainXxh128 lower-case hex XXH3-128 of the bytes before any stage
 * @param stages stages in writing order; empty when the plain bytes are stored
 */
public record BlobRef(
        String name,
        long storedBytes,
        String storedSha256,
        long plainBytes,
        String plainXxh128,
        List<StageDescriptor> stages) {
    public BlobRef {
        stages = List.copyOf(stages);
    }
}
