package io.dbbackup.service.verify;

import io.dbbackup.catalog.Finding;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Problem;
import io.dbbackup.pipeline.Sha256Probe;
import io.dbbackup.service.set.BlobPlace;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** Reads stored bytes to their end, whatever the manifest says about their number, and compares size and SHA-256. */
final class StoredCheck {
    private static final int BUFFER = 256 * 1024;

    private final OpenSet set;
    private final Cancellation cancellation;
    private final Progress progress;
    private final byte[] buffer = new byte[BUFFER];

    StoredCheck(OpenSet set, Cancellation cancellation, Progress progress) {
        this.set = set;
        this.cancellation = cancellation;
        this.progress = progress;
    }

    /** @return what is wrong with the blob, if anything is */
    Optional<Finding> check(String database, BlobRef blob) {
        String expected = bytes(blob.storedBytes(), blob.storedSha256());
        try (InputStream in = BlobPlace.of(set.store(), set.prefix(), blob).open()) {
            Sha256Probe digest = new Sha256Probe();
            long size = 0;
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                cancellation.check();
                digest.accept(buffer, 0, read);
                progress.bytes(read);
                size += read;
            }
            return compare(database, blob, expected, size, digest.result());
        } catch (BackupException e) {
            return Optional.of(Damage.finding(database, blob.name(), expected, e));
        } catch (IOException e) {
            throw new BackupException(
                    ErrorCode.STORE_IO,
                    "reading " + set.prefix() + blob.name() + " failed: " + e.getMessage(),
                    "Check the store and the connection to it, then restart the run.",
                    e);
        }
    }

    private Optional<Finding> compare(String database, BlobRef blob, String expected, long size, String sha256) {
        if (size == blob.storedBytes() && sha256.equals(blob.storedSha256())) {
            return Optional.empty();
        }
        boolean sizeDiffers = size != blob.storedBytes();
        String what = sizeDiffers
                ? (size < blob.storedBytes() ? "is truncated: it has " : "is too long: it has ") + size
                        + " bytes, the manifest says " + blob.storedBytes()
                : "was altered: its " + size + " bytes have the SHA-256 " + sha256 + ", the manifest says "
                        + blob.storedSha256();
        return Optional.of(Finding.failed(
                database,
                blob.name(),
                expected,
                bytes(size, sha256),
                new Problem(
                        sizeDiffers ? ErrorCode.BLOB_SIZE_MISMATCH : ErrorCode.BLOB_DIGEST_MISMATCH,
                        "blob " + set.prefix() + blob.name() + " " + what,
                        "Bring the blob back from another copy of the store, or rely on another backup set.")));
    }

    private static String bytes(long size, String sha256) {
        return size + " bytes, SHA-256 " + sha256;
    }
}
