package io.dbbackup.service.limit;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.Cancellation;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;

/** Time as a throttle needs it: to measure, to know the time of day, and to wait. Thread-safe. */
interface Pace {
    /** Nanoseconds since some moment. */
    long nanos();

    Instant now();

    /**
     * Waits.
     *
     * @throws BackupException CANCELLED as soon as the cancellation happens
     */
    void pause(long nanos, Cancellation cancellation);

    /** The real time; the clock only for the time of day. */
    static Pace of(Clock clock) {
        return new Pace() {
            @Override
            public long nanos() {
                return System.nanoTime();
            }

            @Override
            public Instant now() {
                return clock.instant();
            }

            @Override
            public void pause(long nanos, Cancellation cancellation) {
                park(nanos, cancellation);
            }
        };
    }

    private static void park(long nanos, Cancellation cancellation) {
        Thread waiting = Thread.currentThread();
        long end = System.nanoTime() + nanos;
        try (Cancellation.Registration wake = cancellation.onCancel(() -> LockSupport.unpark(waiting))) {
            for (long left = nanos; left > 0; left = end - System.nanoTime()) {
                cancellation.check();
                LockSupport.parkNanos(cancellation, left);
                if (Thread.interrupted()) {
                    Thread.currentThread().interrupt();
                    throw new BackupException(
                            ErrorCode.CANCELLED, "a wait for bandwidth was interrupted", "Restart the run.");
                }
            }
        }
        cancellation.check();
    }
}
