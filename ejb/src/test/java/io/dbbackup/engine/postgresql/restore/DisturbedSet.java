package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.OtherSet;
import io.dbbackup.model.BlobRef;
import io.dbbackup.spi.SetReader;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** A set whose blobs do something at a certain point while they are read. */
final class DisturbedSet implements OtherSet {
    private final SetReader set;
    private Predicate<BlobRef> blobs = blob -> false;
    private long offset;
    private Runnable event = () -> {};
    private Predicate<BlobRef> shortened = blob -> false;
    private long end;
    private final AtomicInteger left = new AtomicInteger();

    DisturbedSet(SetReader set) {
        this.set = set;
    }

    /** The next {@code times} chosen blobs run the event when that many plain bytes were read. */
    void disturb(int times, Predicate<BlobRef> chosen, long afterBytes, Runnable what) {
        blobs = chosen;
        offset = afterBytes;
        event = what;
        left.set(times);
    }

    /** From now on chosen blobs seem to end after that many plain bytes. */
    void shorten(Predicate<BlobRef> chosen, long bytes) {
        shortened = chosen;
        end = bytes;
    }

    @Override
    public SetReader set() {
        return set;
    }

    @Override
    public InputStream open(BlobRef blob) {
        InputStream plain = set.open(blob);
        if (shortened.test(blob)) {
            return new BoundedInputStream(plain, end);
        }
        return blobs.test(blob) && left.getAndDecrement() > 0 ? new Disturbed(plain) : plain;
    }

    private static final class BoundedInputStream extends FilterInputStream {
        private long left;

        BoundedInputStream(InputStream in, long bytes) {
            super(in);
            left = bytes;
        }

        @Override
        public int read(byte[] buffer, int from, int length) throws IOException {
            int n = left == 0 ? -1 : super.read(buffer, from, (int) Math.min(length, left));
            left -= Math.max(0, n);
            return n;
        }
    }

    private final class Disturbed extends FilterInputStream {
        private long read;
        private boolean done;

        Disturbed(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] buffer, int from, int length) throws IOException {
            if (!done && read >= offset) {
                done = true;
                event.run();
            }
            int n = super.read(buffer, from, done ? length : (int) Math.min(length, Math.max(1, offset - read)));
            read += Math.max(0, n);
            return n;
        }
    }
}
