package io.dbbackup.service.retention;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.BackupSets;
import io.dbbackup.catalog.RunView;
import io.dbbackup.catalog.Runs;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Operation;
import io.dbbackup.model.SetId;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.Cancellation;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Blobs that interrupted backups and copies have left: prefixes of the source that the catalog does not know in this store and
 * that have no manifest. What a restart could still use stays; once it is deleted, the run begins anew when it is restarted.
 * Other catalogs may write into the store: the age of leftovers is that of the youngest blob, never that of the data in it.
 */
@ApplicationScoped
public class Leftovers {
    static final String KIND = "retention.leftover";

    private BackupSets sets;
    private Runs runs;
    private Clock clock;

    protected Leftovers() {}

    @Inject
    public Leftovers(BackupSets sets, Runs runs, Clock clock) {
        this.sets = sets;
        this.runs = runs;
        this.clock = clock;
    }

    /**
     * @param store where it is
     * @param run the one that wrote it, when the catalog still knows it; empty for what a copy left
     * @param newest when the youngest blob of it was committed
     */
    record Task(String set, String store, String prefix, Optional<UUID> run, Instant newest) {}

    /**
     * What is at a prefix.
     *
     * @param remove false: it stays, for the reason given
     * @param strange true when somebody should look at it
     */
    record Found(Task task, boolean remove, boolean strange, String reason) {}

    /**
     * What became of a prefix.
     *
     * @param kept what of it stays although it is a leftover, and why
     * @param bytes that were deleted
     */
    record Outcome(String prefix, Optional<String> kept, long bytes) {
        Outcome {
            // of an execution of an earlier version, which told nothing
            kept = kept == null ? Optional.empty() : kept;
        }
    }

    /** @param children what is directly below the source's prefix */
    List<Found> find(
            BlobStore store, List<String> children, String source, String storeName, Duration leftoverAge) {
        List<Found> found = new ArrayList<>();
        for (String child : children) {
            setId(child).filter(id -> sets.find(child, storeName).isEmpty())
                    .flatMap(id -> judge(store, source, storeName, id, leftoverAge))
                    .ifPresent(found::add);
        }
        return found;
    }

    private Optional<Found> judge(BlobStore store, String source, String storeName, SetId set, Duration leftoverAge) {
        List<RunView> writers = runs.writersOf(set.value());
        if (active(writers)) {
            return Optional.empty();
        }
        boolean copy = sets.find(set.value()).isPresent();
        String prefix = BackupSetView.prefix(source, set.value());
        Optional<UUID> maker = writers.stream()
                .filter(run -> !copy && run.operation() != Operation.COPY)
                .map(RunView::id)
                .findFirst();
        Optional<Instant> newest = new SetRemoval(store, prefix, new Cancellation()).newest();
        if (newest.isEmpty()) {
            // it has gone meanwhile
            return Optional.empty();
        }
        Task task = new Task(set.value(), storeName, prefix, maker, newest.get());
        if (store.stat(prefix + BackupManifest.BLOB_NAME).isPresent()) {
            return Optional.of(new Found(
                    task, false, true, "is a sealed set that the catalog does not know; retention does not touch it"));
        }
        Optional<String> referred = References.to(sets, source, set.value(), storeName, store);
        if (referred.isPresent()) {
            return Optional.of(new Found(
                    task, false, true, "has lost its manifest, and " + referred.get() + "; retention does not touch it"));
        }
        boolean restartable = writers.isEmpty() || writers.stream().anyMatch(run -> run.state().restartable());
        Duration keep = restartable ? leftoverAge : RetentionParameters.MIN_LEFTOVER_AGE;
        // an ended run that we know need not be the one that writes here
        Instant until = Stream.concat(newest.stream(), writers.stream().flatMap(run -> run.endedAt().stream()))
                .max(Comparator.naturalOrder())
                .orElseThrow()
                .plus(keep);
        String what = copy ? "copy" : "backup";
        return Optional.of(
                until.isAfter(clock.instant())
                        ? new Found(task, false, false, "kept until " + until + " for a restart of its " + what + " run")
                        : new Found(task, true, false, "left by a " + what + " that was not finished"));
    }

    private static boolean active(List<RunView> writers) {
        return writers.stream().anyMatch(run -> !run.state().ended());
    }

    /** Deletes what is there, unless it is no leftover any more, but for what the store's retention keeps: the next retention tries again. */
    Outcome remove(Task task, BlobStore store, Cancellation cancellation) {
        SetRemoval removal = new SetRemoval(store, task.prefix(), cancellation);
        boolean givenUp = task.run().map(runs::giveUpSet).orElseGet(() -> !active(runs.writersOf(task.set())));
        if (!givenUp || sets.find(task.set(), task.store()).isPresent() || removal.hasManifest()) {
            return new Outcome(task.prefix(), Optional.empty(), 0);
        }
        String source = task.prefix().substring(0, task.prefix().indexOf('/'));
        if (References.to(sets, source, task.set(), task.store(), store).isPresent()) {
            return new Outcome(task.prefix(), Optional.empty(), 0);
        }
        removal.runUnlessGrowing(task.newest(), RetentionHandler.ABANDONED_UPLOADS);
        return new Outcome(task.prefix(), removal.kept(), removal.bytes());
    }

    private static Optional<SetId> setId(String text) {
        try {
            return Optional.of(new SetId(text));
        } catch (BackupException e) {
            // not ours
            return Optional.empty();
        }
    }
}
