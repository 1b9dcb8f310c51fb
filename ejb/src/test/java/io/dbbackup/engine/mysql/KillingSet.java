package io.dbbackup.engine.mysql;

import io.dbbackup.engine.OtherSet;
import io.dbbackup.model.BlobRef;
import io.dbbackup.spi.SetReader;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A set during whose reading something happens once.
 *
 * @param blob while this one is read
 * @param bytes after so many bytes; at its end at the latest
 * @param action what happens; null when it has happened
 */
record KillingSet(SetReader set, String blob, long bytes, AtomicReference<Runnable> action) implements OtherSet {
    @Override
    public InputStream open(BlobRef ref) {
        return ref.name().equals(blob) ? new Watched(set.open(ref)) : set.open(ref);
    }

    private final class Watched extends FilterInputStream {
        private long count;

        Watched(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int some = super.read(target, offset, length);
            count += Math.max(some, 0);
            Runnable due = some < 0 || count >= bytes ? action.getAndSet(null) : null;
            if (due != null) {
                due.run();
            }
            return some;
        }
    }
}
