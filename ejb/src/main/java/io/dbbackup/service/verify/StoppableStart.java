package io.dbbackup.service.verify;

import io.dbbackup.model.BackupException;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.DatabaseEngine.Sandbox;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * Starts a throwaway server, which takes seconds and cannot be interrupted, so that a stop need not wait for it: a server
 * that is up after nobody wants it any more is destroyed at once.
 */
final class StoppableStart {
    private StoppableStart() {}

    /** @throws BackupException of the start, or CANCELLED */
    static Sandbox of(Supplier<Sandbox> start, Cancellation cancellation) {
        CompletableFuture<Sandbox> started = new CompletableFuture<>();
        Thread thread = new Thread(() -> run(start, started), "dbbackup-sandbox-start");
        thread.setDaemon(true);
        thread.setContextClassLoader(Thread.currentThread().getContextClassLoader());
        thread.start();
        try (Cancellation.Registration registration = cancellation.onCancel(() -> cancel(started, cancellation))) {
            return started.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException known ? known : e;
        }
    }

    private static void run(Supplier<Sandbox> start, CompletableFuture<Sandbox> started) {
        try {
            Sandbox sandbox = start.get();
            if (!started.complete(sandbox)) {
                sandbox.close();
            }
        } catch (RuntimeException | Error e) {
            started.completeExceptionally(e);
        }
    }

    private static void cancel(CompletableFuture<Sandbox> started, Cancellation cancellation) {
        try {
            cancellation.check();
        } catch (BackupException e) {
            started.completeExceptionally(e);
        }
    }
}
