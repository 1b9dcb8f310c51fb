package io.dbbackup.engine.postgresql.sliced;

/**
 * Where rows are cut, in bytes. What is stored does not depend on it: the fingerprint of a row is the same, cut or not.
 *
 * @param row a row whose COPY message may be larger is read in slices
 * @param column a column of such a row is cut when it is larger; what is smaller is read together
 * @param slice size of a slice
 */
public record SliceSizes(long row, long column, int slice) {
    /** PostgreSQL's limit is 2^30 - 1 bytes for everything that is allocated at once. */
    public static final SliceSizes USUAL = new SliceSizes(1_000_000_000, 256 * 1024, 1 << 20);
}
