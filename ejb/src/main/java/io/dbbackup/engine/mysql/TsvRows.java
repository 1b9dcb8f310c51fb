package io.dbbackup.engine.mysql;

import io.dbbackup.model.Fingerprint;
import io.dbbackup.pipeline.RowHash;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Optional;

/**
 * The rows of a query as lines that {@code LOAD DATA … CHARACTER SET binary} takes: fields between tabs, each with the very
 * bytes that the server sent, in which backslash, tab, line feed and NUL are escaped; {@code \N} for NULL. Streams: one row is
 * in memory. Not thread-safe.
 */
public abstract class TsvRows implements AutoCloseable {
    /** Name of the format in manifests. */
    public static final String FORMAT = "mysql-tsv";

    private static final VarHandle EIGHT = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final byte[] ESCAPES = new byte[256];

    static {
        ESCAPES[0] = '0';
        ESCAPES['\t'] = 't';
        ESCAPES['\n'] = 'n';
        ESCAPES['\\'] = '\\';
    }

    private static final int USUAL_ROW = 64 * 1024;
    static final int NULL_BYTES = 3;
    /** Bytes behind a row that may be overwritten. */
    static final int SLACK = Long.BYTES;

    private final RowHash hash = new RowHash();
    private byte[] line = new byte[USUAL_ROW];
    /** The caller's. */
    private byte[] target = line;
    private int targetFrom;
    private int targetTo;
    /** Holds the row: the line, or the target. */
    private byte[] out = line;
    private int start;
    private int position;
    private boolean ended;
    private int longest;

    /**
     * Sends a query and reads its rows, as packets where the driver lets us, otherwise by the driver.
     *
     * @throws SQLException when the query fails
     */
    public static TsvRows of(Connection connection, String query) throws SQLException {
        Optional<TsvRows> packets = PacketRows.tryOf(connection, query);
        return packets.isPresent() ? packets.get() : new DriverRows(connection, query);
    }

    /** Moves on to the next row, which comes into an array of our own; false when they have ended. */
    public final boolean next() throws SQLException {
        return next(line, 0, 0);
    }

    /**
     * Moves on to the next row, which comes into the given array where it is known before that it fits, and otherwise into one of our
     * own: {@link #bytes} says which. What lies behind the row in the given array may be overwritten.
     *
     * @param from first byte of the room for it
     * @param to end of the room
     * @return false when the rows have ended
     */
    public final boolean next(byte[] array, int from, int to) throws SQLException {
        if (line.length > 16 * USUAL_ROW) {
            line = new byte[USUAL_ROW];
        }
        target = array;
        targetFrom = from;
        targetTo = to;
        out = line;
        start = 0;
        position = 0;
        if (!read()) {
            ended = true;
            return false;
        }
        // the last tab becomes the end of the line
        out[position - 1] = '\n';
        hash.add(out, start, position - 1 - start);
        return true;
    }

    /** Reads a row and hands every field to {@link #field} or {@link #nothing}; false when there is none. */
    abstract boolean read() throws SQLException;

    /** Says how long a row will be at most; before its first field. Without that it comes into an array of our own. */
    final void atMost(long bytes) {
        if (bytes + SLACK <= targetTo - targetFrom) {
            out = target;
            start = targetFrom;
            position = targetFrom;
        }
    }

    /** NULL. */
    final void nothing() throws SQLException {
        room(NULL_BYTES);
        out[position++] = '\\';
        out[position++] = 'N';
        out[position++] = '\t';
    }

    /** The next field of the row. */
    final void field(byte[] bytes, int from, int count) throws SQLException {
        longest = Math.max(longest, count);
        room(2L * count + 1 + SLACK);
        byte[] row = out;
        int next = position;
        int i = from;
        int stop = from + count;
        while (i < stop) {
            // where nothing is to be escaped, which is nearly everywhere, eight bytes go at a time
            for (; i <= stop - Long.BYTES; i += Long.BYTES, next += Long.BYTES) {
                long eight = (long) EIGHT.get(bytes, i);
                if (mayNeedEscapes(eight)) {
                    break;
                }
                EIGHT.set(row, next, eight);
            }
            int left = stop - i;
            if (left < Long.BYTES && i <= bytes.length - Long.BYTES) {
                // the end of a field, too, with what lies behind it, which the next field overwrites
                long eight = (long) EIGHT.get(bytes, i);
                if (!mayNeedEscapes(eight | -1L << Byte.SIZE * left)) {
                    EIGHT.set(row, next, eight);
                    next += left;
                    break;
                }
            }
            for (int few = Math.min(stop, i + Long.BYTES); i < few; i++) {
                byte b = bytes[i];
                byte escape = ESCAPES[b & 0xff];
                if (escape != 0) {
                    row[next++] = '\\';
                    row[next++] = escape;
                } else {
                    row[next++] = b;
                }
            }
        }
        row[next++] = '\t';
        position = next;
    }

    /** False only if none of the bytes is one of 0, 8 to 11 (tab and line feed among them) or a backslash. */
    private static boolean mayNeedEscapes(long eight) {
        return ((zero(eight) | zero(eight & 0xfcfcfcfcfcfcfcfcL ^ 0x0808080808080808L) | zero(eight ^ 0x5c5c5c5c5c5c5c5cL))
                & 0x8080808080808080L) != 0;
    }

    /** The highest bit of a byte is set if it is 0, and of none if no byte is 0. */
    private static long zero(long eight) {
        return eight - 0x0101010101010101L & ~eight;
    }

    private void room(long more) throws SQLException {
        long needed = position + more;
        if (out == line && needed > line.length) {
            if (needed > Integer.MAX_VALUE - 16) {
                throw new SQLException("a row has more than " + (Integer.MAX_VALUE >> 1) + " bytes", "54000");
            }
            line = Arrays.copyOf(line, (int) Math.min(Integer.MAX_VALUE - 16, Math.max(needed, line.length * 3L / 2)));
            out = line;
        }
    }

    /** Holds the row; valid until the next call. */
    public final byte[] bytes() {
        return out;
    }

    /** Where the row begins in {@link #bytes}. */
    public final int start() {
        return start;
    }

    /** Bytes of the row with the line feed at its end. */
    public final int length() {
        return position - start;
    }

    public final boolean ended() {
        return ended;
    }

    /** Bytes of the longest field so far. */
    public final int longestField() {
        return longest;
    }

    /** Of the rows so far. */
    public final Fingerprint content() {
        return hash.fingerprint();
    }

    /** Only after the last row: otherwise the others come in the way of the next statement; abort the session instead. */
    @Override
    public abstract void close() throws SQLException;
}
