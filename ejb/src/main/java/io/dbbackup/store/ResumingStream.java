package io.dbbackup.store;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The bytes of an object from an offset on. A connection that drops is replaced by one that asks for the rest of the
 * same object, a bounded number of times without progress. Not thread-safe.
 */
public final class ResumingStream extends InputStream {
    private static final long FIRST_DELAY_MILLIS = 100;
    private static final long LONGEST_DELAY_MILLIS = 10_000;

    private final String name;
    private final Source source;
    private final int attempts;
    private final long end;
    private long position;
    private InputStream body;
    private int failed;

    /** Where the bytes come from. */
    public interface Source {
        /**
         * Everything of the same object from there on.
         *
         * @throws RefusedException when another attempt would get the same answer
         */
        InputStream open(long position) throws IOException;

        /** Drops a connection without reading what is left of its answer. */
        default void discard(InputStream body) throws IOException {
            body.close();
        }
    }

    /** The store answered that it will not: access was revoked, another object has that name now. */
    public static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1L;

        public RefusedException(Throwable cause) {
            super(cause.getMessage(), cause);
        }
    }

    /**
     * @param first the answer to the first request, which asked for everything from {@code offset} on
     * @param end size of the object
     * @param retries so many times in a row a connection may fail without giving a byte
     */
    public ResumingStream(String name, Source source, InputStream first, long offset, long end, int retries) {
        this.name = name;
        this.source = source;
        this.body = first;
        this.position = offset;
        this.end = end;
        this.attempts = retries + 1;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (position < end) {
            try {
                if (body == null) {
                    body = source.open(position);
                }
                int read = body.read(bytes, offset, length);
                if (read > 0) {
                    position += read;
                    failed = 0;
                    return read;
                }
                throw new IOException("the connection ended " + (end - position) + " bytes before the blob");
            } catch (IOException | RuntimeException e) {
                discard();
                pauseOrGiveUp(e);
            }
        }
        return -1;
    }

    private void pauseOrGiveUp(Exception e) throws IOException {
        failed++;
        if (failed >= attempts || e instanceof RefusedException || Thread.currentThread().isInterrupted()) {
            throw new IOException("reading " + name + " failed at byte " + position + ": " + e.getMessage(), e);
        }
        long most = Math.min(LONGEST_DELAY_MILLIS, FIRST_DELAY_MILLIS << failed);
        try {
            Thread.sleep(ThreadLocalRandom.current().nextLong(most + 1));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("reading " + name + " was interrupted", e);
        }
    }

    private void discard() {
        if (body != null) {
            try {
                source.discard(body);
            } catch (IOException e) {
                // it is gone already
            }
            body = null;
        }
    }

    @Override
    public void close() throws IOException {
        if (body != null && position >= end) {
            body.close();
            body = null;
        }
        discard();
        position = end;
    }
}
