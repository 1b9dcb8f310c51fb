package io.dbbackup.store.web;

import java.io.InputStream;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a server answered.
 *
 * @param body complete, at most 16 MiB; empty when there is a stream
 * @param content the body as a stream, where one was asked for and the answer is a success; whoever asked closes it
 */
public record Answer(int status, HttpHeaders headers, byte[] body, Optional<InputStream> content) {
    public boolean success() {
        return status / 100 == 2;
    }

    public Optional<String> header(String name) {
        return headers.firstValue(name);
    }

    /** Size of the body in bytes, where the server says it. */
    public OptionalLong length() {
        return headers.firstValueAsLong("content-length");
    }

    public String text() {
        return new String(body, StandardCharsets.UTF_8);
    }
}
