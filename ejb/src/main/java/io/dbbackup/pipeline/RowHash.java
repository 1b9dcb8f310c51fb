package io.dbbackup.pipeline;

import com.dynatrace.hash4j.hashing.HashStream128;
import com.dynatrace.hash4j.hashing.HashValue128;
import com.dynatrace.hash4j.hashing.Hasher128;
import com.dynatrace.hash4j.hashing.Hashing;
import io.dbbackup.model.Fingerprint;

/**
 * Sums the XXH3-128 hashes (seed 0) of rows. A row that is too large for one array may come in pieces. The 128-bit value of a hash is
 * the one of its canonical form (what {@code xxhsum -H2} prints), read as a big-endian number. Not thread-safe.
 */
public final class RowHash {
    private static final Hasher128 XXH128 = Hashing.xxh3_128();

    /** Of a row that comes in pieces: slower for small rows, in constant memory for large ones. */
    private final HashStream128 pieces = XXH128.hashStream();

    private long rows;
    private long high;
    private long low;

    /** Adds a row. */
    public void add(byte[] buffer, int offset, int length) {
        add(XXH128.hashBytesTo128Bits(buffer, offset, length));
    }

    /** Adds the next bytes of a row that {@link #endRow} completes. */
    public void append(byte[] buffer, int offset, int length) {
        pieces.putBytes(buffer, offset, length);
    }

    /** Adds the row that came in pieces. */
    public void endRow() {
        HashValue128 whole = pieces.get();
        pieces.reset();
        add(whole);
    }

    /** The compiler makes no object of it. */
    private void add(HashValue128 hash) {
        long lower = hash.getLeastSignificantBits();
        low += lower;
        high += hash.getMostSignificantBits() + (Long.compareUnsigned(low, lower) < 0 ? 1 : 0);
        rows++;
    }

    public Fingerprint fingerprint() {
        return new Fingerprint(rows, high, low);
    }
}
