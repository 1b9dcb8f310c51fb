package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.postgresql.Quoting;
import io.dbbackup.spi.TablespaceChoice;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Gives the tablespaces of a script that pg_restore wrote other names, and passes everything else through as it is: bytes that
 * are no text among it. pg_restore chooses a tablespace by a line of its own, {@code SET default_tablespace = name;}, which is
 * always followed by an empty one; such a line inside a function's body is followed by what the body says next.
 */
final class ScriptTablespaces extends FilterOutputStream {
    private static final byte[] PREFIX = "SET default_tablespace = ".getBytes(StandardCharsets.US_ASCII);
    private static final int LONGEST = 1024;

    private final TablespaceChoice choice;
    /** The beginning of a line that may be such a one, up to the line feed behind the next line's first byte. */
    private final ByteArrayOutputStream held = new ByteArrayOutputStream();
    private boolean passing;

    ScriptTablespaces(OutputStream out, TablespaceChoice choice) {
        super(out);
        this.choice = choice;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] buffer, int offset, int length) throws IOException {
        if (choice.mapping().isEmpty()) {
            out.write(buffer, offset, length);
            return;
        }
        int from = offset;
        for (int i = offset; i < offset + length; i++) {
            byte b = buffer[i];
            if (passing) {
                if (b == '\n') {
                    out.write(buffer, from, i + 1 - from);
                    passing = false;
                    from = i + 1;
                }
            } else {
                hold(b);
                from = i + 1;
            }
        }
        if (from < offset + length) {
            out.write(buffer, from, offset + length - from);
        }
    }

    private void hold(byte b) throws IOException {
        held.write(b);
        byte[] line = held.toByteArray();
        int end = new String(line, StandardCharsets.ISO_8859_1).indexOf('\n');
        if (end < 0) {
            int compared = Math.min(line.length, PREFIX.length);
            for (int i = 0; i < compared; i++) {
                if (line[i] != PREFIX[i]) {
                    pass(line);
                    return;
                }
            }
            if (line.length > LONGEST) {
                pass(line);
            }
        } else if (end < PREFIX.length) {
            out.write(line);
            held.reset();
        } else if (line.length > end + 1) {
            held.reset();
            if (line[end + 1] == '\n') {
                out.write(renamed(new String(line, 0, end, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8));
                out.write('\n');
                out.write('\n');
            } else {
                out.write(line, 0, end + 1);
                hold(line[end + 1]);
            }
        }
    }

    private void pass(byte[] line) throws IOException {
        out.write(line);
        held.reset();
        passing = true;
    }

    private String renamed(String line) {
        String value = line.substring(PREFIX.length);
        if (!value.endsWith(";")) {
            return line;
        }
        List<String> names = SearchPath.names(value.substring(0, value.length() - 1));
        return names.size() == 1 && choice.mapping().containsKey(names.get(0))
                ? line.substring(0, PREFIX.length) + Quoting.identifier(choice.of(names.get(0))) + ";"
                : line;
    }

    /** Passes on what was held back, at the end of the script. */
    @Override
    public void flush() throws IOException {
        out.write(held.toByteArray());
        held.reset();
        out.flush();
    }
}
