package io.dbbackup.store.upload;

/**
 * The requests that one upload has under way, for clients whose requests do not end when their thread is interrupted.
 * Thread-safe.
 */
public interface RequestGroup {
    /** A task whose requests belong to this group. */
    Runnable tracked(Runnable task);

    /** Ends the requests under way and refuses new ones. */
    void abort();

    /** Of a client whose requests end with the interrupt of their thread. */
    static RequestGroup interruptible() {
        return new RequestGroup() {
            @Override
            public Runnable tracked(Runnable task) {
                return task;
            }

            @Override
            public void abort() {
                // whoever closes the upload interrupts its threads
            }
        };
    }
}
