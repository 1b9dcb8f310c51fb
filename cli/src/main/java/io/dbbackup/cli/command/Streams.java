package io.dbbackup.cli.command;

import io.dbbackup.cli.client.ApiException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.Reader;
import java.nio.charset.StandardCharsets;

/** Copies an answer to standard output without holding it. */
final class Streams {
    private Streams() {}

    static void copy(InputStream answer, PrintWriter out) {
        try (Reader reader = new InputStreamReader(answer, StandardCharsets.UTF_8)) {
            reader.transferTo(out);
            out.flush();
        } catch (IOException e) {
            throw new ApiException(
                    "SERVER_UNREACHABLE", "the answer ended too early: " + e.getMessage(), "Ask again.", 69);
        }
    }
}
