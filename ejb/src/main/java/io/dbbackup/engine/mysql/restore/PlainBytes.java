package io.dbbackup.engine.mysql.restore;

import io.dbbackup.spi.Progress;
import java.io.IOException;
import java.io.InputStream;

/**
 * The plain bytes for the driver, which does not tell a failure of the stream apart from others: it is remembered here. Not
 * thread-safe.
 */
final class PlainBytes extends InputStream {
    private final InputStream in;
    private final Progress progress;
    private IOException failure;
    private RuntimeException problem;
    private boolean ended;

    PlainBytes(InputStream in, Progress progress) {
        this.in = in;
        this.progress = progress;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        try {
            int n = in.read(buffer, offset, length);
            ended = n < 0;
            progress.bytes(Math.max(0, n));
            return n;
        } catch (IOException e) {
            failure = e;
            throw e;
        } catch (RuntimeException e) {
            problem = e;
            throw new IOException(e);
        }
    }

    /** Throws what a read has thrown before, if any has. */
    void rethrow() throws IOException {
        if (problem != null) {
            throw problem;
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** @throws IOException when not all of it was read */
    void requireEnd() throws IOException {
        if (!ended && read() >= 0) {
            throw new IOException("the server did not take all of it");
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
