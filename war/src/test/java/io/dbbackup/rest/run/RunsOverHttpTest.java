package io.dbbackup.rest.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.dbbackup.catalog.RunView;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Json;
import io.dbbackup.model.Operation;
import io.dbbackup.model.Problem;
import io.dbbackup.model.RunState;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RunsOverHttpTest {
    @Test
    void the_exit_code_follows_state_and_problem() {
        assertThat(exitCode(Operation.BACKUP, RunState.RUNNING, null)).isEmpty();
        assertThat(exitCode(Operation.BACKUP, RunState.SUCCEEDED, null)).contains(0);
        assertThat(exitCode(Operation.BACKUP, RunState.SUCCEEDED_WITH_WARNINGS, null)).contains(0);
        assertThat(exitCode(Operation.RESTORE, RunState.SUCCEEDED_WITH_WARNINGS, ErrorCode.TOOL_FAILED)).contains(2);
        assertThat(exitCode(Operation.BACKUP, RunState.FAILED, ErrorCode.STORE_FULL)).contains(74);
        assertThat(exitCode(Operation.RESTORE, RunState.FAILED, ErrorCode.BLOB_DIGEST_MISMATCH)).contains(65);
        assertThat(exitCode(Operation.VERIFY, RunState.FAILED, ErrorCode.BLOB_DIGEST_MISMATCH)).contains(3);
        assertThat(exitCode(Operation.VERIFY, RunState.FAILED, ErrorCode.STORE_UNREACHABLE)).contains(69);
        assertThat(exitCode(Operation.BACKUP, RunState.FAILED, null)).contains(1);
        assertThat(exitCode(Operation.BACKUP, RunState.STOPPED, null)).contains(130);
        assertThat(exitCode(Operation.BACKUP, RunState.INTERRUPTED, null)).contains(75);
    }

    @Test
    void a_wait_is_read_with_its_unit_and_bounded() {
        assertThat(Wait.parse(null)).isZero();
        assertThat(Wait.parse("60s")).isEqualTo(Duration.ofSeconds(60));
        assertThat(Wait.parse("500ms")).isEqualTo(Duration.ofMillis(500));
        assertThat(Wait.parse("90")).isEqualTo(Duration.ofSeconds(90));
        assertThat(Wait.parse("60m")).isEqualTo(Duration.ofMinutes(2));
        assertThatThrownBy(() -> Wait.parse("soon")).hasMessageContaining("INVALID_PARAMETER: wait is \"soon\"");
    }

    @Test
    void parameters_become_plain_strings() throws JsonProcessingException {
        assertThat(parameters("{\"parameters\":{\"a\":1,\"b\":true,\"c\":null,\"d\":[\"x,y\"],\"e\":{\"f\":\"g\"}}}"))
                .isEqualTo(Map.of("a", "1", "b", "true", "d", "[\"x,y\"]", "e", "{\"f\":\"g\"}"));
        assertThat(parameters("{}")).isEmpty();
        assertThatThrownBy(() -> parameters("{\"policy\":\"x\"}")).hasMessageContaining("the body has a field \"policy\"");
        assertThatThrownBy(() -> parameters("[]")).hasMessageContaining("INVALID_REQUEST");
        assertThatThrownBy(() -> parameters("{\"parameters\":[]}")).hasMessageContaining("parameters is not an object");
    }

    @Test
    void the_rate_is_that_of_the_last_half_minute_and_starts_again_with_a_database() {
        Ticking clock = new Ticking();
        RateMeter meter = new RateMeter(clock);
        UUID run = UUID.randomUUID();
        assertThat(meter.rate(run, 1, 0)).isEmpty();
        clock.now = clock.now.plusSeconds(10);
        assertThat(meter.rate(run, 1, 1000)).contains(100L);
        clock.now = clock.now.plusSeconds(40);
        assertThat(meter.rate(run, 1, 1000)).contains(0L);
        clock.now = clock.now.plusSeconds(1);
        assertThat(meter.rate(run, 1, 500)).isEmpty();
        clock.now = clock.now.plusSeconds(20);
        assertThat(meter.rate(run, 1, 1500)).contains(50L);
    }

    @Test
    void the_rate_starts_again_with_an_execution() {
        Ticking clock = new Ticking();
        RateMeter meter = new RateMeter(clock);
        UUID run = UUID.randomUUID();
        assertThat(meter.rate(run, 1, 1000)).isEmpty();
        clock.now = clock.now.plusSeconds(3600);
        assertThat(meter.rate(run, 2, 1000)).isEmpty();
        clock.now = clock.now.plusSeconds(2);
        assertThat(meter.rate(run, 2, 3000)).contains(1000L);
    }

    private static Map<String, String> parameters(String json) throws JsonProcessingException {
        return StartRequest.parameters(Json.MAPPER.readTree(json));
    }

    private static Optional<Integer> exitCode(Operation operation, RunState state, ErrorCode problem) {
        return ExitCode.of(new RunView(
                UUID.randomUUID(), operation, state, Optional.empty(), "a run", Optional.empty(), Optional.empty(),
                Optional.empty(), Optional.empty(), Map.of(), "ann", "rest", Instant.EPOCH, Optional.empty(),
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), 1, Optional.empty(), false,
                Optional.ofNullable(problem).map(code -> new Problem(code, "a cause", "A remedy.")), Optional.empty(), Optional.empty()));
    }

    private static final class Ticking extends Clock {
        private Instant now = Instant.EPOCH;

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }
}
