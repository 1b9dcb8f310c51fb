package io.dbbackup.spi;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells the workers of one execution that it must stop, within two seconds: whatever can block registers an action that
 * unblocks it (kill the process, cancel the statement, abort the upload). Thread-safe.
 */
public final class Cancellation {
    private final Set<Runnable> actions = ConcurrentHashMap.newKeySet();
    private volatile boolean cancelled;

    /** Registers an action; it runs at once when the cancellation has already happened. Close to deregister. */
    public Registration onCancel(Runnable action) {
        actions.add(action);
        if (cancelled && actions.remove(action)) {
            action.run();
        }
        return () -> actions.remove(action);
    }

    /** Runs every registered action once; a failing action does not keep the others from running. */
    public void cancel() {
        cancelled = true;
        RuntimeException first = null;
        for (Runnable action : actions) {
            if (actions.remove(action)) {
                try {
                    action.run();
                } catch (RuntimeException e) {
                    if (first == null) {
                        first = e;
                    } else {
                        first.addSuppressed(e);
                    }
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }

    public boolean cancelled() {
        return cancelled;
    }

    /** @throws BackupException CANCELLED when the run must stop */
    public void check() {
        if (cancelled) {
            throw new BackupException(
                    ErrorCode.CANCELLED, "the run was stopped", "Restart the run to continue with what is left.");
        }
    }

    /** Handle of a registered action. */
    @FunctionalInterface
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }
}
