package io.dbbackup.service.set;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.spi.BlobStore;
import java.util.HashSet;
import java.util.Set;

/**
 * Looks for the blobs of a set directly before and after its manifest is written: what has none is taken for leftovers by the
 * retention of another catalog when it is old enough, and that stops where it finds a manifest. Thread-safe.
 *
 * @param names of all blobs that the set itself stores but its manifest, with the prefix
 * @param where they are and what is being done there, as the end of a sentence
 * @param next what to do then, as the end of a sentence
 */
public record LastLook(BlobStore store, String prefix, Set<String> names, String where, String next) {
    /** @throws BackupException BLOB_MISSING; or of the store */
    public void refuseVanished() {
        Set<String> lacking = new HashSet<>(names);
        store.list(prefix, blob -> lacking.remove(blob.name()));
        if (!lacking.isEmpty()) {
            throw new BackupException(
                    ErrorCode.BLOB_MISSING,
                    lacking.iterator().next() + (lacking.size() > 1 ? " and " + (lacking.size() - 1) + " more" : "")
                            + " vanished " + where,
                    "Find out what deletes there, such as retention with another catalog, then " + next);
        }
    }

    /** Deletes the manifest: a set that lacks blobs must not look like one. A failure is added to the cause. */
    public void withdraw(BackupException cause) {
        try {
            store.delete(prefix + BackupManifest.BLOB_NAME);
        } catch (BackupException e) {
            cause.addSuppressed(e);
        }
    }
}
