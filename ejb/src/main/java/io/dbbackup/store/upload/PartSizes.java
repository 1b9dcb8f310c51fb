package io.dbbackup.store.upload;

import java.util.OptionalLong;

/**
 * Sizes of the parts of an upload, in bytes. S3 allows 10 000 parts of 5 MiB to 5 GiB and objects of 5 TiB.
 *
 * <p>With a known size every part has the same size, so that 9 000 parts suffice. With an unknown size the parts begin
 * at the configured size and double every 800 parts, up to 128 times: from 8 MiB on, all 10 000 parts hold more than
 * 5 TiB, while a blob of 18 GiB needs no part above 16 MiB. Where all parts must have one size (R2), they do not grow,
 * and a blob of unknown size ends at 10 000 parts of the configured size.
 *
 * @param first size of the first part
 * @param constant so many parts have that size before they grow
 */
public record PartSizes(long first, long constant) {
    public static final long MINIMUM = 5L << 20;
    /** A part is one array. */
    public static final long MAXIMUM = 1L << 30;
    public static final int MOST_PARTS = 10_000;
    private static final long PARTS_OF_A_KNOWN_SIZE = 9_000;
    private static final int PARTS_PER_DOUBLING = 800;
    private static final int MOST_DOUBLINGS = 7;
    private static final long MIB = 1L << 20;

    public static PartSizes of(long configured, OptionalLong expectedBytes, boolean mayGrow) {
        long expected = expectedBytes.orElse(0);
        long rounded = (expected / PARTS_OF_A_KNOWN_SIZE / MIB + 1) * MIB;
        long first = Math.min(MAXIMUM, Math.max(configured, rounded));
        // the size is only a hint: what is larger than expected grows as well
        return new PartSizes(first, mayGrow ? Math.max(PARTS_PER_DOUBLING, expected / first + 1) : MOST_PARTS);
    }

    /** @param number from 1 on */
    public int of(int number) {
        long doublings = number <= constant ? 0 : 1 + (number - 1 - constant) / PARTS_PER_DOUBLING;
        return (int) Math.min(MAXIMUM, first << Math.min(MOST_DOUBLINGS, doublings));
    }
}
