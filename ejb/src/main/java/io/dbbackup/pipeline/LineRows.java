package io.dbbackup.pipeline;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Fingerprint;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Rows of a line format such as PostgreSQL's text {@code COPY}: every row ends with a line feed, which inside a row is
 * always escaped. The bytes of a row are those of its line without the line feed.
 */
public final class LineRows implements RowScanner {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long LINE_FEEDS = 0x0A0A0A0A0A0A0A0AL;
    private static final long ONES = 0x0101010101010101L;
    private static final long TOP_BITS = 0x8080808080808080L;

    private final RowHash rows = new RowHash();
    private final RowRest rest = new RowRest(rows);

    @Override
    public void accept(byte[] buffer, int offset, int length) {
        int end = offset + length;
        int start = offset;
        int lineFeed = indexOfLineFeed(buffer, start, end);
        if (rest.begun() && lineFeed < end) {
            rest.append(buffer, start, lineFeed - start);
            rest.endRow();
            start = lineFeed + 1;
            lineFeed = indexOfLineFeed(buffer, start, end);
        }
        while (lineFeed < end) {
            rows.add(buffer, start, lineFeed - start);
            start = lineFeed + 1;
            lineFeed = indexOfLineFeed(buffer, start, end);
        }
        if (start < end) {
            rest.append(buffer, start, end - start);
            rest.spill();
        }
    }

    /** Eight bytes at a time: a byte of {@code x} is zero where a line feed is, and the usual trick finds it. */
    private static int indexOfLineFeed(byte[] buffer, int from, int end) {
        int at = from;
        while (at + Long.BYTES <= end) {
            long x = (long) LONGS.get(buffer, at) ^ LINE_FEEDS;
            long zeros = (x - ONES) & ~x & TOP_BITS;
            if (zeros != 0) {
                return at + (Long.numberOfTrailingZeros(zeros) >>> 3);
            }
            at += Long.BYTES;
        }
        while (at < end && buffer[at] != '\n') {
            at++;
        }
        return at;
    }

    @Override
    public Fingerprint result() {
        if (rest.begun()) {
            throw new BackupException(
                    ErrorCode.BLOB_UNDECODABLE,
                    "the data ends inside a row, behind the last line feed",
                    "The data is truncated or not in text COPY format; use another backup set.");
        }
        return rows.fingerprint();
    }
}
