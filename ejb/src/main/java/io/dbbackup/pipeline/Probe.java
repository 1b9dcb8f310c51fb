package io.dbbackup.pipeline;

/**
 * Sees every byte of a transfer in order, changes none, and has a result at the end. Not thread-safe, used once.
 *
 * @param <R> the result
 */
public interface Probe<R> {
    /** Looks at the next bytes; must not keep the array. */
    void accept(byte[] buffer, int offset, int length);

    /**
     * What was seen. Called after the last byte, by the pipeline before it publishes the blob and by whoever wants the
     * value: every call gives the same result. A probe that throws here keeps the blob from being published.
     */
    R result();
}
