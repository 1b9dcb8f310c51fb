package io.dbbackup.model;

/**
 * Where the bytes of a blob lie that a set refers to instead of storing them again.
 *
 * @param set id of the set of the same source in the same store that stored them; never one that refers to a further one
 * @param name of the blob below that set's prefix
 */
public record BlobOrigin(String set, String name) {}
