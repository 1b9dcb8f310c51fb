package io.dbbackup.store.upload;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** A request of an upload in a thread of its own, whose end can be awaited, and given up. */
final class UploadTask<T> {
    /** When a run is being stopped, and otherwise. What is not cleaned up by then goes on in the background. */
    private static final long STOPPED_MILLIS = 1_500;
    private static final long PATIENT_MILLIS = 10_000;

    private final CompletableFuture<T> result = new CompletableFuture<>();
    private Future<?> thread;

    private UploadTask() {}

    static <T> UploadTask<T> start(ExecutorService threads, RequestGroup group, Supplier<T> work) {
        UploadTask<T> task = new UploadTask<>();
        task.thread = threads.submit(group.tracked(() -> {
            try {
                task.result.complete(work.get());
            } catch (Throwable e) {
                task.result.completeExceptionally(e);
            }
        }));
        return task;
    }

    /**
     * Waits for the result, or for the signal.
     *
     * @throws CancellationException when the signal came first
     */
    T result(CompletableFuture<?> signal) throws InterruptedException {
        try {
            CompletableFuture.anyOf(result, signal).get();
            if (!result.isDone()) {
                throw new CancellationException();
            }
            return result.join();
        } catch (ExecutionException | CompletionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            if (e.getCause() instanceof Error failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Interrupts the thread, and waits a while for its end. @return whether it ended */
    boolean end(boolean stopped) {
        thread.cancel(true);
        return await(stopped);
    }

    /** Waits a while for the end, however it is. @return whether it ended */
    boolean await(boolean stopped) {
        try {
            result.get(stopped ? STOPPED_MILLIS : PATIENT_MILLIS, TimeUnit.MILLISECONDS);
            return true;
        } catch (ExecutionException e) {
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
