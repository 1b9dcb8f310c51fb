package io.dbbackup.service.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.dbbackup.model.Problem;
import io.dbbackup.model.RunState;
import io.dbbackup.model.VerifyLevel;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * One run of the period. Sizes in bytes; instants are UTC.
 *
 * @param parameters as they were resolved; never a secret
 * @param startedVia {@code rest}, {@code cli}, {@code management} or {@code schedule}
 * @param executionStartedAt when the latest execution began
 * @param seconds from the first start to the last end, with the time between executions
 * @param jobExecution latest execution in the job repository
 * @param batchStatus status of that execution
 * @param set backup set that the run made, verified or restored
 * @param reusedBytes of a backup: what its set refers to instead of storing it again
 * @param logPosition of a backup: where in the source's log its set is, when all databases are of one place
 * @param lockMillis of a backup: how long commits were held up for a snapshot, at most, in milliseconds
 * @param verification latest verdict of a verify run
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record ReportLine(
        UUID run,
        String job,
        String label,
        Map<String, String> parameters,
        String startedBy,
        String startedVia,
        Instant createdAt,
        Optional<Instant> startedAt,
        Optional<Instant> executionStartedAt,
        Optional<Instant> endedAt,
        Optional<Long> seconds,
        int executions,
        Optional<Long> jobExecution,
        Optional<String> batchStatus,
        Optional<String> exitStatus,
        RunState state,
        Optional<String> source,
        Optional<String> store,
        Optional<String> policy,
        Optional<String> set,
        long items,
        long itemsDone,
        long itemsFailed,
        long plainBytes,
        long storedBytes,
        long rows,
        Optional<Long> reusedBytes,
        Optional<String> logPosition,
        Optional<Long> lockMillis,
        Optional<Verdict> verification,
        Optional<Problem> problem,
        List<String> warnings,
        List<Step> steps) {
    /** What a verification came to. */
    public record Verdict(VerifyLevel level, boolean passed, Instant at) {}

    /** A step of the job; counts by the names of the batch metrics, for example {@code READ_COUNT}. */
    public record Step(
            String name,
            String batchStatus,
            String exitStatus,
            Optional<Instant> startedAt,
            Optional<Instant> endedAt,
            Map<String, Long> counts) {}
}
