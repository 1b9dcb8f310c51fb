package io.dbbackup.service.retention;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.BackupSets;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Plural;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.Cancellation;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Finds the sets that the catalog knows and that their store has lost: because it is not mounted, was emptied, moved or put back to an
 * older state, or because somebody else deleted them. Whether a set has blobs is known by one listing; for its manifest it is
 * asked one by one, so only those sets are asked for on which a deletion depends. Not thread-safe.
 */
final class MissingSets {
    /** Names in a message. */
    private static final int SHOWN = 10;

    private final BlobStore store;
    private final Cancellation cancellation;
    private final Set<String> inStore;
    private final Set<String> asked = new HashSet<>();
    private final Set<String> missing = new HashSet<>();

    /** @param inStore what is directly below the source's prefix, listed after the catalog was read */
    MissingSets(BlobStore store, Collection<String> inStore, Cancellation cancellation) {
        this.store = store;
        this.inStore = Set.copyOf(inStore);
        this.cancellation = cancellation;
    }

    /** @return false when the store has lost it; true also for a set that has blobs and was not {@link #ask asked} for */
    boolean has(BackupSetView set) {
        return inStore.contains(set.id()) && !missing.contains(set.id());
    }

    /** Looks for the set's manifest. */
    void ask(BackupSetView set) {
        if (inStore.contains(set.id()) && asked.add(set.id())) {
            cancellation.check();
            if (store.stat(set.prefix() + BackupManifest.BLOB_NAME).isEmpty()) {
                missing.add(set.id());
            }
        }
    }

    /** Of the sets that the store does not have those that nobody has begun to delete meanwhile, newest first. */
    List<BackupSetView> lost(Collection<BackupSetView> sets, BackupSets catalog) {
        List<BackupSetView> lost = sets.stream().filter(set -> !has(set)).toList();
        if (lost.isEmpty()) {
            return lost;
        }
        BackupSetView any = lost.get(0);
        Set<String> sealed = catalog.sealed(any.source(), any.store());
        return lost.stream().filter(set -> sealed.contains(set.id())).toList();
    }

    /**
     * @param lost sets that stay; not empty
     * @param referred whether some of them stay only because others refer to them
     */
    BackupException refusal(List<BackupSetView> lost, boolean referred) {
        BackupSetView first = lost.get(0);
        return new BackupException(
                ErrorCode.BLOB_MISSING,
                (inStore.isEmpty()
                                ? "store \"" + first.store() + "\" has nothing of " + first.source() + ", of which the catalog knows "
                                : "store \"" + first.store() + "\" has lost ")
                        + count(lost) + " that the rules keep" + (referred ? ", or sets that refer to them: " : ": ") + names(lost),
                "Find out whether the store is mounted and whether its path, bucket and prefix are what they were, bring the sets back, then"
                        + " restart the run; nothing was deleted. If one is gone for good, the catalog forgets it by "
                        + forget(first) + "." + (referred ? " What is left of it stays for the sets that refer to it; verify these." : ""));
    }

    /** @param lost sets that no rule keeps; not empty */
    static String warning(List<BackupSetView> lost) {
        return "store \"" + lost.get(0).store() + "\" has lost " + count(lost) + " that no rule keeps, so there was nothing to delete: "
                + names(lost) + "; the catalog forgets one by " + forget(lost.get(0));
    }

    static BackupException lost(BackupSetView set) {
        return new BackupException(
                ErrorCode.BLOB_MISSING,
                "backup set " + set.id() + " of " + set.source() + " is not in store \"" + set.store() + "\": its manifest is not there",
                "Find out whether the store is mounted and whether its path, bucket and prefix are what they were. If the set is gone for"
                        + " good, the catalog forgets it by " + forget(set) + ".");
    }

    static BackupException there(BackupSetView set) {
        return new BackupException(
                ErrorCode.INVALID_PARAMETER,
                "backup set " + set.id() + " is in store \"" + set.store() + "\", so it is not missing",
                "Remove it without missing, or leave it.");
    }

    private static String forget(BackupSetView set) {
        return "dbbackup remove " + set.id() + " --store " + set.store() + " --missing --confirm " + set.id()
                + " (parameter missing=true)";
    }

    private static String count(List<BackupSetView> sets) {
        return Plural.of(sets.size(), "backup set", "backup sets");
    }

    private static String names(List<BackupSetView> sets) {
        return sets.stream().limit(SHOWN).map(BackupSetView::id).collect(Collectors.joining(", "))
                + (sets.size() > SHOWN ? " and " + (sets.size() - SHOWN) + " more" : "");
    }
}
