package io.dbbackup.store.sftp;

import io.dbbackup.model.BackupException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** Lends connections, each to one user at a time, and keeps a few for the next ones. Thread-safe. */
final class Connections implements AutoCloseable {
    private static final int KEPT = 4;
    private static final long GLANCE_MILLIS = 100;

    private final Connector connector;
    private final int retries;
    private final ArrayDeque<Wire> idle = new ArrayDeque<>();
    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), Connections::thread);
    private volatile boolean closed;

    /** @param retries so many times in a row something may fail for want of a connection */
    Connections(Connector connector, int retries) {
        this.connector = connector;
        this.retries = retries;
    }

    /** What is done with a lent connection. */
    @FunctionalInterface
    interface Use<T> {
        T on(RemoteFiles files) throws IOException;
    }

    /** Does something that may be done several times, because the network or the server may fail for a while. */
    <T> T call(Use<T> use) throws IOException {
        Patience patience = patience();
        while (true) {
            try {
                return once(use);
            } catch (ConnectionLostException e) {
                patience.pause(e, () -> closed);
            } catch (BackupException e) {
                patience.pause(e, () -> closed);
            }
        }
    }

    Patience patience() {
        return new Patience(retries);
    }

    /** As {@link #call}, but does it only once and without waiting for better times. */
    <T> T once(Use<T> use) throws IOException {
        Wire wire = borrow(() -> closed);
        boolean usable = false;
        try {
            T result = use.on(new RemoteFiles(wire));
            usable = true;
            return result;
        } catch (StatusException e) {
            usable = true;
            throw e;
        } finally {
            if (usable) {
                give(wire);
            } else {
                wire.close();
            }
        }
    }

    /**
     * To be given back, or closed when there may be answers under way.
     *
     * @throws StoppedException soon after {@code stop} has become true
     * @throws BackupException when no connection can be made
     */
    Wire borrow(BooleanSupplier stop) throws StoppedException {
        synchronized (idle) {
            for (Wire wire = idle.pollLast(); wire != null; wire = idle.pollLast()) {
                if (wire.open()) {
                    return wire;
                }
            }
        }
        // in another thread, because making a connection cannot be stopped
        CompletableFuture<Wire> connecting = CompletableFuture.supplyAsync(connector::connect, threads);
        while (true) {
            try {
                return connecting.get(GLANCE_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (stop.getAsBoolean()) {
                    connecting.thenAccept(this::give);
                    throw new StoppedException();
                }
            } catch (InterruptedException e) {
                connecting.thenAccept(this::give);
                Thread.currentThread().interrupt();
                throw new StoppedException();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof BackupException known) {
                    throw known;
                }
                throw new IllegalStateException(e.getCause());
            }
        }
    }

    /** Takes back a connection with no answer under way. */
    void give(Wire wire) {
        synchronized (idle) {
            if (!closed && idle.size() < KEPT && wire.open()) {
                idle.add(wire);
                return;
            }
        }
        wire.close();
    }

    /** Runs something beside the caller; nothing when the store is closed. */
    CompletableFuture<Void> beside(Runnable task) {
        try {
            return CompletableFuture.runAsync(task, threads);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "sftp");
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void close() {
        synchronized (idle) {
            closed = true;
            idle.forEach(Wire::close);
            idle.clear();
        }
        threads.shutdown();
        connector.close();
    }
}
