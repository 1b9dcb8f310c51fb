package io.dbbackup.model.manifest;

import io.dbbackup.model.BlobRef;
import java.util.List;

/** A blob as it is in the store, and nothing of what it holds: what can be checked without a key. */
public record StoredBlob(String name, long storedBytes, String storedSha256) {
    public static StoredBlob of(BlobRef blob) {
        return new StoredBlob(blob.name(), blob.storedBytes(), blob.storedSha256());
    }

    /** The same as a blob, of which nothing but the stored bytes can be checked. */
    public BlobRef asIs() {
        return new BlobRef(name, storedBytes, storedSha256, storedBytes, "", List.of());
    }
}
