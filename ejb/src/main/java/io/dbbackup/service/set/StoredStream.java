package io.dbbackup.service.set;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.pipeline.Sha256Probe;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** A blob's stored bytes, compared with its receipt at their end. Failures of the store are unchecked from here on. */
final class StoredStream extends InputStream {
    private static final String DAMAGED = "The blob was damaged after it was written; use another copy of the backup set.";

    private final InputStream in;
    private final String where;
    private final BlobRef blob;
    private final Optional<Sha256Probe> digest;
    private long bytes;

    private StoredStream(InputStream in, String where, BlobRef blob, Optional<Sha256Probe> digest) {
        this.in = in;
        this.where = where;
        this.blob = blob;
        this.digest = digest;
    }

    static StoredStream digested(InputStream in, String where, BlobRef blob) {
        return new StoredStream(in, where, blob, Optional.of(new Sha256Probe()));
    }

    /** Compares the size alone, for bytes that are authenticated by what reads them. */
    static StoredStream counted(InputStream in, String where, BlobRef blob) {
        return new StoredStream(in, where, blob, Optional.empty());
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        int read;
        try {
            read = in.read(target, offset, length);
        } catch (IOException e) {
            throw CheckedBlob.storeFailed(where, e);
        }
        if (read > 0) {
            bytes += read;
            if (bytes > blob.storedBytes()) {
                throw sizeMismatch("more than " + blob.storedBytes());
            }
            if (digest.isPresent()) {
                digest.get().accept(target, offset, read);
            }
        } else if (bytes < blob.storedBytes()) {
            throw sizeMismatch("only " + bytes);
        }
        return read;
    }

    /** Reads what is left; returns only when the size, and the digest if one was taken, are those of the receipt. */
    void drainAndCheck() {
        byte[] rest = new byte[64 * 1024];
        while (read(rest, 0, rest.length) >= 0) {
            // only to be counted and digested
        }
        String found = digest.map(Sha256Probe::result).orElse(blob.storedSha256());
        if (!found.equals(blob.storedSha256())) {
            throw new BackupException(
                    ErrorCode.BLOB_DIGEST_MISMATCH,
                    where + " has the SHA-256 " + found + ", the manifest says " + blob.storedSha256(),
                    DAMAGED);
        }
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            // what was read is unaffected
        }
    }

    private BackupException sizeMismatch(String found) {
        return new BackupException(
                ErrorCode.BLOB_SIZE_MISMATCH,
                where + " has " + found + " bytes, the manifest says " + blob.storedBytes(),
                DAMAGED);
    }
}
