package io.dbbackup.engine;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.SetReader;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * A set whose blobs of rows are damaged, which their digests tell at the end, as a {@link SetReader} says it.
 *
 * @param from each such byte is another one; none that is in headers of a bundle
 */
public record DamagedSet(SetReader set, char from, char to) implements OtherSet {
    @Override
    public InputStream open(BlobRef blob) {
        InputStream plain = set.open(blob);
        return rows(blob) ? new Damaged(plain, (byte) from, (byte) to) : plain;
    }

    private boolean rows(BlobRef blob) {
        return set.manifest().databases().stream().flatMap(entry -> set.database(entry).tables().stream())
                .flatMap(table -> table.parts().stream()).anyMatch(part -> part.blob().equals(blob.name()));
    }

    private static final class Damaged extends FilterInputStream {
        private final byte from;
        private final byte to;

        Damaged(InputStream plain, byte from, byte to) {
            super(plain);
            this.from = from;
            this.to = to;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int n = super.read(target, offset, length);
            if (n < 0) {
                throw new BackupException(ErrorCode.BLOB_DIGEST_MISMATCH, "other bytes", "Use another copy.");
            }
            for (int i = offset; i < offset + n; i++) {
                if (target[i] == from) {
                    target[i] = to;
                }
            }
            return n;
        }
    }
}
