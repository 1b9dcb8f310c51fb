package io.dbbackup.store.upload;

import io.dbbackup.store.StoreFailures;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * What the uploads of one store object share. Threads: at most parts in flight + 1 per upload; idle ones end. Memory: up
 * to 8 free buffers. Thread-safe.
 *
 * @param partsInFlight parts that one upload may have under way
 */
public record Uploader(int partsInFlight, PartBuffers buffers, ExecutorService threads, StoreFailures failures)
        implements AutoCloseable {
    private static final int KEPT_BUFFERS = 8;

    /** @param type that of the store, for the names of threads */
    public static Uploader of(String type, int partsInFlight, int partBytes, StoreFailures failures) {
        ExecutorService threads = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                    Thread thread = new Thread(task, "dbbackup-" + type);
                    thread.setDaemon(true);
                    return thread;
                });
        return new Uploader(partsInFlight, new PartBuffers(partBytes, KEPT_BUFFERS), threads, failures);
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
