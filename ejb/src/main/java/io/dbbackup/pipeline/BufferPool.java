package io.dbbackup.pipeline;

import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Buffers of {@value #BYTES} bytes that wait for the next transfer. Holds as many as were ever in use at once, which the
 * number of workers bounds. Thread-safe.
 */
final class BufferPool {
    static final int BYTES = 256 * 1024;

    private final ConcurrentLinkedQueue<byte[]> idle = new ConcurrentLinkedQueue<>();

    byte[] take() {
        byte[] buffer = idle.poll();
        return buffer == null ? new byte[BYTES] : buffer;
    }

    void give(byte[] buffer) {
        idle.add(buffer);
    }
}
