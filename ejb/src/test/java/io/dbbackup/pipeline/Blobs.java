package io.dbbackup.pipeline;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.Random;

/** Sources and sinks of tests. */
public final class Blobs {
    private Blobs() {}

    public static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    /** Bytes that compress, with line feeds. */
    public static byte[] text(int length) {
        byte[] bytes = new byte[length];
        Random random = new Random(length);
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (random.nextInt(40) == 0 ? '\n' : 'a' + random.nextInt(20));
        }
        return bytes;
    }

    /** A producer that ends well. */
    public static TestSource source(byte[] bytes) {
        return new TestSource(new ByteArrayInputStream(bytes), Optional.empty());
    }

    /** A producer whose stream ends as always, but which fails then, as a dump tool with exit code 1 does. */
    public static TestSource failingSource(byte[] bytes) {
        return new TestSource(
                new ByteArrayInputStream(bytes),
                Optional.of(new BackupException(ErrorCode.TOOL_FAILED, "pg_dump ended with exit code 1", "Look.")));
    }

    /** A producer with a failure at its end, or without one. */
    public static class TestSource implements ByteSource {
        private final InputStream stream;
        private final Optional<BackupException> failure;
        private boolean closed;

        public TestSource(InputStream stream, Optional<BackupException> failure) {
            this.stream = stream;
            this.failure = failure;
        }

        @Override
        public InputStream stream() {
            return stream;
        }

        @Override
        public void awaitSuccess() {
            failure.ifPresent(e -> {
                throw e;
            });
        }

        @Override
        public void close() {
            closed = true;
        }

        public boolean closed() {
            return closed;
        }
    }

    /** Keeps an upload in memory and what became of it. */
    public static final class MemoryWriter implements BlobWriter {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private boolean committed;
        private boolean closed;

        @Override
        public void write(byte[] buffer, int offset, int length) throws IOException {
            if (closed || committed) {
                throw new IOException("written after the end");
            }
            bytes.write(buffer, offset, length);
        }

        @Override
        public long commit() {
            committed = true;
            return bytes.size();
        }

        @Override
        public void abort() {
            closed = true;
        }

        @Override
        public void close() {
            closed = true;
        }

        public boolean committed() {
            return committed;
        }

        public boolean closed() {
            return closed;
        }

        public byte[] bytes() {
            return bytes.toByteArray();
        }
    }
}
