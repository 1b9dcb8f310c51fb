package io.dbbackup.service.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.spi.Cancellation;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Workers of all runs, and connections to a source. */
class SharedLimitsTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final int MANY = 100;

    private final Cancellation cancellation = new Cancellation();

    @Test
    void no_more_workers_than_allowed_are_at_work_and_the_run_with_fewer_goes_first() throws Exception {
        WorkerSlots slots = new WorkerSlots();
        slots.set(2);
        UUID large = UUID.randomUUID();
        UUID small = UUID.randomUUID();
        assertThat(slots.enter(large, MANY, LONG, cancellation)).isTrue();
        assertThat(slots.enter(large, MANY, LONG, cancellation)).isTrue();
        assertThat(slots.enter(large, MANY, Duration.ZERO, cancellation)).isFalse();
        CompletableFuture<Boolean> third = enter(slots, large);
        CompletableFuture<Boolean> other = enter(slots, small);
        while (!slots.waiting(large) || !slots.waiting(small)) {
            Thread.onSpinWait();
        }
        slots.leave(large);
        assertThat(other.get(10, TimeUnit.SECONDS)).isTrue();
        assertThat(third).isNotDone();
        slots.leave(large);
        assertThat(third.get(10, TimeUnit.SECONDS)).isTrue();
        // an execution that ended by an accident leaves nothing behind
        slots.forget(large);
        assertThat(slots.enter(small, MANY, Duration.ZERO, cancellation)).isTrue();
        assertThat(slots.enter(large, MANY, Duration.ZERO, cancellation)).isFalse();
        slots.set(0);
        assertThat(slots.enter(large, MANY, Duration.ZERO, cancellation)).isTrue();
    }

    @Test
    void a_run_has_no_more_workers_at_work_than_its_own_limit() throws Exception {
        WorkerSlots slots = new WorkerSlots();
        UUID run = UUID.randomUUID();
        assertThat(slots.enter(run, 1, LONG, cancellation)).isTrue();
        assertThat(slots.enter(run, 1, Duration.ZERO, cancellation)).isFalse();
        CompletableFuture<Boolean> second = enter(slots, run, 1);
        slots.leave(run);
        assertThat(second.get(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void a_stop_ends_the_wait_for_a_slot() throws Exception {
        WorkerSlots slots = new WorkerSlots();
        slots.set(1);
        assertThat(slots.enter(UUID.randomUUID(), MANY, LONG, cancellation)).isTrue();
        CompletableFuture<Boolean> waiting = enter(slots, UUID.randomUUID());
        cancellation.cancel();
        assertThat(waiting.get(10, TimeUnit.SECONDS)).isFalse();
    }

    @Test
    void a_run_gets_the_workers_whose_connections_fit_and_the_next_run_waits() throws Exception {
        Connections connections = new Connections("shop");
        connections.set(5);
        Connections.Reservation first = connections.reserve(n -> 2 * n, 8, cancellation, words -> {});
        assertThat(first.workers()).isEqualTo(2);
        List<String> told = new CopyOnWriteArrayList<>();
        CountDownLatch waits = new CountDownLatch(1);
        CompletableFuture<Connections.Reservation> second = CompletableFuture.supplyAsync(
                () -> connections.reserve(n -> 2 * n, 1, cancellation, words -> {
                    told.add(words);
                    waits.countDown();
                }));
        assertThat(waits.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(told).containsExactly("waits for connections to source \"shop\": it needs 2, and 4 of max_connections 5"
                + " are taken by other runs");
        assertThat(second).isNotDone();
        first.close();
        assertThat(second.get(10, TimeUnit.SECONDS).workers()).isEqualTo(1);
    }

    @Test
    void a_limit_that_no_worker_can_live_with_is_refused_and_a_stop_ends_the_wait() {
        Connections connections = new Connections("shop");
        connections.set(1);
        assertThatThrownBy(() -> connections.reserve(n -> 2 * n, 8, cancellation, words -> {}))
                .hasMessageContaining("max_connections 1, but even one worker needs 2");
        connections.set(2);
        connections.reserve(n -> 2 * n, 8, cancellation, words -> {});
        CompletableFuture<Connections.Reservation> waiting = CompletableFuture.supplyAsync(
                () -> connections.reserve(n -> 2 * n, 8, cancellation, words -> {}));
        cancellation.cancel();
        assertThatThrownBy(() -> waiting.get(10, TimeUnit.SECONDS)).hasMessageContaining("CANCELLED");
    }

    @Test
    void without_a_limit_everybody_gets_what_he_wants() {
        Connections connections = new Connections("shop");
        assertThat(connections.reserve(n -> 2 * n, 8, cancellation, words -> {}).workers()).isEqualTo(8);
        assertThat(connections.reserve(n -> 2 * n, 8, cancellation, words -> {}).workers()).isEqualTo(8);
    }

    private CompletableFuture<Boolean> enter(WorkerSlots slots, UUID run) {
        return enter(slots, run, MANY);
    }

    private CompletableFuture<Boolean> enter(WorkerSlots slots, UUID run, int most) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return slots.enter(run, most, LONG, cancellation);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
