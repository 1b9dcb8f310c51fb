package io.dbbackup.pipeline;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdException;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Compresses every write into a Zstandard frame of its own, with content checksum and size of the content; nothing at all becomes an
 * empty frame. Frames that follow each other are one file for every decoder (RFC 8878, section 3). The library reads the
 * caller's bytes where they lie and writes each frame at once, while as a stream it copies them and looks for matches on both sides of the
 * end of its ring, which costs up to a tenth more. Meant for writes of {@value TransferPipeline#BLOCK} bytes, and for levels whose window is
 * no larger than a quarter of that: each frame begins with nothing to refer to. Not thread-safe.
 */
final class ZstdFrames extends OutputStream {
    private static final BufferPool BUFFERS = new BufferPool((int) Zstd.compressBound(TransferPipeline.BLOCK));

    private final OutputStream next;
    private final ZstdCompressCtx context;
    private final byte[] frame = BUFFERS.take();
    private boolean written;
    private boolean closed;

    ZstdFrames(OutputStream next, int level) {
        this.next = next;
        context = new ZstdCompressCtx().setLevel(level).setChecksum(true);
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        for (int done = 0; done < length; done += TransferPipeline.BLOCK) {
            compress(bytes, offset + done, Math.min(length - done, TransferPipeline.BLOCK));
        }
    }

    private void compress(byte[] bytes, int offset, int length) throws IOException {
        written = true;
        int compressed;
        try {
            compressed = context.compressByteArray(frame, 0, frame.length, bytes, offset, length);
        } catch (ZstdException e) {
            throw new IOException("zstd could not compress: " + e.getMessage(), e);
        }
        next.write(frame, 0, compressed);
    }

    @Override
    public void flush() throws IOException {
        next.flush();
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try (next) {
            if (!written) {
                compress(new byte[0], 0, 0);
            }
        } finally {
            context.close();
            BUFFERS.give(frame);
        }
    }
}
