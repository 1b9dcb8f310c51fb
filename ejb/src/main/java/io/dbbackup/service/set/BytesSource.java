package io.dbbackup.service.set;

import io.dbbackup.pipeline.ByteSource;
import java.io.ByteArrayInputStream;
import java.io.InputStream;

/** Bytes at hand. */
final class BytesSource implements ByteSource {
    private final InputStream stream;

    BytesSource(byte[] bytes) {
        stream = new ByteArrayInputStream(bytes);
    }

    @Override
    public InputStream stream() {
        return stream;
    }

    @Override
    public void awaitSuccess() {
        // there is no producer that could fail
    }

    @Override
    public void close() {
        // nothing to end
    }
}
