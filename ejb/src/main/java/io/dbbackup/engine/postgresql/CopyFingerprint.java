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
    private boolean inside;

    public CopyFingerprint(CopyFormat format) {
        this.format = format;
    }

    /**
     * Adds what came as one message, or a piece of it.
     *
     * @param ends whether the message ends here
     */
    public void add(byte[] bytes, int offset, int length, boolean ends) {
        switch (format) {
            case TEXT -> addRow(bytes, offset, ends ? length - 1 : length, ends);
            case BINARY -> addBinary(bytes, offset, length, ends);
        }
        inside = !ends;
    }

    private void addRow(byte[] bytes, int offset, int length, boolean ends) {
        if (ends && !inside) {
            rows.add(bytes, offset, length);
            return;
        }
        rows.append(bytes, offset, length);
        if (ends) {
            rows.endRow();
        }
    }

    private void addBinary(byte[] bytes, int offset, int length, boolean ends) {
        int start = offset;
        int left = length;
        if (!headerSeen) {
            int header = FIXED_HEADER + (int) INTS.get(bytes, offset + FIXED_HEADER - Integer.BYTES);
            headerSeen = true;
            start += header;
            left -= header;
        }
        boolean trailer =
                ends && !inside && left == Short.BYTES && bytes[start] == -1 && bytes[start + 1] == -1;
        if ((left > 0 || inside) && !trailer) {
            addRow(bytes, start, left, ends);
        }
    }

    public Fingerprint result() {
        return rows.fingerprint();
    }
}
