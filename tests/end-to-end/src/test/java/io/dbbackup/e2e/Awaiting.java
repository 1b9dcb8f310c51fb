package io.dbbackup.e2e;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for conditions. */
final class Awaiting {

    /** Nothing here takes so long, on the slowest machine; a wait that does has found a defect. */
    private static final Duration FOREVER = Duration.ofMinutes(10);

    private Awaiting() {}

    static void until(String what, BooleanSupplier condition) {
        until(what, Duration.ofMillis(20), condition);
    }

    static void until(String what, Duration pause, BooleanSupplier condition) {
        long end = System.nanoTime() + FOREVER.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("never happened: " + what);
            }
            try {
                Thread.sleep(pause.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            }
        }
    }
}
