package io.dbbackup.rest.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import io.dbbackup.batch.launch.JobRepositoryView.StepView;
import io.dbbackup.catalog.RunProgress;
import io.dbbackup.model.Problem;
import io.dbbackup.model.RunState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * A run as JSON; bytes are plain bytes unless named otherwise. Hint, progress, warnings, steps and summary are there only when
 * one run is asked for.
 *
 * @param job name of the job
 * @param exitCode exit status of the command line; only when the run has ended
 * @param exitStatus exit status in the job repository
 * @param startedAt when its first execution began
 * @param executionStartedAt when its latest execution began
 * @param discardedAt when somebody gave it up after it had not ended well
 * @param hint what to do about it now, with the command of the command line: the problem's remedy, and how it goes on; for people
 * @param summary result; its fields depend on the job
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record RunBody(
        UUID id,
        String job,
        RunState state,
        Optional<Integer> exitCode,
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
        Optional<Instant> discardedAt,
        int executions,
        Optional<Long> jobExecution,
        boolean stopRequested,
        boolean restartable,
        Optional<Problem> problem,
        Optional<String> hint,
        Optional<Progress> progress,
        Optional<List<String>> warnings,
        Optional<List<StepView>> steps,
        @JsonRawValue String summary,
        Map<String, String> links) {
    /**
     * How far it is.
     *
     * @param items work items by state
     * @param bytesPerSecond over the last half minute; only while the run is active and was looked at before
     * @param etaSeconds time for the bytes that are left, at that rate
     * @param limits what slows it down at this moment by configuration, in words
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record Progress(
            Items items,
            long bytesDone,
            long bytesTotal,
            long storedBytes,
            long rows,
            Optional<Long> bytesPerSecond,
            Optional<Long> etaSeconds,
            List<String> limits) {}

    /** Numbers of work items. */
    public record Items(long total, long done, long running, long failed, long skipped) {
        static Items of(RunProgress progress) {
            return new Items(
                    progress.items(),
                    progress.itemsDone(),
                    progress.itemsRunning(),
                    progress.itemsFailed(),
                    progress.itemsSkipped());
        }
    }
}
