package io.dbbackup.service.retention;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.BackupSets;
import io.dbbackup.catalog.Configuration;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.StoreConfig;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.service.access.StorePlace;
import io.dbbackup.service.run.Execution;
import io.dbbackup.spi.BlobStore;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

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
    static final String FORGOTTEN = "forgotten";
    static final String LEFT = "forgotten, but what is left of it stays: it ";
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

    /**
     * What became of a copy.
     *
     * @param outcome {@code deleted}; {@code forgotten} when it was not in the store, with the reason when its other blobs stay; or
     *     {@code kept:} with the reason that came up since the decision
     */
    record Outcome(String set, String outcome, long blobs, long bytes) {}

    /** Of the work item that expires copies of a set. */
    static String key(String set) {
        return RetentionDecider.key(KIND, set);
    }

    /** @throws BackupException BLOB_MISSING when the set is not in the store and nobody has begun to delete it */
    Outcome run(Task task, BlobStore store, Execution execution) {
        return run(task, store, execution, set -> reprieve(set, task, store), false);
    }

    /**
     * As the other, but only a run or a set that uses the set, or another copy at the same place, keeps it.
     *
     * @param missing the set is known not to be in the store, and is to be forgotten with what is left of it; this stays when
     *     other sets refer to it
     * @throws BackupException also INVALID_PARAMETER when a set that is called missing is there
     */
    Outcome removeUnlessUsed(Task task, BlobStore store, Execution execution, boolean missing) {
        return run(task, store, execution, set -> used(set).or(() -> referred(set, store)).or(() -> twin(set)), missing);
    }

    private Outcome run(
            Task task,
            BlobStore store,
            Execution execution,
            Function<BackupSetView, Optional<String>> reprieves,
            boolean missing) {
        Optional<BackupSetView> found = sets.find(task.set(), task.store());
        if (found.isEmpty()) {
            return new Outcome(task.set(), DELETED, 0, 0);
        }
        BackupSetView set = found.get();
        SetRemoval removal = new SetRemoval(store, set.prefix(), execution.cancellation());
        boolean seen = removal.hasManifest();
        if (seen && missing) {
            throw MissingSets.there(set);
        }
        if (!sets.expiring(set.id(), set.store(), seen || missing)) {
            throw MissingSets.lost(set);
        }
        Optional<String> kept;
        try {
            kept = delete(set, store, reprieves, removal);
        } catch (RuntimeException e) {
            // the manifest goes first and was written last: while it is there, everything is. A store that did not answer may
            // still delete it: then the set stays hidden until the next retention, which looks again
            boolean whole = !removal.manifestMayGo() && whole(removal, e);
            if (whole) {
                sealedAgain(set, execution);
            }
            if (!whole || !(e instanceof BackupException locked) || locked.code() != ErrorCode.BLOB_LOCKED) {
                throw e;
            }
            return new Outcome(set.id(), KEPT + locked.problem().cause(), 0, 0);
        }
        if (kept.isPresent()) {
            boolean there = removal.hasManifest();
            if (there) {
                sealedAgain(set, execution);
            }
            if (there || !missing) {
                return new Outcome(set.id(), KEPT + kept.get(), 0, 0);
            }
            // retention leaves what has lost its manifest while a set refers to it, and deletes it afterwards
            sets.forget(set.id(), set.store());
            return new Outcome(set.id(), LEFT + kept.get(), 0, 0);
        }
        sets.forget(set.id(), set.store());
        return new Outcome(set.id(), missing ? FORGOTTEN : DELETED, removal.blobs(), removal.bytes());
    }

    /** Returns why nothing was deleted, if so. */
    private Optional<String> delete(
            BackupSetView set, BlobStore store, Function<BackupSetView, Optional<String>> reprieves, SetRemoval removal) {
        Optional<String> reprieve = reprieves.apply(set);
        if (reprieve.isPresent() && removal.hasManifest()) {
            return reprieve;
        }
        // without its manifest the set is lost already, and nobody can begin to use it, but others may need its blobs
        Optional<String> needed = reprieve.flatMap(any -> referred(set, store));
        if (needed.isEmpty()) {
            removal.run();
        }
        return needed;
    }

    /** False also when the store cannot be asked after the failure: then the next run finds out. */
    private static boolean whole(SetRemoval removal, RuntimeException failure) {
        try {
            return removal.hasManifest();
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
            return false;
        }
    }

    /** Unless another run is deleting it. */
    private void sealedAgain(BackupSetView set, Execution execution) {
        sets.sealedAgain(set.id(), set.store(), execution.run(), key(set.id()));
    }

    private Optional<String> reprieve(BackupSetView set, Task task, BlobStore store) {
        return used(set).or(() -> referred(set, store)).or(() -> newestVerified(set, task, store)).or(() -> twin(set));
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

    private Optional<String> newestVerified(BackupSetView set, Task task, BlobStore store) {
        List<BackupSetView> verified = sets.ofSourceInStore(set.source(), set.store()).stream()
                .filter(other -> task.policy().isEmpty() || other.policy().equals(task.policy()))
                .filter(other -> other.id().equals(set.id()) || other.state() == BackupSetView.State.SEALED)
                .filter(other -> other.verifiedOk().orElse(false))
                .toList();
        if (isNewest(set, verified.stream(), store)) {
            return Optional.of("newest verified set");
        }
        return isNewest(set, verified.stream().filter(other -> other.complete() && other.databases() > 0), store)
                ? Optional.of("newest verified complete set")
                : Optional.empty();
    }

    /** What the store has lost protects nothing. */
    private static boolean isNewest(BackupSetView set, Stream<BackupSetView> newestFirst, BlobStore store) {
        return newestFirst
                .filter(other -> other.id().equals(set.id()) || store.stat(other.prefix() + BackupManifest.BLOB_NAME).isPresent())
                .findFirst()
                .filter(newest -> newest.id().equals(set.id()))
                .isPresent();
    }
}
