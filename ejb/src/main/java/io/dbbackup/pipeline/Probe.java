package io.dbbackup.pipeline;

/**
 * Sees every byte of a transfer in order, changes none, and has a result at the end. Not thread-safe, used once.
 *
 * @param <R> the result
 */
public interface Probe<R> {
    /** Looks at the next bytes; must not keep the array. */
    void accept(byte[] buffer, int offset, int length);

    /** Called once after the last byte. */
    R result();
}
