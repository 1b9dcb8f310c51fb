package io.dbbackup.engine.postgresql.restore;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Changes the header of a script that pg_restore wrote, and passes everything after it through.
 *
 * <p>pg_restore empties {@code search_path}, as a protection from hostile archives (CVE-2018-1058). Functions that find
 * tables by the database's own search_path then fail, and with them indexes, materialized views and generated columns.
 * The archives restored here were written by this product from the database itself, and every name in them is
 * qualified, so that the line is left out and the session keeps the database's own search_path.
 * {@code transaction_timeout} is unknown to servers before 17.
 */
final class ScriptHeader {
    private static final String SEARCH_PATH = "SELECT pg_catalog.set_config('search_path', '', false);";
    private static final String TRANSACTION_TIMEOUT = "SET transaction_timeout = 0;";
    private static final int LONGEST = 64 * 1024;

    private final OutputStream next;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private boolean done;

    ScriptHeader(OutputStream next) {
        this.next = next;
    }

    void write(byte[] buffer, int length) throws IOException {
        int i = 0;
        while (i < length && !done) {
            byte b = buffer[i++];
            line.write(b);
            if (b == '\n') {
                endOfLine();
            } else if (line.size() > LONGEST) {
                finish();
            }
        }
        if (i < length) {
            next.write(buffer, i, length - i);
        }
    }

    private void endOfLine() throws IOException {
        String text = line.toString(StandardCharsets.ISO_8859_1).strip();
        if (text.equals(SEARCH_PATH)) {
            line.reset();
            line.write('\n');
            finish();
        } else if (text.equals(TRANSACTION_TIMEOUT)) {
            line.reset();
            line.write('\n');
        }
        next.write(line.toByteArray());
        line.reset();
    }

    /** Lets whoever comes next pass on what it holds back. */
    void flush() throws IOException {
        next.flush();
    }

    /** Passes on what is left. */
    void finish() throws IOException {
        next.write(line.toByteArray());
        line.reset();
        done = true;
    }
}
