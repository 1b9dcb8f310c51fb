package io.dbbackup.service.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.catalog.RunView;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Json;
import io.dbbackup.model.Operation;
import io.dbbackup.model.Problem;
import io.dbbackup.model.RunState;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** No hint sends anybody where the same failure waits. */
class NextStepTest {
    private static final UUID ID = UUID.fromString("01900000-0000-7000-8000-000000000001");
    private static final String RESTART = "dbbackup restart " + ID;
    private static final String DISCARD = "dbbackup discard " + ID;

    @Test
    void a_failure_that_can_be_put_right_is_continued_whatever_the_job() {
        for (Operation job : Operation.values()) {
            assertThat(hint(job, RunState.FAILED, ErrorCode.STORE_FULL, true))
                    .isEqualTo("Mend it. Continue with what is left: " + RESTART);
            assertThat(hint(job, RunState.INTERRUPTED, ErrorCode.NODE_LOST, true)).endsWith("Continue with what is left: " + RESTART);
            assertThat(hint(job, RunState.STOPPED, ErrorCode.CANCELLED, false)).endsWith("Continue: " + RESTART);
            assertThat(hint(job, RunState.FAILED, ErrorCode.DATABASE_UNREACHABLE, false))
                    .isEqualTo("Mend it. Nothing was done yet: correct a wrong parameter in a new run; when anything else is put right,"
                            + " continue: " + RESTART);
            assertThat(hint(job, RunState.FAILED, ErrorCode.INVALID_PARAMETER, false)).doesNotContain("dbbackup restart");
        }
    }

    @Test
    void damage_that_a_verification_has_found_is_not_left_to_a_restart() {
        for (ErrorCode code : EnumSet.of(ErrorCode.VERIFICATION_FAILED, ErrorCode.MANIFEST_INVALID, ErrorCode.BLOB_TRUNCATED)) {
            assertThat(hint(Operation.VERIFY, RunState.FAILED, code, true))
                    .contains("dbbackup copy S --store INTACT --to disk", "take a new backup", "verify again")
                    .doesNotContain("restart", "what is left");
        }
        assertThat(hint(Operation.VERIFY, RunState.FAILED, ErrorCode.STORE_UNREACHABLE, true)).contains(RESTART);
    }

    @Test
    void damage_that_another_job_has_met_is_met_by_its_restart_again() {
        assertThat(hint(Operation.RESTORE, RunState.FAILED, ErrorCode.BLOB_DIGEST_MISMATCH, true))
                .contains("dbbackup show S", "another set", DISCARD).doesNotContain("dbbackup restart");
        assertThat(hint(Operation.RESTORE, RunState.FAILED, ErrorCode.FINGERPRINT_MISMATCH, true))
                .contains("start a new restore", DISCARD).doesNotContain("dbbackup restart");
        assertThat(hint(Operation.COPY, RunState.FAILED, ErrorCode.BLOB_MISSING, true))
                .contains("whose copy is intact", DISCARD).doesNotContain("dbbackup restart");
        assertThat(hint(Operation.BACKUP, RunState.FAILED, ErrorCode.BLOB_MISSING, true)).contains("Start a new backup", DISCARD);
    }

    @Test
    void a_run_that_no_restart_can_end_is_given_up() {
        Problem problem = new Problem(ErrorCode.UNKNOWN_DATABASE, "somebody has dropped it", NextStep.NO_RESTART + ": discard it.");
        assertThat(NextStep.of(run(Operation.RESTORE, RunState.FAILED, Optional.of(problem)), true))
                .contains(problem.remedy() + " Give it up: " + DISCARD);
    }

    @Test
    void what_a_published_set_lacks_is_not_continued() {
        assertThat(hint(Operation.BACKUP, RunState.SUCCEEDED_WITH_WARNINGS, ErrorCode.PARTIAL_SUCCESS, true))
                .contains("start a new backup").doesNotContain("dbbackup restart");
        assertThat(hint(Operation.RESTORE, RunState.SUCCEEDED_WITH_WARNINGS, ErrorCode.PARTIAL_SUCCESS, true)).contains(RESTART);
    }

    @Test
    void nothing_is_to_be_done_about_what_goes_on_or_ended_well() {
        for (RunState state : EnumSet.of(RunState.RUNNING, RunState.SUCCEEDED, RunState.SUCCEEDED_WITH_WARNINGS)) {
            assertThat(NextStep.of(run(Operation.BACKUP, state, Optional.empty()), true)).isEmpty();
        }
    }

    @Test
    void a_remedy_that_only_says_restart_is_not_said_twice() {
        Problem problem = new Problem(ErrorCode.NODE_LOST, "the server died", "Restart the run; it continues with what is left.");
        assertThat(NextStep.of(run(Operation.BACKUP, RunState.INTERRUPTED, Optional.of(problem)), true))
                .contains("Continue with what is left: " + RESTART);
    }

    @Test
    void a_run_whose_job_never_began_is_not_restarted() {
        Problem problem = new Problem(ErrorCode.NODE_LOST, "the server died", "Restart the run; it continues with what is left.");
        for (RunState state : EnumSet.of(RunState.INTERRUPTED, RunState.STOPPED, RunState.FAILED)) {
            assertThat(NextStep.of(run(Operation.BACKUP, state, Optional.of(problem), Optional.empty(), Optional.empty()), false))
                    .hasValue("Nothing was begun: start a new run.");
        }
    }

    @Test
    void another_copy_does_not_mend_a_set_that_is_stored_as_it_was_written() {
        Problem problem = new Problem(ErrorCode.VERIFICATION_FAILED, "it failed", "Mend it.");
        for (ErrorCode first : EnumSet.of(ErrorCode.FINGERPRINT_MISMATCH, ErrorCode.ROW_COUNT_MISMATCH, ErrorCode.TOOL_FAILED)) {
            assertThat(verified(problem, first)).contains("Mend it. Do not rely on this set:", "new backup")
                    .doesNotContain("dbbackup copy", "restart");
        }
        assertThat(verified(problem, ErrorCode.BLOB_DIGEST_MISMATCH)).contains("dbbackup copy S --store INTACT --to disk");
    }

    private static String verified(Problem problem, ErrorCode first) {
        String report = Json.write(Map.of("passed", false, "firstFailure", new Problem(first, "that failed", "Look.")));
        return NextStep.of(
                        run(Operation.VERIFY, RunState.FAILED, Optional.of(problem), Optional.of(1L), Optional.of(report)), true)
                .orElseThrow();
    }

    private static String hint(Operation job, RunState state, ErrorCode code, boolean planned) {
        return NextStep.of(run(job, state, Optional.of(new Problem(code, "it failed", "Mend it."))), planned).orElseThrow();
    }

    private static RunView run(Operation job, RunState state, Optional<Problem> problem) {
        return run(job, state, problem, Optional.of(1L), Optional.empty());
    }

    private static RunView run(
            Operation job, RunState state, Optional<Problem> problem, Optional<Long> jobExecution, Optional<String> summary) {
        return new RunView(
                ID, job, state, Optional.empty(), "what", Optional.of("shop"), Optional.of("disk"), Optional.empty(), Optional.of("S"),
                Map.of(), "ann", "cli", Instant.EPOCH, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), jobExecution, 1,
                Optional.empty(), false, problem, summary, Optional.empty());
    }
}
