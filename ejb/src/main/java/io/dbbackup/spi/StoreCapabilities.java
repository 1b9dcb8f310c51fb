package io.dbbackup.spi;

import java.util.Optional;

/**
 * What a store can do beyond the contract, found out by asking it, and shown to the user.
 *
 * @param atomicCreateOnly an existing blob cannot be replaced even by two writers at once
 * @param knowsFreeSpace {@link BlobStore#freeBytes()} has a value
 * @param resumableUploads {@link BlobStore#resume} works
 * @param versioning the store keeps what is deleted or replaced as older versions
 * @param objectLock blobs can be made undeletable for a time
 * @param lockDays days for which everything that is written is undeletable; empty when it is not
 */
public record StoreCapabilities(
        boolean atomicCreateOnly,
        boolean knowsFreeSpace,
        boolean resumableUploads,
        boolean versioning,
        boolean objectLock,
        Optional<Integer> lockDays) {
    /** Of a store without versions and locks. */
    public static StoreCapabilities simple(
            boolean atomicCreateOnly, boolean knowsFreeSpace, boolean resumableUploads) {
        return new StoreCapabilities(
                atomicCreateOnly, knowsFreeSpace, resumableUploads, false, false, Optional.empty());
    }
}
