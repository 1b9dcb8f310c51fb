package io.dbbackup.service.set;

import io.dbbackup.crypto.Envelope;
import io.dbbackup.crypto.SetKey;
import io.dbbackup.crypto.WrappingKey;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Json;
import io.dbbackup.model.StageDescriptor;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.KeyDocument;
import io.dbbackup.model.manifest.KeySection;
import io.dbbackup.model.manifest.SetHeader;
import io.dbbackup.pipeline.BlobWriter;
import io.dbbackup.pipeline.ByteSource;
import io.dbbackup.pipeline.Codec;
import io.dbbackup.pipeline.KnownBlobs;
import io.dbbackup.pipeline.Probe;
import io.dbbackup.pipeline.TransferMonitor;
import io.dbbackup.pipeline.TransferPipeline;
import io.dbbackup.pipeline.Transform;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.SetWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Writes a set's blobs below its prefix of a store, with one codec. A cancellation closes the sources and aborts the
 * uploads of all transfers under way; they then end with CANCELLED and leave nothing. Thread-safe.
 */
public final class BlobSetWriter implements SetWriter {
    /** What encryption adds to the names of blobs; a help for people, never read back. */
    private static final String ENCRYPTED_SUFFIX = ".enc";

    private final BlobStore store;
    private final String prefix;
    private final Codec codec;
    private final TransferPipeline compressing;
    private final TransferPipeline documents;
    private final TransferPipeline plain = new TransferPipeline(List.of());
    private final Optional<Encryption> encryption;
    private final String suffix;
    private final Cancellation cancellation;

    /**
     * @param prefix of the set in the store, ending with {@code /}
     * @param level the codec's own scale; empty for its default
     */
    public BlobSetWriter(BlobStore store, String prefix, Codec codec, OptionalInt level, Cancellation cancellation) {
        this(store, prefix, codec, level, cancellation, Optional.empty());
    }

    /** As the other, and encrypts everything but manifests' headers, inventories and key documents. */
    public BlobSetWriter(
            BlobStore store,
            String prefix,
            Codec codec,
            OptionalInt level,
            Cancellation cancellation,
            Optional<Encryption> encryption) {
        this.store = store;
        this.prefix = SetPrefix.checked(prefix);
        this.codec = codec;
        this.encryption = encryption;
        List<Transform> encrypting = encryption.map(e -> e.key().transform(e.set())).stream().toList();
        this.compressing = new TransferPipeline(
                Stream.concat(codec.transforms(level).stream(), encrypting.stream()).toList());
        this.documents = new TransferPipeline(encrypting);
        this.suffix = encryption.isPresent() ? ENCRYPTED_SUFFIX : "";
        this.cancellation = cancellation;
    }

    /**
     * How a set is encrypted.
     *
     * @param set its id, which every blob is bound to
     * @param section the key as it is wrapped for the recipients
     */
    public record Encryption(String set, SetKey key, KeySection section) {
        /** A new key, wrapped for the recipients; empty when there are none. */
        public static Optional<Encryption> newKey(String set, List<WrappingKey> recipients) {
            if (recipients.isEmpty()) {
                return Optional.empty();
            }
            SetKey key = SetKey.random();
            return Optional.of(new Encryption(set, key, Envelope.wrap(key, set, recipients)));
        }
    }

    /** Stores the wrapped key, if there is one, before anything is encrypted with it. */
    public void publishKey(Instant now) {
        encryption.ifPresent(e -> {
            KeyDocument document = new KeyDocument(
                    KeyDocument.FORMAT, KeyDocument.VERSION, e.set(), e.section().key(), 1, now, e.section().recipients());
            writeClear(document.blobName(), (Json.write(document) + "\n").getBytes(StandardCharsets.UTF_8));
        });
    }

    public Optional<Encryption> encryption() {
        return encryption;
    }

    @Override
    public BlobRef write(
            String name,
            ByteSource source,
            List<? extends Probe<?>> probes,
            OptionalLong expectedPlainBytes,
            Progress progress) {
        return write(name, source, probes, expectedPlainBytes, progress, KnownBlobs.NONE);
    }

    @Override
    public BlobRef write(
            String name,
            ByteSource source,
            List<? extends Probe<?>> probes,
            OptionalLong expectedPlainBytes,
            Progress progress,
            KnownBlobs known) {
        return transfer(compressing, name + codec.suffix() + suffix, source, probes, expectedPlainBytes, progress, known);
    }

    @Override
    public Optional<BlobRef> find(
            String name, ByteSource source, List<? extends Probe<?>> probes, Progress progress, KnownBlobs known) {
        String full = name + codec.suffix() + suffix;
        try (source;
                Cancellation.Registration producer = cancellation.onCancel(source::close)) {
            cancellation.check();
            return plain.find(full, source, probes, monitor(progress), known);
        } catch (IOException | RuntimeException e) {
            throw explained(full, e);
        }
    }

    /**
     * Stores a blob of another set as it was before its encryption, if it was encrypted: not compressed again, encrypted when
     * this set is.
     *
     * @param name path below the set's prefix; encryption adds its suffix
     * @param bytes those of {@link BlobSetReader#beforeEncryption}
     * @param of the blob that they are of
     */
    public BlobRef writeAgain(String name, ByteSource bytes, BlobRef of, Progress progress) {
        BlobRef moved = transfer(
                documents, name + suffix, bytes, List.of(), OptionalLong.of(of.storedBytes()), progress, KnownBlobs.NONE);
        List<StageDescriptor> stages = Stream.concat(
                        BlobSetReader.stagesBeforeEncryption(of).stream(), moved.stages().stream())
                .toList();
        return new BlobRef(
                moved.name(), moved.storedBytes(), moved.storedSha256(), of.plainBytes(), of.plainXxh128(), stages);
    }

    @Override
    public BlobRef writeJson(String name, Object document) {
        return writeBytes(documents, name + suffix, (Json.write(document) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Publishes the set: writes its manifest as {@value BackupManifest#BLOB_NAME}.
     *
     * @return its size and SHA-256, for the catalog
     * @throws BackupException BLOB_EXISTS when the set is sealed already, or of the store
     */
    public BlobRef seal(BackupManifest manifest) {
        return writeClear(BackupManifest.BLOB_NAME, ManifestJson.write(manifest));
    }

    /** Publishes an encrypted set: as the other, with the header that needs no key. */
    public BlobRef seal(SetHeader header, BackupManifest manifest) {
        return writeClear(
                BackupManifest.BLOB_NAME,
                ManifestFile.write(header, manifest, encryption.orElseThrow().key()));
    }

    /** Stores bytes that need no key to be read: neither compressed nor encrypted, under exactly this name. */
    public BlobRef writeClear(String name, byte[] bytes) {
        return writeBytes(plain, name, bytes);
    }

    private BlobRef writeBytes(TransferPipeline pipeline, String name, byte[] bytes) {
        return transfer(
                pipeline, name, new BytesSource(bytes), List.of(), OptionalLong.of(bytes.length), more -> {},
                KnownBlobs.NONE);
    }

    private BlobRef transfer(
            TransferPipeline pipeline,
            String name,
            ByteSource source,
            List<? extends Probe<?>> probes,
            OptionalLong expectedBytes,
            Progress progress,
            KnownBlobs known) {
        try (source;
                Cancellation.Registration producer = cancellation.onCancel(source::close)) {
            cancellation.check();
            BlobWriter writer = store.create(prefix + name, expectedBytes);
            try (writer;
                    Cancellation.Registration upload = cancellation.onCancel(writer::abort)) {
                return pipeline.transfer(name, source, probes, writer, monitor(progress), known);
            }
        } catch (IOException | RuntimeException e) {
            throw explained(name, e);
        }
    }

    private TransferMonitor monitor(Progress progress) {
        return new TransferMonitor() {
            @Override
            public void bytes(long more) {
                progress.bytes(more);
            }

            @Override
            public void check() {
                cancellation.check();
            }
        };
    }

    private BackupException explained(String name, Exception failure) {
        if (cancellation.cancelled()) {
            return new BackupException(
                    ErrorCode.CANCELLED,
                    "the run was stopped while it wrote " + prefix + name,
                    "Restart the run to continue with what is left.",
                    failure);
        }
        if (failure instanceof BackupException known) {
            return known;
        }
        if (failure instanceof IOException) {
            return new BackupException(
                    ErrorCode.STORE_IO,
                    "writing " + prefix + name + " failed: " + failure.getMessage(),
                    "Check the connections to the database server and to the store, then restart the run.",
                    failure);
        }
        return new BackupException(
                ErrorCode.INTERNAL,
                "writing " + prefix + name + " failed: " + failure,
                "This is a defect; please report it with the server log of this run.",
                failure);
    }
}
