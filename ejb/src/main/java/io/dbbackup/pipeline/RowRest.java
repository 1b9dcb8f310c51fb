package io.dbbackup.pipeline;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import java.util.Arrays;

/**
 * The first bytes of a row whose rest comes with the next buffer. Grows with the row and forgets the memory of a large
 * row once it is done. Not thread-safe.
 */
public final class RowRest {
    private static final int USUAL_BYTES = 64 * 1024;
    private static final int LARGEST_ROW = Integer.MAX_VALUE - 16;

    private byte[] bytes = new byte[USUAL_BYTES];
    private int length;

    /** @throws BackupException BLOB_UNDECODABLE when the row outgrows 2 GiB, which no database allows */
    public void append(byte[] buffer, int offset, int more) {
        if (more > bytes.length - length) {
            if (more > LARGEST_ROW - length) {
                throw new BackupException(
                        ErrorCode.BLOB_UNDECODABLE,
                        "a row has more than " + LARGEST_ROW + " bytes",
                        "The bytes are not in the format of the part; use another backup set.");
            }
            long half = bytes.length + (bytes.length >> 1);
            bytes = Arrays.copyOf(bytes, (int) Math.min(LARGEST_ROW, Math.max(half, (long) length + more)));
        }
        System.arraycopy(buffer, offset, bytes, length, more);
        length += more;
    }

    public int length() {
        return length;
    }

    /** The array itself; its first {@link #length()} bytes count, until the next change. */
    public byte[] bytes() {
        return bytes;
    }

    public void clear() {
        length = 0;
        if (bytes.length > 16 * USUAL_BYTES) {
            bytes = new byte[USUAL_BYTES];
        }
    }
}
