package io.dbbackup.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * Order-independent fingerprint of a multiset of rows: the sum modulo 2^128 of the XXH3-128 hash (seed 0) of each row's
 * bytes in the part's own format, together with the number of rows. Two parts of one table add up to the fingerprint of
 * the table, in any order.
 *
 * <p>Written as {@code xxh3-128-sum:<rows>:<32 hex digits>}. What the bytes of a row are is said in
 * docs/repository-format.md.
 *
 * @param rows number of rows
 * @param high upper 64 bits of the sum
 * @param low lower 64 bits of the sum
 */
public record Fingerprint(long rows, long high, long low) {
    public static final String ALGORITHM = "xxh3-128-sum";
    public static final Fingerprint EMPTY = new Fingerprint(0, 0, 0);

    public Fingerprint plus(Fingerprint other) {
        long sumLow = low + other.low;
        long carry = Long.compareUnsigned(sumLow, low) < 0 ? 1 : 0;
        return new Fingerprint(rows + other.rows, high + other.high + carry, sumLow);
    }

    @JsonValue
    @Override
    public String toString() {
        return "%s:%d:%016x%016x".formatted(ALGORITHM, rows, high, low);
    }

    /** @throws BackupException MANIFEST_INVALID when the text is not a fingerprint */
    @JsonCreator
    public static Fingerprint parse(String text) {
        String[] field = text.split(":", -1);
        if (field.length == 3 && field[0].equals(ALGORITHM) && field[2].matches("[0-9a-f]{32}")
                && field[1].matches("[0-9]{1,18}")) {
            return new Fingerprint(
                    Long.parseLong(field[1]),
                    Long.parseUnsignedLong(field[2].substring(0, 16), 16),
                    Long.parseUnsignedLong(field[2].substring(16), 16));
        }
        throw new BackupException(
                ErrorCode.MANIFEST_INVALID,
                "\"" + text + "\" is not a content fingerprint",
                "Restore the manifest from another copy of the backup set.");
    }
}
