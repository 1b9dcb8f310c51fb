package io.dbbackup.engine.postgresql.sliced;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A row of the helper table.
 *
 * @param binary whether numbers are binary
 * @param offsets of the columns' bytes
 * @param lengths -1 for NULL
 */
record HelperRow(boolean binary, byte[] bytes, int[] offsets, int[] lengths, int columns) {
    static final HelperRow EMPTY = new HelperRow(true, new byte[0], new int[0], new int[0], 0);

    boolean isNull(int column) {
        return lengths[column] < 0;
    }

    long number(int column) {
        if (binary) {
            ByteBuffer value = ByteBuffer.wrap(bytes, offsets[column], Math.max(lengths[column], 0));
            return switch (lengths[column]) {
                case Integer.BYTES -> value.getInt();
                case Long.BYTES -> value.getLong();
                default -> throw SlicedRowScanner.malformed("it has a number of " + lengths[column] + " bytes");
            };
        }
        try {
            return Long.parseLong(text(column));
        } catch (NumberFormatException e) {
            throw SlicedRowScanner.malformed("it has a number that is none");
        }
    }

    String text(int column) {
        return isNull(column) ? "" : new String(bytes, offsets[column], lengths[column], StandardCharsets.ISO_8859_1);
    }

    /** The same with bytes of its own. */
    HelperRow copy() {
        int first = columns == 0 ? 0 : offsets[0];
        int end = first;
        int[] moved = new int[columns];
        for (int i = 0; i < columns; i++) {
            moved[i] = offsets[i] - first;
            end = Math.max(end, offsets[i] + Math.max(lengths[i], 0));
        }
        return new HelperRow(
                binary, Arrays.copyOfRange(bytes, first, end), moved, Arrays.copyOf(lengths, columns), columns);
    }
}
