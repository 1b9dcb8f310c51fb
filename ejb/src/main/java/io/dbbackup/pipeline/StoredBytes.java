package io.dbbackup.pipeline;

import java.io.IOException;
import java.io.OutputStream;

/**
 * The end of the chain: gathers what the transforms write into blocks, shows them to the stored-bytes probes and hands
 * them to the blob writer. After {@link #discard()} it swallows everything, so that a transform can release its native
 * memory by being closed without writing to a failed upload.
 */
final class StoredBytes extends OutputStream {
    private final BlobWriter writer;
    private final Probe<?>[] probes;
    private final byte[] block;
    private int filled;
    private boolean discarding;

    StoredBytes(BlobWriter writer, byte[] block, Probe<?>... probes) {
        this.writer = writer;
        this.block = block;
        this.probes = probes;
    }

    @Override
    public void write(int b) throws IOException {
        if (filled == block.length) {
            flush();
        }
        block[filled++] = (byte) b;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (length > block.length - filled) {
            flush();
        }
        if (length >= block.length / 2) {
            flush();
            // in blocks here, too: a limited store waits before each
            for (int done = 0; done < length; done += block.length) {
                pass(bytes, offset + done, Math.min(block.length, length - done));
            }
        } else {
            System.arraycopy(bytes, offset, block, filled, length);
            filled += length;
        }
    }

    @Override
    public void flush() throws IOException {
        int length = filled;
        filled = 0;
        if (length > 0) {
            pass(block, 0, length);
        }
    }

    @Override
    public void close() throws IOException {
        flush();
    }

    void discard() {
        discarding = true;
    }

    private void pass(byte[] bytes, int offset, int length) throws IOException {
        if (discarding) {
            return;
        }
        for (Probe<?> probe : probes) {
            probe.accept(bytes, offset, length);
        }
        writer.write(bytes, offset, length);
    }
}
