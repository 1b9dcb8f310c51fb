package io.dbbackup.service.retention;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.spi.BlobInfo;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.Cancellation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Deletes everything below a set's prefix, the manifest first: from then on the set does not exist, and whoever
 * deletes again after an interruption finishes the rest.
 */
final class SetRemoval {
    /** Names held in memory at a time. */
    private static final int BATCH = 10_000;

    /** Deletions between two looks for a manifest. */
    private static final int LOOK_EVERY = 10;

    /** Answers of a store that has not done what it was told, and will not. */
    private static final Set<ErrorCode> REFUSED =
            EnumSet.of(ErrorCode.BLOB_LOCKED, ErrorCode.STORE_ACCESS_DENIED, ErrorCode.STORE_NOT_WRITABLE);

    private final BlobStore store;
    private final String prefix;
    private final Cancellation cancellation;
    /** Blobs that the store's retention keeps. */
    private final Set<String> locked = new HashSet<>();
    private Optional<String> whyLocked = Optional.empty();
    private boolean manifestUnclear;
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

    /**
     * Whether the store was told to delete the manifest and has not refused: it may do so at any time, although the manifest is
     * still seen.
     */
    boolean manifestMayGo() {
        return manifestUnclear;
    }

    boolean hasManifest() {
        return store.stat(prefix + BackupManifest.BLOB_NAME).isPresent();
    }

    void run() {
        store.stat(prefix + BackupManifest.BLOB_NAME).ifPresent(this::deleteManifest);
        for (List<BlobInfo> batch = next(); !batch.isEmpty(); batch = next()) {
            batch.forEach(this::delete);
        }
        bytes += store.sweepLeftovers(prefix, Duration.ZERO);
    }

    /**
     * Deletes what has no manifest and stops, leaving the rest, as soon as there is one or a blob that is younger than those that
     * were judged: then somebody, whom another catalog knows, is making a set here. What the store's retention keeps stays, and keeps
     * nothing else; after {@value #BATCH} such blobs all that is left waits for the next time.
     *
     * @param newest when the youngest blob that was judged was committed
     * @param uploads age of uploads that nobody goes on with
     */
    void runUnlessGrowing(Instant newest, Duration uploads) {
        for (List<BlobInfo> batch = next(); !batch.isEmpty(); batch = next()) {
            if (hasManifest() || newest().filter(at -> at.isAfter(newest)).isPresent()) {
                return;
            }
            for (int i = 0; i < batch.size(); i++) {
                boolean manifest = batch.get(i).name().equals(prefix + BackupManifest.BLOB_NAME);
                if (manifest || locked.size() >= BATCH || i % LOOK_EVERY == LOOK_EVERY - 1 && hasManifest()) {
                    return;
                }
                deleteUnlessLocked(batch.get(i));
            }
        }
        bytes += store.sweepLeftovers(prefix, uploads);
    }

    /** When the youngest blob was committed; empty when there are none. */
    Optional<Instant> newest() {
        AtomicReference<Instant> newest = new AtomicReference<>();
        store.list(prefix, blob -> newest.accumulateAndGet(
                blob.committedAt(), (known, at) -> known == null || at.isAfter(known) ? at : known));
        return Optional.ofNullable(newest.get());
    }

    /** What {@link #runUnlessGrowing} had to leave; empty when the store's retention kept nothing. */
    Optional<String> kept() {
        return whyLocked.map(why -> (locked.size() == 1 ? "a blob stays, " : locked.size() + " blobs stay, ") + why);
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
            if (batch.size() < BATCH && !locked.contains(blob.name())) {
                batch.add(blob);
            }
        });
        return batch;
    }

    private void deleteManifest(BlobInfo manifest) {
        cancellation.check();
        manifestUnclear = true;
        try {
            delete(manifest);
        } catch (BackupException e) {
            manifestUnclear = !REFUSED.contains(e.code());
            throw e;
        }
    }

    private void deleteUnlessLocked(BlobInfo blob) {
        try {
            delete(blob);
        } catch (BackupException e) {
            if (e.code() != ErrorCode.BLOB_LOCKED) {
                throw e;
            }
            locked.add(blob.name());
            whyLocked = whyLocked.or(() -> Optional.of(e.problem().cause()));
        }
    }

    private void delete(BlobInfo blob) {
        cancellation.check();
        store.delete(blob.name());
        blobs++;
        bytes += blob.bytes();
    }
}
