package io.dbbackup.engine.postgresql.restore;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Optional;

/**
 * Remembers which object the last lines of a script were about, so that an error at a line can be named. Bounded: an
 * error concerns what psql reads, which is at most a pipe's buffer behind what was written.
 */
final class ScriptNames {
    private static final String MARK = "-- Name: ";
    private static final int MOST = 4096;
    private static final int LONGEST = 400;

    private record Named(long line, String name) {}

    private final ArrayDeque<Named> names = new ArrayDeque<>();
    private final ByteArrayOutputStream begin = new ByteArrayOutputStream(LONGEST);
    private long line = 1;

    /** Looks at the next bytes of the script. */
    void accept(byte[] buffer, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            byte b = buffer[i];
            if (b == '\n') {
                endOfLine();
            } else if (begin.size() < LONGEST && (begin.size() >= MARK.length() || b == MARK.charAt(begin.size()))) {
                begin.write(b);
            } else if (begin.size() < MARK.length()) {
                i = skipLine(buffer, i, offset + length);
            }
        }
    }

    private int skipLine(byte[] buffer, int from, int end) {
        // a line that does not begin with the mark is of no interest; its rest may come with the next bytes
        begin.reset();
        int i = from;
        while (i < end && buffer[i] != '\n') {
            i++;
        }
        return i - 1;
    }

    private void endOfLine() {
        if (begin.size() > MARK.length()) {
            names.add(new Named(line, begin.toString(StandardCharsets.UTF_8).substring(MARK.length())));
            if (names.size() > MOST) {
                names.removeFirst();
            }
        }
        begin.reset();
        line++;
    }

    /** For example {@code t_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres}. */
    Optional<String> at(long failedLine) {
        for (Iterator<Named> newest = names.descendingIterator(); newest.hasNext();) {
            Named named = newest.next();
            if (named.line() <= failedLine) {
                return Optional.of(named.name());
            }
        }
        return Optional.empty();
    }
}
