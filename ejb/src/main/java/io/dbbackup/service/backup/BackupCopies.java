package io.dbbackup.service.backup;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.BackupSets;
import io.dbbackup.catalog.Runs;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Problem;
import io.dbbackup.service.copy.CopySummary;
import io.dbbackup.service.copy.SetCopier;
import io.dbbackup.service.run.Execution;
import io.dbbackup.service.run.SealOutcome;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.WorkItem;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * The further stores of a backup: when the set is published in the first, the same run copies it to the others. A copy that
 * fails takes nothing away from the set and leaves the run partial, and a restart makes only what is missing, without the
 * database server.
 */
@ApplicationScoped
public class BackupCopies {
    /** What the run warns of until it has made the copies. */
    private static final String LACKING = "copies";
    private static final String PHASE = "backup.copies";
    private static final int MOST_FAILURES = 1000;

    private BackupSets sets;
    private WorkQueue queue;
    private Runs runs;
    private SetCopier copier;

    protected BackupCopies() {}

    @Inject
    public BackupCopies(BackupSets sets, WorkQueue queue, Runs runs, SetCopier copier) {
        this.sets = sets;
        this.queue = queue;
        this.runs = runs;
        this.copier = copier;
    }

    /** @throws BackupException INVALID_PARAMETER when two of the stores are one place; UNKNOWN_STORE */
    void check(BackupParameters parameters) {
        List<String> stores = new ArrayList<>(List.of(parameters.store()));
        for (String copy : parameters.copies()) {
            stores.forEach(other -> copier.check(other, copy));
            stores.add(copy);
        }
    }

    /** True when an earlier execution has published the set, so that there is nothing left but copies. */
    boolean only(Execution execution, BackupParameters parameters) {
        return !parameters.copies().isEmpty()
                && execution.view().set().flatMap(set -> sets.find(set, parameters.store())).isPresent();
    }

    /** True when an earlier execution has published the set, as far as it came to tell, or has begun to copy it. */
    boolean published(Execution execution) {
        return BackupSummary.told(execution.view()).isPresent()
                || queue.kinds(execution.run(), "").contains(SetCopier.KIND);
    }

    /** True from the moment on when the set is published. */
    boolean begun(Execution execution) {
        return phase(execution).sealed != null;
    }

    /** Takes the place of the plan when {@link #only} copies are left. */
    void resume(Execution execution, BackupParameters parameters) {
        // before the items go that may have to tell
        SealOutcome sealed = earlier(execution, parameters);
        queue.dropAllBut(execution.run(), List.of(SetCopier.KIND));
        queue.reopen(execution.run());
        plan(execution, parameters, sealed);
        // the job comes by the seal of the backup first, which has nothing left to do
        phase(execution).resumed = true;
    }

    /** @param sealed how the backup itself ended */
    SealOutcome begin(Execution execution, BackupParameters parameters, SealOutcome sealed) {
        plan(execution, parameters, sealed);
        return SealOutcome.more(sealed.summary());
    }

    private void plan(Execution execution, BackupParameters parameters, SealOutcome sealed) {
        Phase phase = phase(execution);
        phase.sealed = sealed;
        BackupSetView set = set(execution, parameters);
        for (String store : parameters.copies()) {
            try {
                copier.plan(execution, set, store);
            } catch (BackupException e) {
                execution.cancellation().check();
                phase.problems.put(store, e.problem());
            }
        }
    }

    ItemResult execute(Execution execution, WorkItem item, Progress progress) {
        return copier.execute(execution, item, progress);
    }

    /** Publishes the copies that are complete. */
    SealOutcome seal(Execution execution, BackupParameters parameters) {
        execution.cancellation().check();
        Phase phase = phase(execution);
        BackupSummary backup = (BackupSummary) phase.sealed.summary();
        if (phase.resumed) {
            phase.resumed = false;
            return SealOutcome.more(backup);
        }
        BackupSetView set = set(execution, parameters);
        List<CopySummary> copies = new ArrayList<>();
        for (String store : parameters.copies()) {
            Optional<Problem> failure = Optional.ofNullable(phase.problems.get(store))
                    .or(() -> copier.failure(execution, store));
            if (failure.isPresent()) {
                phase.problems.put(store, failure.get());
                continue;
            }
            try {
                copies.add(copier.publish(execution, set, store, parameters.policy()));
            } catch (BackupException e) {
                execution.cancellation().check();
                phase.problems.put(store, e.problem());
            }
        }
        return outcome(execution, phase, set, backup.with(copies));
    }

    private SealOutcome outcome(Execution execution, Phase phase, BackupSetView set, BackupSummary summary) {
        execution.settled(LACKING);
        phase.problems.forEach((store, problem) -> execution.warn(LACKING, "there is no copy of the set in store \"" + store + "\": "
                + problem));
        if (!phase.problems.isEmpty()) {
            return SealOutcome.partial(
                    new Problem(
                            ErrorCode.PARTIAL_SUCCESS,
                            "backup set " + set.id() + " is in store \"" + set.store() + "\", but not in "
                                    + phase.problems.entrySet().stream()
                                            .map(failed -> "\"" + failed.getKey() + "\" (" + failed.getValue().code() + ": "
                                                    + failed.getValue().cause() + ")")
                                            .collect(Collectors.joining(", ")),
                            phase.problems.values().iterator().next().remedy()
                                    + " Then restart the run: it only makes the missing copies."),
                    summary);
        }
        return phase.sealed.problem()
                .map(problem -> SealOutcome.partial(problem, summary))
                .orElseGet(() -> SealOutcome.completed(!runs.warnings(execution.run()).isEmpty(), summary));
    }

    /** How the backup itself ended, as far as an earlier execution came to tell. */
    private SealOutcome earlier(Execution execution, BackupParameters parameters) {
        BackupSetView set = set(execution, parameters);
        BackupSummary summary =
                BackupSummary.told(execution.view()).orElseGet(() -> BackupSummary.of(set, failed(execution.run())));
        // what a selection leaves out is not missing, but its set does not count as complete
        boolean whole = set.complete() || !set.omissions().isEmpty() && summary.missing().isEmpty() && summary.lacks().isEmpty();
        return whole
                ? SealOutcome.completed(false, summary)
                : SealOutcome.partial(
                        new Problem(
                                ErrorCode.PARTIAL_SUCCESS,
                                "the set " + set.id() + " was published without all that it was to hold"
                                        + summary.lacks().map(lacks -> ": " + lacks).orElse(""),
                                "Start a new backup."),
                        summary);
    }

    /** What kept the backup itself from being done, as the queue has it until an execution goes on with the copies alone. */
    private Optional<String> failed(UUID run) {
        return queue.failures(run, MOST_FAILURES).stream()
                .filter(item -> !item.kind().equals(SetCopier.KIND))
                .findFirst()
                .flatMap(item -> item.problem().map(problem -> item.label() + ": " + problem.cause()));
    }

    private BackupSetView set(Execution execution, BackupParameters parameters) {
        String id = execution.view().set().orElseGet(() -> runs.get(execution.run()).set().orElseThrow());
        return sets.get(id, Optional.of(parameters.store()));
    }

    private static Phase phase(Execution execution) {
        return execution.hold(PHASE, Phase.class, Phase::new);
    }

    /** What one execution knows of its copies. Planned and sealed by one thread at a time. */
    private static final class Phase implements AutoCloseable {
        private final Map<String, Problem> problems = new TreeMap<>();
        private volatile SealOutcome sealed;
        private boolean resumed;

        @Override
        public void close() {
            // nothing is open
        }
    }
}
