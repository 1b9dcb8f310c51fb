package io.dbbackup.engine.postgresql.sliced;

import io.dbbackup.pipeline.RowHash;
import java.nio.ByteBuffer;

/** In binary format: the number of columns, and each column with its length before it. */
final class BinaryVirtualRow implements VirtualRow {
    private static final byte JSONB_VERSION = 1;

    private final RowHash hash;

    BinaryVirtualRow(RowHash hash) {
        this.hash = hash;
    }

    @Override
    public void begin(int columns) {
        append(ByteBuffer.allocate(Short.BYTES).putShort((short) columns));
    }

    @Override
    public void whole(HelperRow head, int column) {
        append(ByteBuffer.allocate(Integer.BYTES).putInt(head.lengths()[column]));
        if (!head.isNull(column)) {
            hash.append(head.bytes(), head.offsets()[column], head.lengths()[column]);
        }
    }

    @Override
    public void beginSliced(String form, long total) {
        if (form.equals("j")) {
            append(ByteBuffer.allocate(Integer.BYTES + 1).putInt((int) total + 1).put(JSONB_VERSION));
        } else {
            append(ByteBuffer.allocate(Integer.BYTES).putInt((int) total));
        }
    }

    @Override
    public int slice(String form, HelperRow row, int column) {
        int length = row.lengths()[column];
        if (length > 0) {
            hash.append(row.bytes(), row.offsets()[column], length);
        }
        return length;
    }

    private void append(ByteBuffer bytes) {
        hash.append(bytes.array(), 0, bytes.position());
    }
}
