package io.dbbackup.service.set;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.BlobStore;
import java.util.logging.Logger;

/** Blobs below a set's prefix that its manifest will not name. Stateless and thread-safe. */
public final class Strays {
    private static final Logger LOG = Logger.getLogger(Strays.class.getName());

    private Strays() {}

    /**
     * Deletes one, or leaves it while the store's retention forbids that: nobody reads what no manifest names, and whatever deletes
     * the set takes it along. Without that a set could not be published before the last lock has ended.
     *
     * @param name in the store; nothing is to be written there again
     * @throws BackupException of the store, but not BLOB_LOCKED
     */
    public static void delete(BlobStore store, String name) {
        try {
            store.delete(name);
        } catch (BackupException e) {
            if (e.code() != ErrorCode.BLOB_LOCKED) {
                throw e;
            }
            LOG.info(() -> "left where it is, although it belongs to nothing: " + e.problem().cause());
        }
    }
}
