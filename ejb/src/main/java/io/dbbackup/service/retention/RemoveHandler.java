package io.dbbackup.service.retention;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.BackupSets;
import io.dbbackup.catalog.RunDraft;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Operation;
import io.dbbackup.service.access.Access;
import io.dbbackup.service.run.Execution;
import io.dbbackup.service.run.Failures;
import io.dbbackup.service.run.Parameters;
import io.dbbackup.service.run.RunHandler;
import io.dbbackup.service.run.SealOutcome;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.ItemDraft;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.WorkItem;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Removes one copy of a set that somebody has named twice, whatever the rules of retention say of it; not one that is in
 * use. A restart finishes what was begun. A set that is not in the store is not removed, unless it is said to be missing: then
 * the catalog forgets it, also when others refer to it, for which its blobs stay.
 */
@ApplicationScoped
public class RemoveHandler implements RunHandler {
    private static final Set<String> KNOWN = Set.of("set", "store", "confirm", "missing", "workers");

    private static final String REMOVE_FIRST =
            "Remove the sets that refer to it first; copying them to another store makes copies that need no other set. If this set is"
                    + " not in the store any more, say so (--missing, parameter missing=true): then the catalog forgets it, and what is"
                    + " left of it stays for them.";

    private Access access;
    private WorkQueue queue;
    private BackupSets sets;
    private ExpireSet expireSet;

    protected RemoveHandler() {}

    @Inject
    public RemoveHandler(Access access, WorkQueue queue, BackupSets sets, ExpireSet expireSet) {
        this.access = access;
        this.queue = queue;
        this.sets = sets;
        this.expireSet = expireSet;
    }

    @Override
    public Operation operation() {
        return Operation.REMOVE;
    }

    @Override
    public RunDraft check(Parameters given) {
        given.onlyKnown(KNOWN).number("workers", 0, 0, 64);
        boolean missing = missing(given);
        BackupSetView set = copy(given);
        if (given.text("confirm").filter(set.id()::equals).isEmpty()) {
            throw new BackupException(
                    ErrorCode.CONFIRMATION_REQUIRED,
                    "backup set " + set.id() + " of " + set.source() + " (" + set.takenAt() + ", " + set.storedBytes()
                            + " bytes) would be " + (missing ? "forgotten as missing in" : "removed from") + " store \""
                            + set.store() + "\" for ever",
                    "Confirm it by the same id: confirm=" + set.id() + " (command line: --confirm " + set.id() + ").");
        }
        // of a missing one nothing is deleted that others need, and retention works again without it
        References.text(missing ? List.of() : sets.referrers(set.id(), set.store())).ifPresent(referred -> {
            throw new BackupException(
                    ErrorCode.SET_IN_USE, "backup set " + set.id() + " " + referred, REMOVE_FIRST);
        });
        expireSet.twin(set).ifPresent(twin -> {
            throw new BackupException(
                    ErrorCode.INVALID_PARAMETER,
                    twin,
                    "Give one of the two stores another path, bucket or prefix in the configuration, then remove the set.");
        });
        return new RunDraft(
                Operation.REMOVE,
                "removal of " + set.source() + " " + set.id(),
                Optional.of(set.source()),
                Optional.of(set.store()),
                Optional.empty(),
                // not as its user: that would keep it
                Optional.empty(),
                resolved(given, set));
    }

    /** The set is known not to be in the store any more. */
    private static boolean missing(Parameters given) {
        return given.flag("missing", false);
    }

    private static Map<String, String> resolved(Parameters given, BackupSetView set) {
        Map<String, String> resolved = new TreeMap<>(given.asMap());
        resolved.put("store", set.store());
        return resolved;
    }

    /** The copy that is meant; with several of them their store has to be named. */
    private BackupSetView copy(Parameters given) {
        String id = given.required("set");
        List<BackupSetView> copies = sets.copies(id).stream()
                .filter(copy -> given.text("store").filter(store -> !store.equals(copy.store())).isEmpty())
                .toList();
        if (copies.isEmpty()) {
            throw new BackupException(
                    ErrorCode.UNKNOWN_BACKUP_SET,
                    "there is no backup set \"" + id + "\"" + given.text("store").map(s -> " in store \"" + s + "\"").orElse(""),
                    "Name one by its id; latest: does not say which one shall be removed.");
        }
        if (copies.size() > 1) {
            throw Parameters.invalid(
                    "backup set " + id + " has copies in "
                            + copies.stream().map(BackupSetView::store).collect(Collectors.joining(", ")),
                    "Say with store which of them shall be removed.");
        }
        return copies.get(0);
    }

    @Override
    public void plan(Execution execution) {
        if (queue.planned(execution.run())) {
            queue.reopen(execution.run());
            return;
        }
        String set = execution.parameters().required("set");
        String store = execution.parameters().required("store");
        long bytes = sets.find(set, store).map(BackupSetView::storedBytes).orElse(0L);
        queue.add(execution.run(), List.of(new ItemDraft(
                ExpireSet.key(set), ExpireSet.KIND, "remove " + set, "", 0, 0,
                new ExpireSet.Task(set, store, bytes, Optional.empty(), List.of("removed by name")), Set.of())));
    }

    @Override
    public ItemResult execute(Execution execution, WorkItem item, Progress progress) {
        ExpireSet.Task task = item.payload(ExpireSet.Task.class);
        try (BlobStore store = access.store(task.store(), execution)) {
            ExpireSet.Outcome outcome = expireSet.removeUnlessUsed(task, store, execution, missing(execution.parameters()));
            if (outcome.outcome().startsWith(ExpireSet.KEPT)) {
                throw new BackupException(
                        ErrorCode.SET_IN_USE,
                        "backup set " + task.set() + " was " + outcome.outcome(),
                        outcome.outcome().startsWith(ExpireSet.KEPT + "stores parts")
                                ? REMOVE_FIRST
                                : "Wait for that run to end, or give it up (discard) when it has ended half-way, then restart this one.");
            }
            if (outcome.outcome().startsWith(ExpireSet.LEFT)) {
                execution.warn("backup set " + task.set() + " is " + outcome.outcome()
                        + ". Verify what refers to it: parts of it may be lost");
            }
            return new ItemResult(0, outcome.bytes(), 0, outcome, List.of());
        }
    }

    @Override
    public boolean continueOnError(Execution execution) {
        return false;
    }

    @Override
    public SealOutcome seal(Execution execution) {
        execution.cancellation().check();
        Map<String, Object> summary = new TreeMap<>();
        boolean[] left = {false};
        queue.results(execution.run(), "", ExpireSet.KIND, item -> {
            ExpireSet.Outcome outcome = item.result(ExpireSet.Outcome.class);
            left[0] |= outcome.outcome().startsWith(ExpireSet.LEFT);
            summary.put(outcome.outcome().startsWith(ExpireSet.FORGOTTEN) ? "forgotten" : "removed", outcome.set());
            summary.put("blobs", outcome.blobs());
            summary.put("bytesFreed", outcome.bytes());
        });
        return Failures.of(queue, execution.run())
                .map(problem -> SealOutcome.failed(problem, summary))
                .orElseGet(() -> SealOutcome.completed(left[0], summary));
    }
}
