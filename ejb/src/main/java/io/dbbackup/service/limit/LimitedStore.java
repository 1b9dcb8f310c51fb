package io.dbbackup.service.limit;

import io.dbbackup.pipeline.BlobWriter;
import io.dbbackup.spi.BlobInfo;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.ResumedUpload;
import io.dbbackup.spi.StoreCapabilities;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * A store whose blobs are written and read no faster than a throttle lets them pass; everything else is the store's. What
 * a store sends again after a fault is not counted. Thread-safe as the store.
 */
final class LimitedStore implements BlobStore {
    /** A reader asks for so much at a time, so that a slow rate is smooth. */
    private static final int READ = 64 * 1024;

    private final BlobStore store;
    private final Throttle throttle;
    private final Cancellation cancellation;

    LimitedStore(BlobStore store, Throttle throttle, Cancellation cancellation) {
        this.store = store;
        this.throttle = throttle;
        this.cancellation = cancellation;
    }

    @Override
    public BlobWriter create(String name, OptionalLong expectedBytes) {
        return new Writer(store.create(name, expectedBytes));
    }

    @Override
    public Optional<ResumedUpload> resume(String name, String token) {
        return store.resume(name, token)
                .map(resumed -> new ResumedUpload(new Writer(resumed.writer()), resumed.storedBytes()));
    }

    @Override
    public InputStream open(String name, long offset) {
        return new Reader(store.open(name, offset));
    }

    @Override
    public Optional<BlobInfo> stat(String name) {
        return store.stat(name);
    }

    @Override
    public void list(String prefix, Consumer<BlobInfo> each) {
        store.list(prefix, each);
    }

    @Override
    public List<String> children(String prefix) {
        return store.children(prefix);
    }

    @Override
    public void delete(String name) {
        store.delete(name);
    }

    @Override
    public long sweepLeftovers(String prefix, Duration olderThan) {
        return store.sweepLeftovers(prefix, olderThan);
    }

    @Override
    public OptionalLong freeBytes() {
        return store.freeBytes();
    }

    @Override
    public void probe() {
        store.probe();
    }

    @Override
    public StoreCapabilities capabilities() {
        return store.capabilities();
    }

    @Override
    public void close() {
        store.close();
    }

    private final class Writer implements BlobWriter {
        private final BlobWriter writer;

        Writer(BlobWriter writer) {
            this.writer = writer;
        }

        @Override
        public void write(byte[] buffer, int offset, int length) throws IOException {
            throttle.pass(length, cancellation);
            writer.write(buffer, offset, length);
        }

        @Override
        public long commit() throws IOException {
            return writer.commit();
        }

        @Override
        public Optional<String> resumeToken() {
            return writer.resumeToken();
        }

        @Override
        public void abort() {
            writer.abort();
        }

        @Override
        public void close() throws IOException {
            writer.close();
        }
    }

    private final class Reader extends FilterInputStream {
        Reader(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int read = in.read(target, offset, throttle.limits() ? Math.min(length, READ) : length);
            if (read > 0) {
                throttle.pass(read, cancellation);
            }
            return read;
        }

        @Override
        public long skip(long bytes) throws IOException {
            // a store may have to read what is skipped
            byte[] rest = new byte[(int) Math.max(0, Math.min(bytes, READ))];
            return Math.max(0, read(rest, 0, rest.length));
        }
    }
}
