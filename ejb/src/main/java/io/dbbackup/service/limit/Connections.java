package io.dbbackup.service.limit;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.Cancellation;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;

/**
 * Connections to one source. A run reserves all that it may ever have at the same time before it makes the first one: runs
 * that took them one by one could wait for each other for ever. First come, first served. Thread-safe.
 */
public final class Connections {
    private final String source;
    private final Deque<Object> queue = new ArrayDeque<>();
    private int limit;
    private int reserved;

    Connections(String source) {
        this.source = source;
    }

    /** @param most 0: not limited */
    synchronized void set(int most) {
        if (limit != most) {
            limit = most;
            notifyAll();
        }
    }

    /**
     * Reserves connections for as many workers as fit, at least one; waits until they are free.
     *
     * @param needs connections that so many workers need; grows with them
     * @param waits told once, in words, when it has to wait
     * @throws BackupException INVALID_CONFIGURATION when not even one worker will ever fit, CANCELLED
     */
    public synchronized Reservation reserve(
            IntUnaryOperator needs, int workers, Cancellation cancellation, Consumer<String> waits) {
        int least = needs.applyAsInt(1);
        Object ticket = new Object();
        queue.add(ticket);
        boolean told = false;
        try (Cancellation.Registration wake = cancellation.onCancel(this::wake)) {
            while (true) {
                cancellation.check();
                if (limit > 0 && limit < least) {
                    throw tooFew(least, needs.applyAsInt(2) - least);
                }
                int fit = fit(needs, workers);
                if (fit > 0 && queue.peek() == ticket) {
                    int connections = needs.applyAsInt(fit);
                    reserved += connections;
                    return new Reservation(this, fit, connections, limit);
                }
                if (!told) {
                    told = true;
                    waits.accept("waits for connections to source \"" + source + "\": it needs " + least + ", and "
                            + reserved + " of max_connections " + limit + " are taken by other runs");
                }
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BackupException(
                    ErrorCode.CANCELLED, "waiting for connections was interrupted", "Restart the run.", e);
        } finally {
            queue.remove(ticket);
            notifyAll();
        }
    }

    private int fit(IntUnaryOperator needs, int workers) {
        int fit = workers;
        while (limit > 0 && fit > 0 && needs.applyAsInt(fit) > limit - reserved) {
            fit--;
        }
        return fit;
    }

    private BackupException tooFew(int least, int more) {
        return new BackupException(
                ErrorCode.INVALID_CONFIGURATION,
                "source \"" + source + "\" has max_connections " + limit + ", but even one worker needs " + least
                        + " connections at the same time",
                "Allow at least " + least + ", and " + more + " more for each further worker that shall work at the same time.");
    }

    private synchronized void release(int connections) {
        reserved -= connections;
        notifyAll();
    }

    private synchronized void wake() {
        notifyAll();
    }

    /**
     * What a run may use until it closes it.
     *
     * @param workers that may be at work at the same time
     * @param limit of the source at that time; 0: none
     */
    public record Reservation(Connections of, int workers, int connections, int limit) implements AutoCloseable {
        @Override
        public void close() {
            of.release(connections);
        }
    }
}
