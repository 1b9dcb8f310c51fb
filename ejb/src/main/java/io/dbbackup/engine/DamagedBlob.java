package io.dbbackup.engine;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.RestoreContext;
import java.io.IOException;
import java.io.InputStream;
import java.util.EnumSet;
import java.util.Set;

/**
 * Tells rows that could not be loaded because they are not those that were written from all others: a digest is looked at behind the last byte only,
 * and whoever cuts or takes rows fails before that. Stateless and thread-safe.
 */
public final class DamagedBlob {
    /** What loading rows that are none ends with. */
    private static final Set<ErrorCode> SUSPECT =
            EnumSet.of(ErrorCode.BLOB_UNDECODABLE, ErrorCode.DATABASE_STATEMENT_FAILED, ErrorCode.ROW_COUNT_MISMATCH);
    private static final Set<ErrorCode> DAMAGE = EnumSet.of(
            ErrorCode.BLOB_MISSING, ErrorCode.BLOB_SIZE_MISMATCH, ErrorCode.BLOB_DIGEST_MISMATCH, ErrorCode.BLOB_UNDECODABLE,
            ErrorCode.BLOB_NOT_AUTHENTIC, ErrorCode.BLOB_TRUNCATED);

    private DamagedBlob() {}

    /**
     * Reads the blob once more, to its end, where the failure may come of its content; a buffer of it is in memory at a time. Ends early when the
     * run is stopped.
     *
     * @return what is wrong with the blob, or the failure itself where nothing is or the store cannot tell
     */
    public static BackupException or(BackupException failed, RestoreContext context, BlobRef blob) {
        if (!SUSPECT.contains(failed.code())) {
            return failed;
        }
        try (InputStream plain = context.set().open(blob)) {
            byte[] buffer = new byte[1 << 16];
            while (!context.cancellation().cancelled() && plain.read(buffer) >= 0) {
                // the digests are compared at the end
            }
        } catch (BackupException e) {
            if (DAMAGE.contains(e.code())) {
                e.addSuppressed(failed);
                return e;
            }
            failed.addSuppressed(e);
        } catch (IOException e) {
            failed.addSuppressed(e);
        }
        return failed;
    }
}
