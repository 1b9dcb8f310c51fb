package io.dbbackup.service.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.catalog.RunDraft;
import io.dbbackup.model.Operation;
import io.dbbackup.model.RunState;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.ItemDraft;
import io.dbbackup.spi.WorkItem;
import jakarta.enterprise.event.Event;
import java.lang.reflect.Field;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PulseTest {
    private final RunFixture fixture = new RunFixture();
    private final Pulse pulse = pulse();
    private boolean suspended;
    private final List<UUID> told = new ArrayList<>();
    private final UUID run = created();

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

    /** A node that beats no more is taken for dead while it works, and hears of no stop. */
    @Test
    void an_error_ends_no_beat() {
        AtomicBoolean thrown = new AtomicBoolean();
        Execution execution = fixture.executions.begin(run, 1, 1, "node", () -> {
            if (thrown.compareAndSet(false, true)) {
                throw new NoClassDefFoundError("gone");
            }
            return true;
        });
        CompletableFuture<Void> stopped = new CompletableFuture<>();
        try (Cancellation.Registration stop = execution.cancellation().onCancel(() -> stopped.complete(null))) {
            pulse.start();
            stopped.orTimeout(10, TimeUnit.SECONDS).join();
        } finally {
            pulse.stop();
        }
    }

    /** As while a database is begun again, which deletes from the store what it had. */
    @Test
    void items_that_are_locked_for_long_silence_no_run() {
        Execution execution = fixture.executions.begin(run, 1, 1, "node", () -> false);
        fixture.queue.add(run, List.of(new ItemDraft("a", "item", "a", "shop", 0, 0, Map.of(), Set.of())));
        WorkItem item = fixture.queue.claim(run, execution.number(), "node", true).orElseThrow();
        execution.progressOf(item.id()).add(7);
        UUID waiting = created();
        fixture.executions.queue(waiting, "node");
        fixture.clock.set(fixture.clock.instant().plusSeconds(30));

        fixture.catalog.inTransaction(() -> {
            fixture.queue.lockDatabase(run, "shop");
            CompletableFuture.runAsync(pulse::beat).orTimeout(10, TimeUnit.SECONDS).join();
        });

        assertThat(fixture.runs.signs()).hasSize(2).allMatch(sign -> sign.at().equals(fixture.clock.instant()));
        pulse.storeProgress();
        assertThat(fixture.queue.list(run, Optional.empty(), 0, 1).get(0).plainBytes()).isEqualTo(7);
    }

    /** Stopped in the management console, say: the runtime then tells no listener. */
    @Test
    void a_run_whose_job_dies_before_it_begins_ends_with_it() {
        UUID failing = created();
        UUID going = created();
        List.of(run, failing, going).forEach(id -> fixture.executions.queue(id, "node"));
        pulse.beat();
        assertThat(state(run)).isEqualTo(RunState.QUEUED);

        fixture.executions.waits(run, () -> Optional.of(RunState.STOPPED));
        fixture.executions.waits(failing, () -> Optional.of(RunState.FAILED));
        pulse.beat();
        suspended = true;
        fixture.executions.waits(going, () -> Optional.of(RunState.STOPPED));
        pulse.beat();

        assertThat(state(run)).isEqualTo(RunState.STOPPED);
        assertThat(state(failing)).isEqualTo(RunState.FAILED);
        assertThat(fixture.runs.get(failing).problem()).isPresent();
        assertThat(state(going)).isEqualTo(RunState.INTERRUPTED);
        assertThat(told).containsExactlyInAnyOrder(run, failing, going);
    }

    @Test
    void a_run_that_waits_elsewhere_by_now_does_not_end_with_its_old_job() {
        fixture.executions.queue(run, "node");
        fixture.executions.waits(run, () -> Optional.of(RunState.STOPPED));
        fixture.runs.end(run, RunState.INTERRUPTED, "NODE_LOST");
        fixture.runs.queued(run, "another");

        pulse.beat();

        assertThat(state(run)).isEqualTo(RunState.QUEUED);
        assertThat(fixture.runs.get(run).owner()).contains("another");
        assertThat(fixture.runs.endQueued(run, "node", RunState.FAILED, "FAILED", Optional.empty())).isEmpty();
        assertThat(told).isEmpty();
    }

    private RunState state(UUID id) {
        return fixture.runs.get(id).state();
    }

    private UUID created() {
        return fixture.runs
                .create(
                        new RunDraft(
                                Operation.RETENTION, "a run", Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
                                Map.of()),
                        "tester", "test", Optional.empty(), "")
                .id();
    }

    @SuppressWarnings("unchecked")
    private Event<RunEnded> telling() {
        return (Event<RunEnded>) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Event.class}, (proxy, method, arguments) -> {
                    told.add(((RunEnded) arguments[0]).run().id());
                    return null;
                });
    }

    private Pulse pulse() {
        Endings endings = new Endings(fixture.runs, telling());
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
