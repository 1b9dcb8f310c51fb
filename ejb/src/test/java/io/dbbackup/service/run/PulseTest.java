package io.dbbackup.service.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.catalog.RunDraft;
import io.dbbackup.model.Operation;
import io.dbbackup.model.RunState;
import java.lang.reflect.Field;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PulseTest {
    private final RunFixture fixture = new RunFixture();
    private final Pulse pulse = pulse();
    private boolean suspended;
    private final UUID run = fixture.runs
            .create(
                    new RunDraft(
                            Operation.RETENTION, "a run", Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
                            Map.of()),
                    "tester", "test", Optional.empty(), "")
            .id();

    @AfterEach
    void close() {
        fixture.close();
    }

    /** There the row in the catalog is all that the stop can reach. */
    @Test
    void a_stop_that_another_server_was_asked_for_ends_the_execution_here() {
        Execution execution = fixture.executions.begin(run, 1, 1, "node", () -> false);
        pulse.beat();
        assertThat(execution.cancellation().cancelled()).isFalse();

        fixture.runs.stopRequested(run);
        pulse.beat();

        assertThat(execution.cancellation().cancelled()).isTrue();
        assertThat(fixture.runs.get(run).state()).isEqualTo(RunState.STOPPING);
    }

    @Test
    void a_job_that_the_batch_runtime_stops_was_stopped_by_an_operator_unless_the_server_goes() {
        Execution stopped = fixture.executions.begin(run, 1, 1, "node", () -> true);
        pulse.watchStops();
        assertThat(stopped.cancellation().cancelled()).isTrue();
        assertThat(stopped.endedByServer()).isFalse();
        assertThat(fixture.runs.get(run).stopRequested()).isTrue();
        fixture.executions.end(run);
        fixture.runs.end(run, RunState.STOPPED, "STOPPED");

        suspended = true;
        Execution ended = fixture.executions.begin(run, 1, 2, "node", () -> true);
        pulse.watchStops();

        assertThat(ended.cancellation().cancelled()).isTrue();
        assertThat(ended.endedByServer()).isTrue();
        assertThat(fixture.runs.get(run).stopRequested()).isFalse();
    }

    @Test
    void what_an_operator_has_stopped_is_stopped_although_the_server_goes() {
        Execution execution = fixture.executions.begin(run, 1, 1, "node", () -> true);
        execution.stop();

        suspended = true;
        pulse.watchStops();
        execution.shutDown();

        assertThat(execution.endedByServer()).isFalse();
    }

    private Pulse pulse() {
        Endings endings = new Endings(fixture.runs, null);
        Node node = new Node() {
            @Override
            public boolean suspended() {
                return suspended;
            }
        };
        Pulse made = new Pulse();
        for (Object bean : List.of(fixture.executions, fixture.queue, fixture.runs, endings, fixture.limits, node)) {
            set(made, bean);
        }
        return made;
    }

    private static void set(Pulse pulse, Object bean) {
        try {
            for (Field field : Pulse.class.getDeclaredFields()) {
                if (field.getType().isInstance(bean)) {
                    field.setAccessible(true);
                    field.set(pulse, bean);
                }
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
