package io.dbbackup.service.limit;

import io.dbbackup.spi.Cancellation;
import java.time.Instant;

/** Time that passes only by waiting, so that tests measure exactly. */
final class VirtualPace implements Pace {
    private final Instant start;
    private long nanos;

    VirtualPace(Instant start) {
        this.start = start;
    }

    @Override
    public long nanos() {
        return nanos;
    }

    @Override
    public Instant now() {
        return start.plusNanos(nanos);
    }

    @Override
    public void pause(long length, Cancellation cancellation) {
        nanos += length;
    }

    void advance(long length) {
        nanos += length;
    }

    double seconds() {
        return nanos / 1e9;
    }
}
