package io.dbbackup.pipeline;

import io.dbbackup.model.BlobRef;
import java.util.Optional;

/** Tells whether bytes that were read are stored already, so that they need not be stored again. Thread-safe. */
@FunctionalInterface
public interface KnownBlobs {
    /** Nothing is known. */
    KnownBlobs NONE = (name, plainBytes, plainXxh128, stored) -> Optional.empty();

    /**
     * Asked when a source has ended well and every probe has a result.
     *
     * @param name complete name of the blob in the set that is being written
     * @param plainBytes size of what was read
     * @param plainXxh128 its digest
     * @param stored the blob that would be published now; empty when the source was only read
     * @return a reference of that name to what is there
     */
    Optional<BlobRef> find(String name, long plainBytes, String plainXxh128, Optional<BlobRef> stored);
}
