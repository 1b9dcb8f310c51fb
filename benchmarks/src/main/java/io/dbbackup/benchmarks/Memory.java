package io.dbbackup.benchmarks;

/** Looks four times a second how much memory a tree of processes has, until it is closed. */
final class Memory implements AutoCloseable {
    private static final long BETWEEN_MILLIS = 250;

    private final Thread looker;
    private volatile long peak;
    private volatile boolean closed;

    Memory(long root) {
        looker = new Thread(() -> look(root), "memory");
        looker.setDaemon(true);
        looker.start();
    }

    private void look(long root) {
        while (!closed) {
            peak = Math.max(peak, Cpu.residentBytes(root));
            try {
                Thread.sleep(BETWEEN_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Largest resident memory so far, in bytes. */
    long peak() {
        return peak;
    }

    @Override
    public void close() {
        closed = true;
        looker.interrupt();
    }
}
