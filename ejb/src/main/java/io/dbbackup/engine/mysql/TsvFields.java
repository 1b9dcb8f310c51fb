package io.dbbackup.engine.mysql;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads what {@link TsvRows} writes, row by row. One row is in memory. Not thread-safe. */
public final class TsvFields {
    private static final int BUFFER = 1 << 16;

    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER];
    private int position;
    private int limit;
    private byte[] field = new byte[BUFFER];

    public TsvFields(InputStream in) {
        this.in = in;
    }

    /**
     * The fields of the next row, null elements for NULL; empty at the end.
     *
     * @throws IOException also when the bytes end inside a row
     */
    public List<byte[]> next() throws IOException {
        List<byte[]> row = new ArrayList<>();
        int length = 0;
        boolean isNull = false;
        for (int b = read(); ; b = read()) {
            switch (b) {
                case -1 -> {
                    if (row.isEmpty() && length == 0 && !isNull) {
                        return row;
                    }
                    throw new IOException("the last row has no end");
                }
                case '\t', '\n' -> {
                    row.add(isNull ? null : Arrays.copyOf(field, length));
                    if (b == '\n') {
                        return row;
                    }
                    length = 0;
                    isNull = false;
                }
                case '\\' -> {
                    int escaped = read();
                    if (escaped == 'N') {
                        isNull = true;
                    } else {
                        put(length++, meaning(escaped));
                    }
                }
                default -> put(length++, (byte) b);
            }
        }
    }

    private static byte meaning(int escaped) throws IOException {
        return switch (escaped) {
            case '0' -> 0;
            case 't' -> '\t';
            case 'n' -> '\n';
            case '\\' -> '\\';
            default -> throw new IOException("an escape that nobody writes: " + escaped);
        };
    }

    private void put(int at, byte b) throws IOException {
        if (at == field.length) {
            if (at > Integer.MAX_VALUE / 2) {
                throw new IOException("a field has more than 1 GiB");
            }
            field = Arrays.copyOf(field, at * 2);
        }
        field[at] = b;
    }

    private int read() throws IOException {
        if (position == limit) {
            limit = Math.max(0, in.read(buffer, 0, buffer.length));
            position = 0;
            if (limit == 0) {
                return -1;
            }
        }
        return buffer[position++] & 0xff;
    }
}
