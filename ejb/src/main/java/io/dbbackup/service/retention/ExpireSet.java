package io.dbbackup.service.retention;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.BackupSets;
import io.dbbackup.catalog.Configuration;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.StoreConfig;
import io.dbbackup.service.access.StorePlace;
import io.dbbackup.service.run.Execution;
import io.dbbackup.spi.BlobStore;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Expires one copy of a set, restartably: it is first marked as EXPIRING in the catalog, then its manifest is deleted, then the rest
 * of its blobs, then the catalog forgets it.
 *
 * <p>A run that wants to use a set writes its own row before it looks at the set's state; here the state is written before
 * the runs are looked at. So at least one of the two sees the other, and a set is never deleted under a restore. The same holds for
 * a backup that may refer to the set. It enters its own set, references included, before its run ends; so the runs are looked at
 * first and the references afterwards.
 */
@ApplicationScoped
public class ExpireSet {
    static final String KIND = "retention.expire";
    static final String DELETED = "deleted";
    static final String KEPT = "kept: ";

    private BackupSets sets;
    private SetUsers users;
    private Configuration configuration;

    protected ExpireSet() {}

    @Inject
    public ExpireSet(BackupSets sets, SetUsers users, Configuration configuration) {
        this.sets = sets;
        this.users = users;
        this.configuration = configuration;
    }

    /** @param rules why it expires */
    record Task(String set, String store, long storedBytes, Optional<String> policy, List<String> rules) {}

    /** @param outcome {@code deleted}, or {@code kept:} with the reason that came up since the decision */
    record Outcome(String set, String outcome, long blobs, long bytes) {}

    /** Of the work item that expires copies of a set. */
    static String key(String set) {
        return RetentionDecider.key(KIND, set);
    }

    Outcome run(Task task, BlobStore store, Execution execution) {
        return run(task, store, execution, set -> reprieve(set, task, store));
    }

    /** As the other, but only a run or a set that uses the set, or another copy at the same place, keeps it. */
    Outcome removeUnlessUsed(Task task, BlobStore store, Execution execution) {
        return run(task, store, execution, set -> used(set).or(() -> referred(set, store)).or(() -> twin(set)));
    }

    private Outcome run(
            Task task,
            BlobStore store,
            Execution execution,
            Function<BackupSetView, Optional<String>> reprieves) {
        Optional<BackupSetView> found = sets.find(task.set(), task.store());
        if (found.isEmpty()) {
            return new Outcome(task.set(), DELETED, 0, 0);
        }
        BackupSetView set = found.get();
        SetRemoval removal = new SetRemoval(store, set.prefix(), execution.cancellation());
        sets.expiring(set.id(), set.store());
        Optional<String> reprieve = reprieve(set, reprieves, removal, execution);
        if (reprieve.isPresent() && removal.hasManifest()) {
            sealedAgain(set, execution);
            return new Outcome(set.id(), KEPT + reprieve.get(), 0, 0);
        }
        // without its manifest the set is lost already, and nobody can begin to use it, but others may need its blobs
        Optional<String> needed = reprieve.flatMap(any -> referred(set, store));
        if (needed.isPresent()) {
            return new Outcome(set.id(), KEPT + needed.get(), 0, 0);
        }
        try {
            removal.run();
        } catch (BackupException e) {
            // the manifest goes first and was written last: if the store keeps it, it keeps everything
            if (e.code() != ErrorCode.BLOB_LOCKED || !removal.hasManifest()) {
                throw e;
            }
            sealedAgain(set, execution);
            return new Outcome(set.id(), KEPT + e.problem().cause(), 0, 0);
        }
        sets.forget(set.id(), set.store());
        return new Outcome(set.id(), DELETED, removal.blobs(), removal.bytes());
    }

    /** The set must not stay hidden because the store could not be asked. */
    private Optional<String> reprieve(
            BackupSetView set, Function<BackupSetView, Optional<String>> reprieves, SetRemoval removal, Execution execution) {
        try {
            return reprieves.apply(set);
        } catch (RuntimeException e) {
            try {
                if (removal.hasManifest()) {
                    sealedAgain(set, execution);
                }
            } catch (RuntimeException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }

    /** Unless another run is deleting it. */
    private void sealedAgain(BackupSetView set, Execution execution) {
        sets.sealedAgain(set.id(), set.store(), execution.run(), key(set.id()));
    }

    private Optional<String> reprieve(BackupSetView set, Task task, BlobStore store) {
        return used(set).or(() -> referred(set, store)).or(() -> newestVerified(set, task)).or(() -> twin(set));
    }

    /** Why other sets in the same store need this one, if they do. */
    Optional<String> referred(BackupSetView set, BlobStore store) {
        return References.to(sets, set.source(), set.id(), set.store(), store);
    }

    /**
     * What looks like another copy of the set and would be gone with this one: its store is a second name of the same place, as
     * catalogs may have from the time before such names were refused.
     */
    Optional<String> twin(BackupSetView set) {
        List<String> others = sets.copies(set.id()).stream().map(BackupSetView::store).toList();
        List<StoreConfig> stores = configuration.stores();
        return stores.stream()
                .filter(store -> store.name().equals(set.store()))
                .findFirst()
                .flatMap(store -> StorePlace.twin(
                        store, stores.stream().filter(other -> others.contains(other.name())).toList()))
                .map(other -> "store \"" + other.name() + "\" is the same place as \"" + set.store()
                        + "\", and what is deleted in one is gone in the other");
    }

    private Optional<String> used(BackupSetView set) {
        return users.of(set.id()).map(user -> "in use by " + user);
    }

    private Optional<String> newestVerified(BackupSetView set, Task task) {
        List<BackupSetView> verified = sets.ofSourceInStore(set.source(), set.store()).stream()
                .filter(other -> task.policy().isEmpty() || other.policy().equals(task.policy()))
                .filter(other -> other.id().equals(set.id()) || other.state() == BackupSetView.State.SEALED)
                .filter(other -> other.verifiedOk().orElse(false))
                .toList();
        if (verified.stream().limit(1).anyMatch(newest -> newest.id().equals(set.id()))) {
            return Optional.of("newest verified set");
        }
        return verified.stream()
                .filter(BackupSetView::complete)
                .limit(1)
                .filter(newest -> newest.id().equals(set.id()))
                .map(newest -> "newest verified complete set")
                .findFirst();
    }
}
