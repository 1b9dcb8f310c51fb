package io.dbbackup.store.web;

import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;

/** Bodies of requests. */
public final class Bodies {
    private Bodies() {}

    /**
     * Bytes of an array that nobody changes while they are sent. The JDK's own body of an array copies all of it first,
     * which would double the memory of an upload; this one copies 16 KiB at a time.
     */
    public static BodyPublisher of(byte[] bytes, int offset, int length) {
        return length == 0
                ? BodyPublishers.noBody()
                : BodyPublishers.fromPublisher(
                        BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes, offset, length)), length);
    }
}
