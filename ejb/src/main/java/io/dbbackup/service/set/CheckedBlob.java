package io.dbbackup.service.set;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.StageDescriptor;
import io.dbbackup.pipeline.Codecs;
import io.dbbackup.pipeline.Decryption;
import io.dbbackup.pipeline.NotAuthenticException;
import io.dbbackup.pipeline.Xxh128Probe;
import io.dbbackup.spi.BlobStore;
import java.io.IOException;
import java.io.InputStream;

/**
 * The plain bytes of a blob. When they end, and whenever they cannot be decoded, the rest of the stored bytes is read
 * and compared with the manifest first: a damaged blob is reported as that, and as undecodable only when the stored
 * bytes are the ones that were written.
 *
 * <p>Of an encrypted blob no SHA-256 is taken on the way: AES-GCM authenticates every stored byte, and the digest would cost
 * more than decryption and decompression together on a processor without SHA extensions. When authentication fails, the blob
 * is read once more to tell damage from forgery.
 */
final class CheckedBlob extends InputStream {
    private final BlobStore store;
    private final String prefix;
    private final BlobRef blob;
    private final String where;
    private final StoredStream stored;
    private final InputStream plain;
    private final Xxh128Probe plainDigest = new Xxh128Probe();
    private long plainBytes;
    private boolean ended;

    private CheckedBlob(
            BlobStore store, String prefix, BlobRef blob, String where, StoredStream stored, Decryption decryption) {
        this.store = store;
        this.prefix = prefix;
        this.blob = blob;
        this.where = where;
        this.stored = stored;
        this.plain = decoded(decryption);
    }

    static CheckedBlob open(BlobStore store, String prefix, BlobRef blob, Decryption decryption) {
        BlobPlace place = BlobPlace.of(store, prefix, blob);
        String where = place.where();
        blob.stages().forEach(stage -> known(where, stage));
        InputStream in = place.open();
        StoredStream stored = encrypted(blob)
                ? StoredStream.counted(in, where, blob)
                : StoredStream.digested(in, where, blob);
        try {
            return new CheckedBlob(store, prefix, blob, where, stored, decryption);
        } catch (RuntimeException e) {
            stored.close();
            throw e;
        }
    }

    static void checkStored(BlobStore store, String prefix, BlobRef blob) {
        BlobPlace place = BlobPlace.of(store, prefix, blob);
        try (StoredStream stored = StoredStream.digested(place.open(), place.where(), blob)) {
            stored.drainAndCheck();
        }
    }

    /** Whether what is stored is a ciphertext; a stage behind the encryption would not be authenticated. */
    private static boolean encrypted(BlobRef blob) {
        int stages = blob.stages().size();
        return stages > 0 && blob.stages().get(stages - 1).type().equals(StageDescriptor.ENCRYPTION);
    }

    /** Returns only when the stored bytes are the ones that were written. */
    private void findDamage() {
        stored.drainAndCheck();
        if (encrypted(blob)) {
            checkStored(store, prefix, blob);
        }
    }

    private static void known(String where, StageDescriptor stage) {
        try {
            Codecs.checkKnown(stage);
        } catch (BackupException e) {
            throw new BackupException(
                    e.code(), where + ": " + e.problem().cause(), e.problem().remedy(), e);
        }
    }

    private InputStream decoded(Decryption decryption) {
        try {
            return Codecs.decode(blob.stages(), stored, decryption);
        } catch (IOException e) {
            throw undecodable(e);
        }
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
        if (ended) {
            return -1;
        }
        int read;
        try {
            read = plain.read(target, offset, length);
        } catch (BackupException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw undecodable(e);
        }
        if (read < 0) {
            checkEnd();
            ended = true;
        } else {
            plainBytes += read;
            if (plainBytes > blob.plainBytes()) {
                // also the limit of what a few damaged bytes may blow up to
                findDamage();
                throw sizeMismatch();
            }
            plainDigest.accept(target, offset, read);
        }
        return read;
    }

    @Override
    public void close() {
        try {
            plain.close();
        } catch (IOException e) {
            // what was read is unaffected
        } finally {
            stored.close();
        }
    }

    private void checkEnd() {
        stored.drainAndCheck();
        if (plainBytes != blob.plainBytes()) {
            throw sizeMismatch();
        }
        if (!plainDigest.result().equals(blob.plainXxh128())) {
            throw new BackupException(
                    ErrorCode.BLOB_DIGEST_MISMATCH,
                    where + " decodes to bytes with the XXH3-128 " + plainDigest.result() + ", the manifest says "
                            + blob.plainXxh128(),
                    "The stored bytes are as written, so the manifest is wrong; use another copy of the backup set.");
        }
    }

    private BackupException sizeMismatch() {
        return new BackupException(
                ErrorCode.BLOB_SIZE_MISMATCH,
                where + " decodes to " + (plainBytes > blob.plainBytes() ? "more than " : "") + Math.min(plainBytes,
                        blob.plainBytes()) + " bytes, the manifest says " + blob.plainBytes(),
                "The stored bytes are as written, so the manifest is wrong; use another copy of the backup set.");
    }

    private BackupException undecodable(Exception e) {
        findDamage();
        if (e instanceof NotAuthenticException forged) {
            return notAuthentic(where, forged);
        }
        return new BackupException(
                ErrorCode.BLOB_UNDECODABLE,
                where + " cannot be decoded as " + blob.stages().stream().map(StageDescriptor::type).toList()
                        + " although its stored bytes are the ones that were written: " + e.getMessage(),
                "Check the blob with the tool of that format; report it with the manifest if the tool reads it.",
                e);
    }

    static BackupException notAuthentic(String where, NotAuthenticException forged) {
        return new BackupException(
                forged.code(),
                where + " is not authentic although its stored bytes are the ones that the manifest names: "
                        + forged.getMessage(),
                "Find out who wrote it; use another copy of the backup set.",
                forged);
    }

    static BackupException storeFailed(String where, IOException e) {
        return new BackupException(
                ErrorCode.STORE_IO,
                "reading " + where + " failed: " + e.getMessage(),
                "Check the store and the connection to it, then try again.",
                e);
    }
}
