package io.dbbackup.service.set;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.StageDescriptor;
import io.dbbackup.pipeline.ByteSource;
import io.dbbackup.pipeline.Decryption;
import io.dbbackup.pipeline.NotAuthenticException;
import io.dbbackup.spi.BlobStore;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A blob's stored bytes without their last stage when that is encryption. Damage is told before forgery, as in {@link CheckedBlob}. */
final class StillCompressed implements ByteSource {
    private final String where;
    private final StoredStream stored;
    private final InputStream stream;

    StillCompressed(BlobStore store, String prefix, BlobRef blob, Decryption decryption) {
        BlobPlace place = BlobPlace.of(store, prefix, blob);
        where = place.where();
        stored = StoredStream.digested(place.open(), where, blob);
        try {
            stream = encryption(blob) == null ? stored : new Decrypted(decrypt(blob, decryption));
        } catch (RuntimeException e) {
            stored.close();
            throw e;
        }
    }

    private static StageDescriptor encryption(BlobRef blob) {
        StageDescriptor last = blob.stages().isEmpty() ? null : blob.stages().get(blob.stages().size() - 1);
        return last != null && last.type().equals(StageDescriptor.ENCRYPTION) ? last : null;
    }

    private InputStream decrypt(BlobRef blob, Decryption decryption) {
        try {
            return decryption.decrypt(encryption(blob), stored);
        } catch (IOException e) {
            throw explained(e);
        }
    }

    private BackupException explained(IOException e) {
        stored.drainAndCheck();
        if (e instanceof NotAuthenticException forged) {
            return CheckedBlob.notAuthentic(where, forged);
        }
        return CheckedBlob.storeFailed(where, e);
    }

    @Override
    public InputStream stream() {
        return stream;
    }

    @Override
    public void awaitSuccess() {
        stored.drainAndCheck();
    }

    @Override
    public void close() {
        stored.close();
    }

    /** Bytes that are authentic. */
    private final class Decrypted extends FilterInputStream {
        Decrypted(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            try {
                return in.read(target, offset, length);
            } catch (IOException e) {
                throw explained(e);
            }
        }
    }
}
