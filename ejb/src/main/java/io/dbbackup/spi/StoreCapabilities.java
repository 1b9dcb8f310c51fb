package io.dbbackup.spi;

/**
 * What a store can do beyond the contract, shown to the user.
 *
 * @param atomicCreateOnly an existing blob cannot be replaced even by two writers at once
 * @param knowsFreeSpace {@link BlobStore#freeBytes()} has a value
 * @param objectLock blobs can be made undeletable for a time
 */
public record StoreCapabilities(boolean atomicCreateOnly, boolean knowsFreeSpace, boolean objectLock) {}
