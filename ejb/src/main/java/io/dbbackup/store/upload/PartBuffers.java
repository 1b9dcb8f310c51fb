package io.dbbackup.store.upload;

import java.util.ArrayDeque;

/**
 * Buffers for parts, kept for the next upload. Holds at most {@code kept} free ones of the configured size; larger ones
 * are left to the garbage collector. Thread-safe.
 */
public final class PartBuffers {
    private final int size;
    private final int kept;
    private final ArrayDeque<byte[]> free = new ArrayDeque<>();

    public PartBuffers(int size, int kept) {
        this.size = size;
        this.kept = kept;
    }

    /** A buffer of at least so many bytes, with anything in it. */
    public byte[] take(int bytes) {
        if (bytes > size) {
            return new byte[bytes];
        }
        synchronized (free) {
            byte[] buffer = free.poll();
            if (buffer != null) {
                return buffer;
            }
        }
        return new byte[size];
    }

    /** Gives back what nobody reads any more. */
    public void give(byte[] buffer) {
        if (buffer.length != size) {
            return;
        }
        synchronized (free) {
            if (free.size() < kept) {
                free.push(buffer);
            }
        }
    }
}
