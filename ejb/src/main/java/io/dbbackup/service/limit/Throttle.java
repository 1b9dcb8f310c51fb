package io.dbbackup.service.limit;

import io.dbbackup.model.Bandwidth;
import io.dbbackup.spi.Cancellation;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Lets bytes of several streams pass at one common rate. Every piece books the next free time on a common time line, first
 * come first served, and its thread sleeps until then: streams that are always busy get equal shares, and whoever overslept
 * catches up, since the line does not move. Pieces are small, so a new rate (another time of day, another configuration) is
 * soon felt. Thread-safe.
 */
public final class Throttle {
    /** Time that may be made up for: sleeps are not exact, and streams pause. */
    private static final long BURST_NANOS = 100_000_000;
    /** Debts below this are not worth going to sleep. */
    private static final long SHORTEST_PAUSE_NANOS = 1_000_000;
    private static final int PIECES_PER_SECOND = 50;
    private static final long SMALLEST_PIECE = 512;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("EEE HH:mm z", Locale.ENGLISH);

    private final String what;
    private final Pace pace;
    private volatile Optional<Bandwidth> bandwidth = Optional.empty();
    /** On {@link Pace#nanos()}' time line: when the next piece may pass. */
    private long free;

    /** @param what for people, for example {@code store "disk"} */
    Throttle(String what, Pace pace) {
        this.what = what;
        this.pace = pace;
        free = pace.nanos();
    }

    void set(Optional<Bandwidth> limit) {
        bandwidth = limit;
    }

    /**
     * Returns when so many bytes may pass.
     *
     * @throws io.dbbackup.model.BackupException CANCELLED at once when the run is stopped meanwhile
     */
    public void pass(long bytes, Cancellation cancellation) {
        for (long left = bytes; left > 0; ) {
            OptionalLong rate = rate();
            if (rate.isEmpty()) {
                return;
            }
            long piece = Math.min(left, Math.max(SMALLEST_PIECE, rate.getAsLong() / PIECES_PER_SECOND));
            long wait = book(piece, rate.getAsLong());
            if (wait >= SHORTEST_PAUSE_NANOS) {
                pace.pause(wait, cancellation);
            }
            left -= piece;
        }
    }

    /** False when everything passes at once, at any time of the day. */
    boolean limits() {
        return bandwidth.isPresent();
    }

    /** @return nanoseconds until the piece may pass */
    synchronized long book(long bytes, long rate) {
        long now = pace.nanos();
        if (now - free > BURST_NANOS) {
            free = now - BURST_NANOS;
        }
        free += Math.round(bytes * 1e9 / rate);
        return free - now;
    }

    private OptionalLong rate() {
        Optional<Bandwidth> limit = bandwidth;
        return limit.isEmpty() ? OptionalLong.empty() : limit.get().at(pace.now());
    }

    /** The limit of this moment for people, for example {@code limited to 10 MiB/s (store "disk", until Mon 18:00 CET)}. */
    public Optional<String> describe() {
        Instant now = pace.now();
        return bandwidth.flatMap(limit -> {
            OptionalLong rate = limit.at(now);
            Optional<ZonedDateTime> change = limit.changesAfter(now);
            return rate.isEmpty()
                    ? Optional.empty()
                    : Optional.of("limited to " + Rates.text(rate.getAsLong()) + " (" + what
                            + change.map(moment -> ", until " + TIME.format(moment)).orElse("") + ")");
        });
    }
}
