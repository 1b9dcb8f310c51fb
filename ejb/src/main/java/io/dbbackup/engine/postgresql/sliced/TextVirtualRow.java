package io.dbbackup.engine.postgresql.sliced;

import io.dbbackup.pipeline.RowHash;
import java.nio.charset.StandardCharsets;

/** In text format: the columns' texts with their special characters escaped as COPY does it, and tabs between them. */
final class TextVirtualRow implements VirtualRow {
    private static final byte[] TAB = {'\t'};
    /** How every {@code bytea} in hexadecimal notation begins, its backslash escaped. */
    private static final byte[] HEX = "\\\\x".getBytes(StandardCharsets.US_ASCII);
    private static final String SPECIAL = "\b\f\n\r\t\u000b\\";
    private static final String LETTERS = "bfnrtv\\";

    private final RowHash hash;
    private final byte[] out = new byte[8192];
    private int length;
    private boolean first = true;

    TextVirtualRow(RowHash hash) {
        this.hash = hash;
    }

    @Override
    public void begin(int columns) {
        first = true;
    }

    @Override
    public void whole(HelperRow head, int column) {
        separate();
        if (head.isNull(column)) {
            hash.append(new byte[] {'\\', 'N'}, 0, 2);
        } else {
            hash.append(head.bytes(), head.offsets()[column], head.lengths()[column]);
        }
    }

    @Override
    public void beginSliced(String form, long total) {
        separate();
        if (form.equals("b")) {
            hash.append(HEX, 0, HEX.length);
        }
    }

    private void separate() {
        if (!first) {
            hash.append(TAB, 0, 1);
        }
        first = false;
    }

    @Override
    public int slice(String form, HelperRow row, int column) {
        int from = row.offsets()[column] + HEX.length;
        int digits = row.lengths()[column] - HEX.length;
        if (digits < 0 || digits % 2 != 0) {
            throw SlicedRowScanner.malformed("a slice is not in hexadecimal notation");
        }
        if (form.equals("b")) {
            hash.append(row.bytes(), from, digits);
        } else {
            escape(row.bytes(), from, from + digits);
        }
        return digits / 2;
    }

    private void escape(byte[] hex, int from, int end) {
        for (int i = from; i < end; i += 2) {
            int value = Character.digit(hex[i], 16) << 4 | Character.digit(hex[i + 1], 16);
            int special = value == '\\' || value < ' ' ? SPECIAL.indexOf(value) : -1;
            if (special >= 0) {
                out[length++] = '\\';
                out[length++] = (byte) LETTERS.charAt(special);
            } else {
                out[length++] = (byte) value;
            }
            if (length > out.length - 2) {
                flush();
            }
        }
        flush();
    }

    private void flush() {
        hash.append(out, 0, length);
        length = 0;
    }
}
