package io.dbbackup.pipeline;

import java.util.Arrays;

/**
 * The first bytes of a row whose rest comes with the next buffer. Of a large row only the last bytes are kept: the others are
 * hashed as they come, so that a row of any size needs no more than about a megabyte. Not thread-safe.
 */
public final class RowRest {
    private static final int USUAL_BYTES = 64 * 1024;
    /** A row below this is hashed in one go, which is faster. */
    private static final int LARGE_ROW = 1 << 20;

    private final RowHash rows;
    private byte[] bytes = new byte[USUAL_BYTES];
    private int length;
    private boolean inPieces;

    /** @param rows where rows go when they are complete */
    public RowRest(RowHash rows) {
        this.rows = rows;
    }

    public void append(byte[] buffer, int offset, int more) {
        if (more > bytes.length - length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length + (bytes.length >> 1), length + more));
        }
        System.arraycopy(buffer, offset, bytes, length, more);
        length += more;
    }

    /** Gives the bytes up to now away when they are many; what is looked at again must come afterwards. */
    public void spill() {
        if (length >= LARGE_ROW) {
            rows.append(bytes, 0, length);
            inPieces = true;
            length = 0;
        }
    }

    /** Whether a row was begun. */
    public boolean begun() {
        return inPieces || length > 0;
    }

    public int length() {
        return length;
    }

    /** The array itself; its first {@link #length()} bytes count, until the next change. */
    public byte[] bytes() {
        return bytes;
    }

    /** The row is complete. */
    public void endRow() {
        if (inPieces) {
            rows.append(bytes, 0, length);
            rows.endRow();
        } else {
            rows.add(bytes, 0, length);
        }
        clear();
    }

    /** Forgets what was appended, and the memory of a large row. */
    public void clear() {
        inPieces = false;
        length = 0;
        if (bytes.length > 16 * USUAL_BYTES) {
            bytes = new byte[USUAL_BYTES];
        }
    }
}
