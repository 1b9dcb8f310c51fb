package io.dbbackup.engine.postgresql;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;

/** Keeps reading standard error, so that the program never blocks on it, and remembers its last lines. Thread-safe. */
final class StderrTail {
    private static final int LINES = 60;
    private static final int LINE_LENGTH = 600;

    private final ArrayDeque<String> last = new ArrayDeque<>();
    private final Optional<String> secret;
    private final Thread reader;

    StderrTail(InputStream stream, Optional<String> secret) {
        this.secret = secret.filter(s -> !s.isEmpty());
        reader = new Thread(() -> read(stream), "dbbackup stderr");
        reader.setDaemon(true);
        reader.start();
    }

    private void read(InputStream stream) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            StringBuilder line = new StringBuilder();
            // character by character: a "line" of a program gone wild may be longer than memory
            for (int c = lines.read(); c >= 0; c = lines.read()) {
                if (c == '\n') {
                    add(line.toString());
                    line.setLength(0);
                } else if (line.length() < LINE_LENGTH) {
                    line.append((char) c);
                }
            }
            add(line.toString());
        } catch (IOException e) {
            // the process was ended: what was said until now is all there is
            add("(standard error was cut off)");
        }
    }

    private synchronized void add(String line) {
        if (line.isBlank()) {
            return;
        }
        last.add(secret.map(s -> line.replace(s, "***")).orElse(line));
        if (last.size() > LINES) {
            last.removeFirst();
        }
    }

    void await() throws InterruptedException {
        reader.join(5000);
    }

    synchronized List<String> lines() {
        return List.copyOf(last);
    }
}
