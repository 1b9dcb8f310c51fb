package io.dbbackup.engine.mysql;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * What {@link TsvRows} writes as values of MariaDB's {@code COM_STMT_BULK_EXECUTE} ("COM_STMT_BULK_EXECUTE" in its documentation of the protocol): for
 * each field a byte that says whether it is NULL, and its bytes behind their length. A message has about half a mebibyte, or one row that is
 * larger. Not thread-safe.
 */
final class TsvValues {
    /** The server needs a tenth less for such messages than for some of 100 KiB; larger ones do not fit into a processor's cache. */
    private static final int USUAL = 1 << 19;
    private static final int BUFFER = 1 << 18;
    /** What is enough for a small table: a bundle has two hundred. */
    private static final int SMALL = 1 << 13;
    /** Behind a row, and behind what was read, there is room for as many bytes as are copied at a time. */
    private static final int SLACK = Long.BYTES;

    private static final int NULL = 1;
    /** Begins a length of three bytes. */
    private static final byte THREE_BYTES = (byte) 0xfd;
    /** The byte that says whether a value is NULL, and a length. */
    private static final int PREFIX = 5;

    private static final VarHandle EIGHT = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final InputStream in;
    private final byte[] start;
    private final int columns;
    private final List<byte[]> counted;
    private final int most;
    private byte[] buffer = new byte[SMALL + SLACK];
    private int position;
    private int limit;
    private boolean begun;
    private boolean ended;
    private byte[] message;
    private int length;
    private int rows;
    private int found;
    private boolean full;
    private boolean stopped;

    /**
     * @param start of each message, before the values
     * @param columns of each row, at least one
     * @param counted by column, a field that is to be counted; empty arrays, or none at all, for columns that have no such field
     * @param most bytes of a message; what needs more ends the messages, see {@link #rest}. Less than 16 MiB
     */
    TsvValues(InputStream in, byte[] start, int columns, List<byte[]> counted, int most) {
        this.in = in;
        this.start = start;
        this.columns = columns;
        this.counted = counted;
        this.most = most;
        message = new byte[Math.min(start.length + SMALL, most) + SLACK];
    }

    /**
     * Makes the next message.
     *
     * @return false when there is none: the rows have ended, or the next one is too large
     * @throws IOException also when the bytes end inside a row, or a row has another number of fields
     */
    boolean next() throws IOException {
        System.arraycopy(start, 0, message, 0, start.length);
        length = start.length;
        rows = 0;
        found = 0;
        while (!stopped) {
            if (position == limit && !more()) {
                break;
            }
            int counts = found;
            if (row()) {
                rows++;
                continue;
            }
            found = counts;
            if (full && rows > 0 && capacity() >= Math.min(USUAL, most)) {
                break;
            }
            if (full) {
                enlarge();
            } else if (!more()) {
                throw new IOException("the last row has no end");
            }
        }
        return rows > 0;
    }

    /** One row; false, and nothing has changed, when it is not all there or, then it is full, does not fit into the message. */
    private boolean row() throws IOException {
        byte[] from = buffer;
        byte[] to = message;
        // a line feed that is not of the rows ends the search at the end of what was read
        from[limit] = '\n';
        int room = capacity() - PREFIX - SLACK;
        int at = position;
        int next = length;
        full = false;
        for (int column = 0; ; column++) {
            if (next > room) {
                full = true;
                return false;
            }
            int value = next;
            int field = at;
            boolean nothing = false;
            next += PREFIX;
            while (true) {
                long eight = (long) EIGHT.get(from, at);
                EIGHT.set(to, next, eight);
                long special = special(eight);
                if (special == 0) {
                    at += Long.BYTES;
                    next += Long.BYTES;
                } else {
                    int few = Long.numberOfTrailingZeros(special) >>> 3;
                    at += few;
                    next += few;
                    if (from[at] != '\\') {
                        break;
                    }
                    if (at + 1 >= limit) {
                        return false;
                    }
                    if (nothing) {
                        throw new IOException("a field of more than a NULL");
                    }
                    nothing = from[at + 1] == 'N';
                    if (!nothing) {
                        to[next++] = meaning(from[at + 1]);
                    }
                    at += 2;
                }
                if (next > room) {
                    full = true;
                    return false;
                }
            }
            if (at == limit) {
                return false;
            }
            if (nothing && at - field == 2) {
                to[value] = NULL;
                next = value + 1;
            } else if (nothing) {
                throw new IOException("a field of more than a NULL");
            } else {
                int size = next - value - PREFIX;
                to[value] = 0;
                to[value + 1] = THREE_BYTES;
                to[value + 2] = (byte) size;
                to[value + 3] = (byte) (size >> 8);
                to[value + 4] = (byte) (size >> 16);
                if (column < counted.size() && counts(counted.get(column), from, field, at)) {
                    found++;
                }
            }
            boolean last = from[at] == '\n';
            if (last != (column == columns - 1)) {
                throw new IOException("a row has " + (last ? "fewer" : "more") + " than " + columns + " fields");
            }
            at++;
            if (last) {
                position = at;
                length = next;
                return true;
            }
        }
    }

    private static boolean counts(byte[] text, byte[] bytes, int from, int to) {
        return text.length > 0 && Arrays.equals(text, 0, text.length, bytes, from, to);
    }

    private static byte meaning(byte escaped) throws IOException {
        return switch (escaped) {
            case '0' -> 0;
            case 't' -> '\t';
            case 'n' -> '\n';
            case '\\' -> '\\';
            default -> throw new IOException("an escape that nobody writes: " + escaped);
        };
    }

    /** The lowest bit of it that is set is in the first of the bytes that is a tab, a line feed or a backslash; 0 if none is. */
    private static long special(long eight) {
        return (zero(eight ^ 0x0909090909090909L) | zero(eight ^ 0x0a0a0a0a0a0a0a0aL) | zero(eight ^ 0x5c5c5c5c5c5c5c5cL))
                & 0x8080808080808080L;
    }

    private static long zero(long eight) {
        return eight - 0x0101010101010101L & ~eight;
    }

    /** Reads on until the buffer is full, since a row is looked at again from its beginning; false at the end. */
    private boolean more() throws IOException {
        if (ended) {
            return false;
        }
        if (position > 0) {
            System.arraycopy(buffer, position, buffer, 0, limit - position);
            limit -= position;
            position = 0;
        }
        if (begun && buffer.length < BUFFER || limit == buffer.length - SLACK) {
            buffer = Arrays.copyOf(buffer, Math.max(BUFFER, 2 * limit) + SLACK);
        }
        begun = true;
        int before = limit;
        while (!ended && limit < buffer.length - SLACK) {
            int n = in.read(buffer, limit, buffer.length - SLACK - limit);
            ended = n < 0;
            limit += Math.max(0, n);
        }
        return limit > before;
    }

    /** Makes room for a usual message, or for a row that is larger, or stops. */
    private void enlarge() {
        if (capacity() >= most) {
            stopped = true;
        } else {
            message = Arrays.copyOf(message, Math.min(most, Math.max(USUAL, 2 * capacity())) + SLACK);
        }
    }

    private int capacity() {
        return message.length - SLACK;
    }

    byte[] message() {
        return message;
    }

    /** Bytes of the message. */
    int length() {
        return length;
    }

    /** In the message. */
    int rows() {
        return rows;
    }

    /** How many of the fields in the message are to be counted. */
    int found() {
        return found;
    }

    /** Whether a row was too large for a message. */
    boolean stopped() {
        return stopped;
    }

    /** What was not made into messages, from the beginning of a row. */
    InputStream rest() {
        return new SequenceInputStream(new ByteArrayInputStream(buffer, position, limit - position), in);
    }
}
