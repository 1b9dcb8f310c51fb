package io.dbbackup.engine.postgresql;

import io.dbbackup.model.Fingerprint;
import io.dbbackup.pipeline.RowHash;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The fingerprint of the rows of a {@link CopyRows}, whose messages say where a row begins and ends: what {@code LineRows}
 * and {@link PgBinaryRows} find again in the stored bytes. Not thread-safe.
 */
public final class CopyFingerprint {
    private static final int FIXED_HEADER = 19;
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private final RowHash rows = new RowHash();
    private final CopyFormat format;
    private boolean headerSeen;

    public CopyFingerprint(CopyFormat format) {
        this.format = format;
    }

    /** Adds what came as one message. */
    public void add(byte[] bytes, int offset, int length) {
        switch (format) {
            case TEXT -> rows.add(bytes, offset, length - 1);
            case BINARY -> addBinary(bytes, offset, length);
        }
    }

    private void addBinary(byte[] bytes, int offset, int length) {
        int start = offset;
        int left = length;
        if (!headerSeen) {
            int header = FIXED_HEADER + (int) INTS.get(bytes, offset + FIXED_HEADER - Integer.BYTES);
            headerSeen = true;
            start += header;
            left -= header;
        }
        boolean trailer = left == Short.BYTES && bytes[start] == -1 && bytes[start + 1] == -1;
        if (left > 0 && !trailer) {
            rows.add(bytes, start, left);
        }
    }

    public Fingerprint result() {
        return rows.fingerprint();
    }
}
