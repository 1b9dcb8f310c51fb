package io.dbbackup.model.manifest;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.dbbackup.model.BlobOrigin;
import io.dbbackup.model.BlobRef;
import java.util.List;
import java.util.Optional;

/**
 * A blob as it is in the store, and nothing of what it holds: what can be checked without a key.
 *
 * @param origin as in {@link BlobRef}
 */
public record StoredBlob(
        String name,
        long storedBytes,
        String storedSha256,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<BlobOrigin> origin) {
    public StoredBlob {
        origin = origin == null ? Optional.empty() : origin;
    }

    public StoredBlob(String name, long storedBytes, String storedSha256) {
        this(name, storedBytes, storedSha256, Optional.empty());
    }

    public static StoredBlob of(BlobRef blob) {
        return new StoredBlob(blob.name(), blob.storedBytes(), blob.storedSha256(), blob.origin());
    }

    /** The same as a blob, of which nothing but the stored bytes can be checked. */
    public BlobRef asIs() {
        return new BlobRef(name, storedBytes, storedSha256, storedBytes, "", List.of(), origin);
    }
}
