package io.dbbackup.service.limit;

import io.dbbackup.spi.Cancellation;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * How many workers of all runs may be at work at the same time on this server. A free slot goes to a waiting run that has
 * the fewest, so that a small run gets its turn beside a large one. Thread-safe.
 */
public final class WorkerSlots {
    private final Map<UUID, Integer> held = new HashMap<>();
    private final Map<UUID, Integer> waiting = new HashMap<>();
    private int limit;
    private int used;

    /** @param workers 0: not limited */
    synchronized void set(int workers) {
        if (limit != workers) {
            limit = workers;
            notifyAll();
        }
    }

    /** 0: not limited. */
    public synchronized int limit() {
        return limit;
    }

    /** True while workers of that run wait for a slot. */
    public synchronized boolean waiting(UUID run) {
        return waiting.containsKey(run);
    }

    /**
     * Waits for a slot.
     *
     * @param most workers of this run at the same time
     * @return false when there was none in that time, or the run was cancelled
     */
    public synchronized boolean enter(UUID run, int most, Duration atMost, Cancellation cancellation)
            throws InterruptedException {
        if (held(run) < most && (limit == 0 || used < limit && waiting.isEmpty())) {
            take(run);
            return true;
        }
        long end = System.nanoTime() + atMost.toNanos();
        boolean own = held(run) >= most;
        if (!own) {
            waiting.merge(run, 1, Integer::sum);
        }
        try (Cancellation.Registration wake = cancellation.onCancel(this::wake)) {
            while (!cancellation.cancelled()) {
                if (held(run) < most && (limit == 0 || used < limit && modest(run))) {
                    take(run);
                    return true;
                }
                long left = (end - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    return false;
                }
                wait(left);
            }
            return false;
        } finally {
            if (!own) {
                waiting.computeIfPresent(run, (id, count) -> count == 1 ? null : count - 1);
            }
            // it may have been in the way of another one
            notifyAll();
        }
    }

    private boolean modest(UUID run) {
        return waiting.keySet().stream().allMatch(other -> held(other) >= held(run));
    }

    private int held(UUID run) {
        return held.getOrDefault(run, 0);
    }

    private void take(UUID run) {
        held.merge(run, 1, Integer::sum);
        used++;
    }

    /** Gives a slot back. */
    public synchronized void leave(UUID run) {
        if (held(run) > 0) {
            held.computeIfPresent(run, (id, count) -> count == 1 ? null : count - 1);
            used--;
            notifyAll();
        }
    }

    /** Gives back what an execution that has ended still had. */
    public synchronized void forget(UUID run) {
        Integer left = held.remove(run);
        if (left != null) {
            used -= left;
            notifyAll();
        }
    }

    private synchronized void wake() {
        notifyAll();
    }
}
