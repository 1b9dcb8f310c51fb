package io.dbbackup.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class RunTextTest {
    @Test
    void a_run_that_ended_without_some_of_its_work_is_not_said_to_warn_only() throws JsonProcessingException {
        assertThat(state("{\"state\": \"SUCCEEDED_WITH_WARNINGS\", \"problem\": {\"code\": \"PARTIAL_SUCCESS\"}}")).isEqualTo("succeeded in part");
        assertThat(state("{\"state\": \"SUCCEEDED_WITH_WARNINGS\"}")).isEqualTo("succeeded with warnings");
        assertThat(state("{\"state\": \"FAILED\", \"problem\": {}, \"discardedAt\": \"2026-11-22T21:00:00Z\"}")).isEqualTo("failed (given up)");
    }

    private static String state(String run) throws JsonProcessingException {
        return RunText.state(new ObjectMapper().readTree(run));
    }
}
