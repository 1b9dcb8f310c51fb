package io.dbbackup.service.run;

import io.dbbackup.catalog.RunDraft;
import io.dbbackup.catalog.RunView;
import io.dbbackup.model.Operation;
import io.dbbackup.model.Problem;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.WorkItem;
import java.util.Optional;

/** What is particular to one operation. Stateless and thread-safe: state lives in the catalog or the execution. */
public interface RunHandler {
    Operation operation();

    /**
     * Checks the parameters and resolves what they refer to, without touching a server or a store. The draft's
     * parameters are complete: a policy's settings are in them, so that a restart does the same again.
     *
     * @throws io.dbbackup.model.BackupException INVALID_PARAMETER, UNKNOWN_…, CONFIRMATION_REQUIRED
     */
    RunDraft check(Parameters parameters);

    /**
     * What keeps a run from being created beside an active one of the same operation, as a sentence. By default that both are called the
     * same.
     */
    default Optional<String> conflict(RunDraft draft, RunView active) {
        return active.label().equals(draft.label())
                ? Optional.of(draft.label() + " is being done already by run " + active.id())
                : Optional.empty();
    }

    /**
     * What keeps a run from beginning, or from being restarted, beside another active one of the same operation, as a sentence. Asked
     * before and after {@link #plan}, so that of two runs that are planned at the same time at least one sees the other.
     */
    default Optional<String> conflict(Execution execution, RunView active) {
        return Optional.empty();
    }

    /**
     * Writes the work items of a new run, or prepares those that are left for another execution.
     *
     * @throws io.dbbackup.model.BackupException when the preflight refuses; the run then fails and is restartable
     */
    void plan(Execution execution);

    /** @throws io.dbbackup.model.BackupException when the item failed */
    ItemResult execute(Execution execution, WorkItem item, Progress progress);

    /** True when a failed item must not keep the others from being done. */
    boolean continueOnError(Execution execution);

    /** True when {@link #recover} has something to do about this problem; the items of the database are locked then. */
    default boolean mayRecover(Problem problem) {
        return false;
    }

    /**
     * Gives the operation the chance to deal with a failed item itself, for example by starting its database again.
     *
     * @return true when the item and its failure are dealt with and must not be recorded
     */
    default boolean recover(Execution execution, WorkItem item, Problem problem) {
        return false;
    }

    /** Checks that everything is done and publishes the result. Called with no item running. */
    SealOutcome seal(Execution execution);
}
