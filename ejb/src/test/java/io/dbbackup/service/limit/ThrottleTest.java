package io.dbbackup.service.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.dbbackup.model.Bandwidth;
import io.dbbackup.spi.Cancellation;
import java.time.Clock;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ThrottleTest {
    private static final long MIB = 1 << 20;
    /** A Friday, 07:59:50 in Berlin. */
    private static final Instant FRIDAY = Instant.parse("2026-11-20T06:59:50Z");

    private final VirtualPace pace = new VirtualPace(FRIDAY);
    private final Throttle throttle = new Throttle("store \"disk\"", pace);

    @Test
    void bytes_pass_at_the_rate_whatever_the_size_of_the_buffers() {
        throttle.set(Optional.of(Bandwidth.of(10 * MIB)));
        for (int i = 0; i < 400; i++) {
            throttle.pass(256 * 1024, new Cancellation());
        }
        assertThat(pace.seconds()).isCloseTo(10, within(0.01));
        for (int i = 0; i < 100_000; i++) {
            throttle.pass(100, new Cancellation());
        }
        assertThat(pace.seconds()).isCloseTo(10 + 1e7 / (10 * MIB), within(0.01));
        throttle.pass(100 * MIB, new Cancellation());
        assertThat(pace.seconds()).isCloseTo(20 + 1e7 / (10 * MIB), within(0.01));
    }

    @Test
    void an_idle_line_saves_up_a_tenth_of_a_second_and_no_more() {
        throttle.set(Optional.of(Bandwidth.of(10 * MIB)));
        pace.advance(Duration.ofHours(1).toNanos());
        throttle.pass(10 * MIB, new Cancellation());
        assertThat(pace.seconds() - 3600).isCloseTo(0.9, within(0.01));
    }

    @Test
    void without_a_limit_nothing_waits() {
        throttle.pass(Long.MAX_VALUE, new Cancellation());
        assertThat(pace.seconds()).isZero();
        assertThat(throttle.describe()).isEmpty();
    }

    @Test
    void streams_that_are_always_busy_get_equal_shares() {
        long rate = 10 * MIB;
        long[] passed = new long[4];
        long[] ready = new long[4];
        // whoever is ready first asks next, as threads do that sleep until their piece may pass
        while (pace.seconds() < 20) {
            int next = 0;
            for (int i = 1; i < ready.length; i++) {
                next = ready[i] < ready[next] ? i : next;
            }
            pace.advance(Math.max(0, ready[next] - pace.nanos()));
            long piece = 200_000;
            ready[next] = pace.nanos() + throttle.book(piece, rate);
            passed[next] += piece;
        }
        for (long bytes : passed) {
            assertThat(bytes / 20.0).isCloseTo(rate / 4.0, within(rate / 50.0));
        }
    }

    @Test
    void windows_decide_by_the_time_of_day_in_their_zone() {
        throttle.set(Optional.of(new Bandwidth(
                Optional.of(100 * MIB),
                List.of(new Bandwidth.Window(
                        List.of(DayOfWeek.FRIDAY), LocalTime.of(8, 0), LocalTime.of(18, 0), Optional.of(MIB))),
                "Europe/Berlin")));
        assertThat(throttle.describe()).contains("limited to 100 MiB/s (store \"disk\", until Fri 08:00 CET)");
        // ten seconds at 100 MiB/s, then at 1 MiB/s
        throttle.pass(1010 * MIB, new Cancellation());
        assertThat(pace.seconds()).isCloseTo(20, within(0.2));
        assertThat(throttle.describe()).contains("limited to 1 MiB/s (store \"disk\", until Fri 18:00 CET)");
    }

    @Test
    void a_window_over_midnight_belongs_to_the_day_on_which_it_begins() {
        Bandwidth nights = new Bandwidth(
                Optional.of(MIB),
                List.of(new Bandwidth.Window(
                        List.of(DayOfWeek.FRIDAY), LocalTime.of(22, 0), LocalTime.of(6, 0), Optional.empty())),
                "UTC");
        assertThat(nights.at(Instant.parse("2026-11-20T21:59:59Z"))).hasValue(MIB);
        assertThat(nights.at(Instant.parse("2026-11-20T22:00:00Z"))).isEmpty();
        assertThat(nights.at(Instant.parse("2026-11-21T05:59:59Z"))).isEmpty();
        assertThat(nights.at(Instant.parse("2026-11-21T06:00:00Z"))).hasValue(MIB);
        assertThat(nights.at(Instant.parse("2026-11-21T23:00:00Z"))).hasValue(MIB);
        assertThat(nights.changesAfter(Instant.parse("2026-11-21T23:00:00Z")).orElseThrow().toInstant())
                .isEqualTo(Instant.parse("2026-11-27T22:00:00Z"));
    }

    @Test
    void a_stop_ends_a_long_wait_at_once() {
        Throttle real = new Throttle("source \"slow\"", Pace.of(Clock.systemUTC()));
        real.set(Optional.of(Bandwidth.of(1024)));
        Cancellation cancellation = new Cancellation();
        CompletableFuture<Void> waiting = CompletableFuture.runAsync(() -> real.pass(MIB, cancellation));
        cancellation.cancel();
        assertThatThrownBy(() -> waiting.get(10, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasMessageContaining("CANCELLED");
    }

    @Test
    void threads_share_the_real_time() {
        Throttle real = new Throttle("store \"line\"", Pace.of(Clock.systemUTC()));
        real.set(Optional.of(Bandwidth.of(20 * MIB)));
        AtomicLong passed = new AtomicLong();
        long start = System.nanoTime();
        CompletableFuture<?>[] streams = new CompletableFuture<?>[3];
        for (int i = 0; i < streams.length; i++) {
            streams[i] = CompletableFuture.runAsync(() -> {
                for (int n = 0; n < 100; n++) {
                    real.pass(64 * 1024, new Cancellation());
                    passed.addAndGet(64 * 1024);
                }
            });
        }
        CompletableFuture.allOf(streams).join();
        double seconds = (System.nanoTime() - start) / 1e9;
        // never faster; how much slower is the machine's business
        assertThat(passed.get() / seconds).isLessThan(20 * MIB * 1.15).isGreaterThan(MIB);
    }

    @Test
    void rates_are_read_as_people_write_them() {
        assertThat(Rates.parse("50 MiB/s")).contains(50 * MIB);
        assertThat(Rates.parse("50M")).contains(50 * MIB);
        assertThat(Rates.parse("100 Mbit/s")).contains(12_500_000L);
        assertThat(Rates.parse("100")).isEmpty();
        assertThat(Rates.parse("fast")).isEmpty();
        assertThat(Rates.parse(Rates.text(12_500_000L))).contains(12_500_000L);
        assertThat(Rates.text(50 * MIB)).isEqualTo("50 MiB/s");
    }
}
