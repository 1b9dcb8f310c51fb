package io.dbbackup.pipeline;

import io.dbbackup.model.BlobRef;
import io.dbbackup.model.StageDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;

/**
 * Moves bytes from a source into a blob, in the caller's thread and in constant memory:
 * source → plain probes → transforms → size and SHA-256 of what is stored → blob writer.
 *
 * <p>The blob is published only when the source was read to its end, its producer ended well, every probe has a result
 * and the monitor agrees. Whatever goes wrong before leaves nothing in the store. Thread-safe: one pipeline serves all
 * workers of a run; each transfer borrows a buffer of 256 KiB for what is stored and one of
 * {@value #BLOCK} bytes for what is read.
 */
public final class TransferPipeline {
    /** What is read goes to the transforms in blocks of so many bytes, the last one excepted. */
    static final int BLOCK = 2 << 20;
    /** Probes see them in pieces that are still in the processor's cache. */
    private static final int STEP = 256 << 10;

    private final List<Transform> transforms;
    private final List<StageDescriptor> stages;
    private final BufferPool steps = new BufferPool(STEP);
    private final BufferPool blocks = new BufferPool(BLOCK);

    /** @param transforms in writing order; empty to store the plain bytes */
    public TransferPipeline(List<Transform> transforms) {
        this.transforms = List.copyOf(transforms);
        this.stages = transforms.stream().map(Transform::descriptor).toList();
    }

    /**
     * Transfers a source into a blob and publishes it. Closes source and writer in every case.
     *
     * @param name of the blob below its set's prefix, complete: goes into the receipt and to the transforms
     * @param probes see the plain bytes
     * @return what is now in the store
     * @throws IOException of the source, a transform or the writer
     * @throws io.dbbackup.model.BackupException of the producer, the writer, a probe or the monitor
     */
    public BlobRef transfer(
            String name, ByteSource source, List<? extends Probe<?>> probes, BlobWriter writer, TransferMonitor monitor)
            throws IOException {
        return transfer(name, source, probes, writer, monitor, KnownBlobs.NONE);
    }

    /** As the other, and publishes nothing when the same bytes are stored already; what is there is returned then. */
    public BlobRef transfer(
            String name,
            ByteSource source,
            List<? extends Probe<?>> probes,
            BlobWriter writer,
            TransferMonitor monitor,
            KnownBlobs known)
            throws IOException {
        byte[] block = steps.take();
        byte[] buffer = blocks.take();
        try (writer) {
            ByteCountProbe storedSize = new ByteCountProbe();
            Xxh128Probe plainDigest = new Xxh128Probe();
            Sha256Probe storedDigest = new Sha256Probe();
            ByteCountProbe plainSize = new ByteCountProbe();
            Probe<?>[] plain = plain(plainSize, plainDigest, probes);
            StoredBytes stored = new StoredBytes(writer, block, storedSize, storedDigest);
            try (source) {
                encode(name, source, plain, stored, buffer, monitor);
                source.awaitSuccess();
            }
            for (Probe<?> probe : plain) {
                probe.result();
            }
            monitor.check();
            BlobRef complete = new BlobRef(
                    name, storedSize.result(), storedDigest.result(), plainSize.result(), plainDigest.result(), stages);
            Optional<BlobRef> there =
                    known.find(name, complete.plainBytes(), complete.plainXxh128(), Optional.of(complete));
            if (there.isPresent()) {
                // closing the writer removes the upload
                return there.get();
            }
            long committed = writer.commit();
            if (committed != complete.storedBytes()) {
                throw new IOException("the store says that it committed " + committed + " bytes of " + name + ", but "
                        + complete.storedBytes() + " were written");
            }
            return complete;
        } finally {
            steps.give(block);
            blocks.give(buffer);
        }
    }

    /**
     * Reads a source that is probably stored already and stores nothing: neither compresses nor encrypts. Closes the source.
     *
     * @return what is there; empty when the source has to be read again and stored
     */
    public Optional<BlobRef> find(
            String name,
            ByteSource source,
            List<? extends Probe<?>> probes,
            TransferMonitor monitor,
            KnownBlobs known)
            throws IOException {
        byte[] buffer = blocks.take();
        try {
            Xxh128Probe digest = new Xxh128Probe();
            ByteCountProbe size = new ByteCountProbe();
            Probe<?>[] plain = plain(size, digest, probes);
            try (source) {
                read(source, plain, buffer, monitor, (block, offset, length) -> {});
                source.awaitSuccess();
            }
            for (Probe<?> probe : plain) {
                probe.result();
            }
            monitor.check();
            return known.find(name, size.result(), digest.result(), Optional.empty());
        } finally {
            blocks.give(buffer);
        }
    }

    private static Probe<?>[] plain(ByteCountProbe size, Xxh128Probe digest, List<? extends Probe<?>> probes) {
        Probe<?>[] plain = new Probe<?>[probes.size() + 2];
        plain[0] = size;
        plain[1] = digest;
        for (int i = 0; i < probes.size(); i++) {
            plain[i + 2] = probes.get(i);
        }
        return plain;
    }

    private void encode(
            String name, ByteSource source, Probe<?>[] probes, StoredBytes stored, byte[] buffer, TransferMonitor monitor)
            throws IOException {
        OutputStream chain = stored;
        boolean finished = false;
        try {
            for (int i = transforms.size() - 1; i >= 0; i--) {
                chain = transforms.get(i).encode(name, chain);
            }
            OutputStream first = chain;
            read(source, probes, buffer, monitor, first::write);
            chain.close();
            finished = true;
        } finally {
            if (!finished) {
                stored.discard();
                releaseQuietly(chain);
            }
        }
    }

    /** Takes what was read. */
    private interface Sink {
        void write(byte[] buffer, int offset, int length) throws IOException;
    }

    private static void read(ByteSource source, Probe<?>[] probes, byte[] buffer, TransferMonitor monitor, Sink sink)
            throws IOException {
        InputStream in = source.stream();
        int filled = 0;
        while (true) {
            monitor.check();
            int wanted = Math.min(STEP, buffer.length - filled);
            int length = fill(in, buffer, filled, wanted);
            if (length > 0) {
                for (Probe<?> probe : probes) {
                    probe.accept(buffer, filled, length);
                }
                filled += length;
                monitor.bytes(length);
            }
            boolean ended = length < wanted;
            if (filled > 0 && (ended || filled == buffer.length)) {
                sink.write(buffer, 0, filled);
                filled = 0;
            }
            if (ended) {
                break;
            }
        }
    }

    /** Fills a step; less than a full one means the end. */
    private static int fill(InputStream in, byte[] buffer, int from, int bytes) throws IOException {
        int filled = 0;
        while (filled < bytes) {
            int read = in.read(buffer, from + filled, bytes - filled);
            if (read < 0) {
                break;
            }
            filled += read;
        }
        return filled;
    }

    private static void releaseQuietly(OutputStream chain) {
        try {
            chain.close();
        } catch (IOException | RuntimeException e) {
            // the failure that brought us here is the one to report
        }
    }
}
