package io.dbbackup.pipeline;

import io.dbbackup.model.Fingerprint;
import net.openhft.hashing.LongTupleHashFunction;

/**
 * Sums the XXH3-128 hashes (seed 0) of rows, without allocating anything per row. The 128-bit value of a hash is the one
 * of its canonical form (what {@code xxhsum -H2} prints), read as a big-endian number. Not thread-safe.
 */
public final class RowHash {
    private static final LongTupleHashFunction XXH128 = LongTupleHashFunction.xx128();

    /** The library puts the lower half first. */
    private final long[] hash = XXH128.newResultArray();

    private long rows;
    private long high;
    private long low;

    /** Adds a row. */
    public void add(byte[] buffer, int offset, int length) {
        XXH128.hashBytes(buffer, offset, length, hash);
        low += hash[0];
        high += hash[1] + (Long.compareUnsigned(low, hash[0]) < 0 ? 1 : 0);
        rows++;
    }

    public Fingerprint fingerprint() {
        return new Fingerprint(rows, high, low);
    }
}
