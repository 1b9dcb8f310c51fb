package io.dbbackup.pipeline;

import com.dynatrace.hash4j.hashing.HashStream128;
import com.dynatrace.hash4j.hashing.HashValue128;
import com.dynatrace.hash4j.hashing.Hashing;
import io.dbbackup.model.Fingerprint;
import net.openhft.hashing.LongTupleHashFunction;

/**
 * Sums the XXH3-128 hashes (seed 0) of rows, without allocating anything per row. A row that is too large for one array may
 * come in pieces. The 128-bit value of a hash is the one
 * of its canonical form (what {@code xxhsum -H2} prints), read as a big-endian number. Not thread-safe.
 */
public final class RowHash {
    private static final LongTupleHashFunction XXH128 = LongTupleHashFunction.xx128();

    /** The library puts the lower half first. */
    private final long[] hash = XXH128.newResultArray();

    /** Of a row that comes in pieces: slower for small rows, in constant memory for large ones. */
    private final HashStream128 pieces = Hashing.xxh3_128().hashStream();

    private long rows;
    private long high;
    private long low;

    /** Adds a row. */
    public void add(byte[] buffer, int offset, int length) {
        XXH128.hashBytes(buffer, offset, length, hash);
        add(hash[1], hash[0]);
    }

    /** Adds the next bytes of a row that {@link #endRow} completes. */
    public void append(byte[] buffer, int offset, int length) {
        pieces.putBytes(buffer, offset, length);
    }

    /** Adds the row that came in pieces. */
    public void endRow() {
        HashValue128 whole = pieces.get();
        pieces.reset();
        add(whole.getMostSignificantBits(), whole.getLeastSignificantBits());
    }

    private void add(long upper, long lower) {
        low += lower;
        high += upper + (Long.compareUnsigned(low, lower) < 0 ? 1 : 0);
        rows++;
    }

    public Fingerprint fingerprint() {
        return new Fingerprint(rows, high, low);
    }
}
