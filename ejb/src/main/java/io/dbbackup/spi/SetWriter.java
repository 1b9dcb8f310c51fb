package io.dbbackup.spi;

import io.dbbackup.model.BlobRef;
import io.dbbackup.pipeline.ByteSource;
import io.dbbackup.pipeline.KnownBlobs;
import io.dbbackup.pipeline.Probe;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Writes blobs of one backup set through the run's data path (probes, compression, digests). Thread-safe. */
public interface SetWriter {
    /**
     * Transfers a source into a blob: reads it to its end, awaits the producer's success, and only then commits.
     *
     * @param name path below the set's prefix, without the codec's suffix, which is added (for example {@code .zst})
     * @param source closed in every case
     * @param probes see the plain bytes
     * @param expectedPlainBytes hint
     * @return what was stored, with its full name
     * @throws io.dbbackup.model.BackupException of the producer or the store; then nothing is visible
     */
    BlobRef write(
            String name, ByteSource source, List<? extends Probe<?>> probes, OptionalLong expectedPlainBytes, Progress progress);

    /**
     * As the other, but publishes nothing when {@code known} says that the same bytes are stored already: what is returned
     * then refers to them.
     */
    BlobRef write(
            String name,
            ByteSource source,
            List<? extends Probe<?>> probes,
            OptionalLong expectedPlainBytes,
            Progress progress,
            KnownBlobs known);

    /**
     * Reads a source that is probably stored already, which costs no compression, encryption and upload.
     *
     * @return the reference; empty when the bytes are others: the source has to be read again, by {@link #write}
     */
    Optional<BlobRef> find(
            String name, ByteSource source, List<? extends Probe<?>> probes, Progress progress, KnownBlobs known);

    /** Stores a small JSON document as it is (not compressed), under exactly this name. */
    BlobRef writeJson(String name, Object document);
}
