package io.dbbackup.pipeline;

import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Buffers of one size that wait for the next transfer. Holds as many as were ever in use at once, which the
 * number of workers bounds. Thread-safe.
 */
final class BufferPool {
    private final int bytes;
    private final ConcurrentLinkedQueue<byte[]> idle = new ConcurrentLinkedQueue<>();

    /** @param bytes of each buffer */
    BufferPool(int bytes) {
        this.bytes = bytes;
    }

    byte[] take() {
        byte[] buffer = idle.poll();
        return buffer == null ? new byte[bytes] : buffer;
    }

    void give(byte[] buffer) {
        idle.add(buffer);
    }
}
