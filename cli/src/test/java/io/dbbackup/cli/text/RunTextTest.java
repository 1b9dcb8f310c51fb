package io.dbbackup.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class RunTextTest {
    @Test
    void a_run_that_ended_without_some_of_its_work_is_not_said_to_warn_only() throws JsonProcessingException {
        assertThat(state("{\"state\": \"SUCCEEDED_WITH_WARNINGS\", \"problem\": {\"code\": \"PARTIAL_SUCCESS\"}}")).isEqualTo("succeeded in part");
        assertThat(state("{\"state\": \"SUCCEEDED_WITH_WARNINGS\"}")).isEqualTo("succeeded with warnings");
        assertThat(state("{\"state\": \"FAILED\", \"problem\": {}, \"discardedAt\": \"2026-11-22T21:00:00Z\"}")).isEqualTo("failed (given up)");
    }

    /** Somebody may have slept in between. */
    @Test
    void a_run_that_was_restarted_took_as_long_as_its_last_execution() throws JsonProcessingException {
        String run = """
                {"label": "back up shop", "state": "SUCCEEDED", "startedAt": "2026-01-01T22:00:00Z", "endedAt": "2026-01-02T08:00:20Z",
                 "executions": %d, "executionStartedAt": "%s"}""";
        assertThat(told(run.formatted(2, "2026-01-02T08:00:00Z")))
                .startsWith("back up shop: succeeded in 0:20 (10:00:20 since the first of 2 executions began)");
        assertThat(told(run.formatted(1, "2026-01-01T22:00:00Z"))).startsWith("back up shop: succeeded in 10:00:20" + System.lineSeparator());
        assertThat(RunText.took(new ObjectMapper().readTree(run.formatted(2, "2026-01-02T08:00:00Z")))).isEqualTo("0:20");
    }

    private static String told(String run) throws JsonProcessingException {
        StringWriter told = new StringWriter();
        RunText.result(new PrintWriter(told, true), new ObjectMapper().readTree(run));
        return told.toString();
    }

    private static String state(String run) throws JsonProcessingException {
        return RunText.state(new ObjectMapper().readTree(run));
    }
}
