package io.dbbackup.service.retention;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.BackupSets;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.SetId;
import io.dbbackup.model.manifest.SetHeader;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.BlobStore;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Sets that store blobs for others: they stay until those are gone. */
final class References {
    private References() {}

    private static final String STORES = "stores parts of ";

    /** @param referrers sets that refer to one, oldest first */
    static Optional<String> text(List<String> referrers) {
        if (referrers.isEmpty()) {
            return Optional.empty();
        }
        String newest = referrers.get(referrers.size() - 1);
        return Optional.of(STORES
                + (referrers.size() == 1 ? newest : referrers.size() + " other sets, the newest " + newest)
                + ", until " + (referrers.size() == 1 ? "that is" : "they are") + " deleted");
    }

    /**
     * What retention makes of a plan: a set that no rule keeps stays all the same while one that stays refers to it.
     *
     * @param unfinished sets whose deletion was begun
     */
    static List<RetentionDecision> keep(
            List<RetentionDecision> plan, Map<String, List<String>> referrers, Set<String> unfinished) {
        Map<String, RetentionDecision> decisions = new LinkedHashMap<>();
        plan.forEach(decision -> decisions.put(decision.set(), decision));
        boolean changed = true;
        // what stays for another set's sake may refer to a third one
        while (changed) {
            changed = false;
            for (RetentionDecision decision : List.copyOf(decisions.values())) {
                List<String> staying = decision.keep()
                        ? List.of()
                        : referrers.getOrDefault(decision.set(), List.of()).stream()
                                .filter(set -> !unfinished.contains(set))
                                .filter(set -> !decisions.containsKey(set) || decisions.get(set).keep())
                                .toList();
                if (!staying.isEmpty()) {
                    decisions.put(decision.set(), new RetentionDecision(
                            decision.set(), true, text(staying).stream().toList()));
                    changed = true;
                }
            }
        }
        return List.copyOf(decisions.values());
    }

    /** Whether some of the sets stay only because others refer to them. */
    static boolean keepAny(List<BackupSetView> sets, List<RetentionDecision> decisions) {
        Set<String> ids = sets.stream().map(BackupSetView::id).collect(Collectors.toSet());
        return decisions.stream()
                .anyMatch(decision -> ids.contains(decision.set()) && decision.rules().get(0).startsWith(STORES));
    }

    /**
     * Looks into the store for sets that refer to this one and that the catalog does not know: those of a backup that was killed
     * directly after it had published its set, of an import that is not finished, or of another catalog. Whether one was made
     * before or after the other says nothing: a backup that was interrupted may refer to a set that is younger.
     */
    private static Optional<String> unknown(BackupSets sets, String source, String set, String storeName, BlobStore store) {
        Set<String> known = sets.ofSourceInStore(source, storeName).stream()
                .map(BackupSetView::id)
                .collect(Collectors.toSet());
        for (String child : store.children(source + "/")) {
            if (!child.equals(set) && !known.contains(child)) {
                Optional<String> why = refers(store, BackupSetView.prefix(source, child), set).in(child);
                if (why.isPresent()) {
                    return why;
                }
            }
        }
        return Optional.empty();
    }

    /** Why other sets in the same store need this one, which need not be in the catalog, if they do. */
    static Optional<String> to(BackupSets sets, String source, String set, String storeName, BlobStore store) {
        // what the catalog comes to know while the store is looked through is found by asking the catalog afterwards
        Optional<String> unknown = unknown(sets, source, set, storeName, store);
        return text(sets.referrers(set, storeName)).or(() -> unknown);
    }

    private enum Answer {
        YES,
        NO,
        UNREADABLE;

        Optional<String> in(String child) {
            return switch (this) {
                case NO -> Optional.empty();
                case YES -> Optional.of("stores parts of " + child
                        + ", which the catalog does not know; catalog import makes it known");
                case UNREADABLE -> SetId.isOne(child)
                        ? Optional.of("stores parts of " + child + ", or may: the catalog does not know that set, and this version"
                                + " cannot read its manifest; restore the manifest from a copy, or delete that set by hand")
                        // not ours
                        : Optional.empty();
            };
        }
    }

    private static Answer refers(BlobStore store, String prefix, String origin) {
        try {
            SetHeader header = BlobSetReader.file(store, prefix, Optional.empty()).header();
            return header.reuses().stream().anyMatch(reused -> origin.equals(reused.set())) ? Answer.YES : Answer.NO;
        } catch (BackupException e) {
            return switch (e.code()) {
                // no set, or not yet one
                case BLOB_MISSING -> Answer.NO;
                // nobody knows what it refers to
                case MANIFEST_INVALID, MANIFEST_VERSION_UNSUPPORTED -> Answer.UNREADABLE;
                default -> throw e;
            };
        }
    }
}
