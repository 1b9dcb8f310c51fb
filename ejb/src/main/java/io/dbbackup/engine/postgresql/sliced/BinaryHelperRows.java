package io.dbbackup.engine.postgresql.sliced;

import java.nio.ByteBuffer;

/** In COPY's binary format; see {@link io.dbbackup.engine.postgresql.PgBinaryRows} for it. */
final class BinaryHelperRows implements HelperRows {
    private static final int FIXED_HEADER = 19;
    private static final byte[] SIGNATURE = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0};

    private HelperRow row = HelperRow.EMPTY;
    private boolean headerSeen;
    private boolean trailerSeen;

    @Override
    public int next(byte[] bytes, int from, int end) {
        if (!headerSeen) {
            return header(bytes, from, end);
        }
        if (end - from < Short.BYTES) {
            return from;
        }
        if (trailerSeen) {
            throw SlicedRowScanner.malformed("there are bytes after the trailer");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes, from, end - from);
        int columns = in.getShort();
        if (columns < 0) {
            trailerSeen = true;
            row = HelperRow.EMPTY;
            return in.position();
        }
        int[] offsets = new int[columns];
        int[] lengths = new int[columns];
        for (int i = 0; i < columns; i++) {
            if (in.remaining() < Integer.BYTES) {
                return from;
            }
            lengths[i] = in.getInt();
            offsets[i] = in.position();
            if (lengths[i] < -1) {
                throw SlicedRowScanner.malformed("a field has a length of " + lengths[i] + " bytes");
            }
            if (lengths[i] > in.remaining()) {
                return from;
            }
            in.position(offsets[i] + Math.max(lengths[i], 0));
        }
        row = new HelperRow(true, bytes, offsets, lengths, columns);
        return in.position();
    }

    private int header(byte[] bytes, int from, int end) {
        if (end - from < FIXED_HEADER) {
            return from;
        }
        ByteBuffer in = ByteBuffer.wrap(bytes, from, end - from);
        byte[] signature = new byte[SIGNATURE.length];
        in.get(signature);
        int flags = in.getInt();
        if (!java.util.Arrays.equals(signature, SIGNATURE) || flags != 0 || in.getInt() != 0) {
            throw SlicedRowScanner.malformed("the data does not begin as a binary COPY");
        }
        headerSeen = true;
        row = HelperRow.EMPTY;
        return in.position();
    }

    @Override
    public HelperRow row() {
        return row;
    }

    @Override
    public boolean complete() {
        return trailerSeen;
    }
}
