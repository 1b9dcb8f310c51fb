package io.dbbackup.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Optional;

/**
 * A stored blob as receipts and manifests name it.
 *
 * @param name path below the backup set's own prefix, with {@code /} as separator
 * @param storedBytes size in the store, in bytes
 * @param storedSha256 lower-case hex SHA-256 of the stored bytes
 * @param plainBytes size before any stage, in bytes
 * @param plainXxh128 lower-case hex XXH3-128 of the bytes before any stage
 * @param stages stages in writing order; empty when the plain bytes are stored
 * @param origin where the bytes lie when the set refers to a blob of another one; {@code name} is then the place where a copy
 *     of the set in another store has them. Encryption is bound to the origin
 */
public record BlobRef(
        String name,
        long storedBytes,
        String storedSha256,
        long plainBytes,
        String plainXxh128,
        List<StageDescriptor> stages,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<BlobOrigin> origin) {
    public BlobRef {
        stages = List.copyOf(stages);
        // absent where the set itself stores the blob
        origin = origin == null ? Optional.empty() : origin;
    }

    /** A blob that the set itself stores. */
    public BlobRef(
            String name,
            long storedBytes,
            String storedSha256,
            long plainBytes,
            String plainXxh128,
            List<StageDescriptor> stages) {
        this(name, storedBytes, storedSha256, plainBytes, plainXxh128, stages, Optional.empty());
    }

    /** Id of the key that the blob is encrypted with; empty when it is not. */
    public Optional<String> key() {
        return stages.stream()
                .filter(stage -> stage.type().equals(StageDescriptor.ENCRYPTION))
                .findFirst()
                .map(stage -> stage.parameters().get("key"));
    }

    /** Bytes that the set itself adds to its store. */
    public long ownBytes() {
        return origin.isPresent() ? 0 : storedBytes;
    }
}
