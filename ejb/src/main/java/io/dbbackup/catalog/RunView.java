package io.dbbackup.catalog;

import io.dbbackup.model.Operation;
import io.dbbackup.model.Problem;
import io.dbbackup.model.RunState;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * A run as the catalog knows it.
 *
 * @param exitStatus exit status of the job, as the job repository shows it
 * @param label what a person calls it
 * @param parameters parameters without secrets, as given
 * @param startedVia {@code rest}, {@code cli}, {@code management} or {@code schedule}
 * @param startedAt when the first execution began; a restart after what was written has been deleted counts as the first
 * @param executionStartedAt when the latest execution began; empty when the run was queued since, for a restart or to be given up
 * @param jobExecution id of the latest execution in the job repository
 * @param executions number of executions, 1 for a run that was never restarted
 * @param summary result as JSON, for example bytes, rows, outcome per database
 * @param discardedAt when somebody gave it up after it had not ended well; empty again once it is restarted
 */
public record RunView(
        UUID id,
        Operation operation,
        RunState state,
        Optional<String> exitStatus,
        String label,
        Optional<String> source,
        Optional<String> store,
        Optional<String> policy,
        Optional<String> set,
        Map<String, String> parameters,
        String startedBy,
        String startedVia,
        Instant createdAt,
        Optional<Instant> startedAt,
        Optional<Instant> executionStartedAt,
        Optional<Instant> endedAt,
        Optional<Long> jobInstance,
        Optional<Long> jobExecution,
        int executions,
        Optional<String> owner,
        boolean stopRequested,
        Optional<Problem> problem,
        Optional<String> summary,
        Optional<Instant> discardedAt) {
    /** Parameter of a retention: {@code true} when it only says what it would delete. */
    public static final String DRY_RUN = "dryRun";

    /** Parameter of a backup: stores that get a copy of its set. */
    public static final String COPIES = "copies";

    /**
     * True when a restart would find something left to do. A backup that ended with warnings has published its set: what
     * is missing in it can no longer be added, but copies of it can still be made.
     */
    public boolean restartable() {
        return state == RunState.SUCCEEDED_WITH_WARNINGS
                ? problem.isPresent() && (operation != Operation.BACKUP || parameters.containsKey(COPIES))
                : state.restartable();
    }

    /** True when it has not ended well: there may be something to be given up. A dry run has changed nothing, and nobody waits for it. */
    public boolean discardable() {
        if (Boolean.parseBoolean(parameters.get(DRY_RUN))) {
            return false;
        }
        return state == RunState.SUCCEEDED_WITH_WARNINGS
                ? (operation == Operation.RESTORE || operation == Operation.BACKUP) && restartable()
                : state.restartable();
    }
}
