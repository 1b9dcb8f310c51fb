package io.dbbackup.service.retention;

import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.spi.BlobInfo;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.Cancellation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Deletes everything below a set's prefix, the manifest first: from then on the set does not exist, and whoever
 * deletes again after an interruption finishes the rest.
 */
final class SetRemoval {
    /** Names held in memory at a time. */
    private static final int BATCH = 10_000;

    private final BlobStore store;
    private final String prefix;
    private final Cancellation cancellation;
    private long blobs;
    private long bytes;

    /** @param prefix ends with a slash and names one set */
    SetRemoval(BlobStore store, String prefix, Cancellation cancellation) {
        if (!prefix.matches("[^/]+/[^/]+/")) {
            throw new IllegalArgumentException("not the prefix of a backup set: \"" + prefix + "\"");
        }
        this.store = store;
        this.prefix = prefix;
        this.cancellation = cancellation;
    }

    boolean hasManifest() {
        return store.stat(prefix + BackupManifest.BLOB_NAME).isPresent();
    }

    void run() {
        store.stat(prefix + BackupManifest.BLOB_NAME).ifPresent(this::delete);
        for (List<BlobInfo> batch = next(); !batch.isEmpty(); batch = next()) {
            batch.forEach(this::delete);
        }
        bytes += store.sweepLeftovers(prefix, Duration.ZERO);
    }

    long blobs() {
        return blobs;
    }

    long bytes() {
        return bytes;
    }

    private List<BlobInfo> next() {
        List<BlobInfo> batch = new ArrayList<>();
        store.list(prefix, blob -> {
            if (batch.size() < BATCH) {
                batch.add(blob);
            }
        });
        return batch;
    }

    private void delete(BlobInfo blob) {
        cancellation.check();
        store.delete(blob.name());
        blobs++;
        bytes += blob.bytes();
    }
}
