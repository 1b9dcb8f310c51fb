package io.dbbackup.pipeline;

/** Number of bytes. */
public final class ByteCountProbe implements Probe<Long> {
    private long count;

    @Override
    public void accept(byte[] buffer, int offset, int length) {
        count += length;
    }

    @Override
    public Long result() {
        return count;
    }
}
