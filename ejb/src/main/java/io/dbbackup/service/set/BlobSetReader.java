package io.dbbackup.service.set;

import io.dbbackup.crypto.KeyBunch;
import io.dbbackup.crypto.SetKeys;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Json;
import io.dbbackup.model.StageDescriptor;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.model.manifest.SetHeader;
import io.dbbackup.model.manifest.StoredBlob;
import io.dbbackup.pipeline.ByteSource;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.SetReader;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/** Reads a sealed set below its prefix of a store. Holds the set's manifest in memory and nothing else. Thread-safe. */
public final class BlobSetReader implements SetReader {
    /** A manifest of ten thousand databases has about 10 MB; more than this is not one. */
    private static final int LARGEST_MANIFEST = 256 * 1024 * 1024;

    private final BlobStore store;
    private final String prefix;
    private final BackupManifest manifest;
    private final SetKeys keys;

    private BlobSetReader(BlobStore store, String prefix, BackupManifest manifest, SetKeys keys) {
        this.store = store;
        this.prefix = prefix;
        this.manifest = manifest;
        this.keys = keys;
    }

    /**
     * Opens a set that is not encrypted by its manifest in the store.
     *
     * @param prefix of the set in the store, ending with {@code /}
     * @throws BackupException BLOB_MISSING when there is no sealed set, MANIFEST_INVALID,
     *     MANIFEST_VERSION_UNSUPPORTED, KEY_MISSING, or of the store
     */
    public static BlobSetReader open(BlobStore store, String prefix) {
        return open(store, prefix, Optional.empty(), KeyBunch.EMPTY);
    }

    /**
     * As the other, and compares the manifest with what the catalog remembers of it.
     *
     * @param sha256 of the blob {@value BackupManifest#BLOB_NAME}, as {@link BlobSetWriter#seal} returned it
     * @throws BackupException also MANIFEST_INVALID when the digests differ
     */
    public static BlobSetReader open(BlobStore store, String prefix, Optional<String> sha256) {
        return open(store, prefix, sha256, KeyBunch.EMPTY);
    }

    /**
     * Opens a set, with one of the keys when it is encrypted.
     *
     * @throws BackupException also KEY_MISSING naming who could open it, KEY_WRONG, KEY_DOCUMENT_INVALID,
     *     KEY_DERIVATION_TOO_COSTLY
     */
    public static BlobSetReader open(BlobStore store, String prefix, Optional<String> sha256, KeyBunch atHand) {
        ManifestFile file = file(store, prefix, sha256);
        SetKeys keys = SetUnlock.unlock(store, prefix, file, atHand);
        return new BlobSetReader(store, prefix, file.manifest(keys), keys);
    }

    /**
     * The manifest as it is stored, for what needs no key.
     *
     * @throws BackupException BLOB_MISSING when there is no sealed set, MANIFEST_INVALID,
     *     MANIFEST_VERSION_UNSUPPORTED, or of the store
     */
    public static ManifestFile file(BlobStore store, String prefix, Optional<String> sha256) {
        String where = SetPrefix.checked(prefix) + BackupManifest.BLOB_NAME;
        byte[] bytes = readSmall(store.open(where, 0), where);
        ManifestFile file = ManifestFile.read(bytes, where);
        String found = file.sha256();
        if (sha256.isPresent() && !sha256.get().equals(found)) {
            throw new BackupException(
                    ErrorCode.MANIFEST_INVALID,
                    where + " is not the manifest that was written: the catalog has the SHA-256 " + sha256.get()
                            + ", the store " + found,
                    "Find out who replaced it; restore the manifest from another copy of the backup set.");
        }
        return file;
    }

    /** Reads with a manifest that is at hand, for example one that is not published yet. */
    public static BlobSetReader of(BlobStore store, String prefix, BackupManifest manifest) {
        return new BlobSetReader(store, SetPrefix.checked(prefix), manifest, SetKeys.NONE);
    }

    @Override
    public BackupManifest manifest() {
        return manifest;
    }

    @Override
    public DatabaseManifest database(DatabaseEntry entry) {
        BlobRef blob = entry.manifest();
        byte[] bytes = readSmall(open(blob), prefix + blob.name());
        DatabaseManifest database;
        try {
            database = Json.MAPPER.readValue(bytes, DatabaseManifest.class);
        } catch (IOException | RuntimeException e) {
            throw invalid(blob, "is not the manifest of a database: " + e.getMessage(), e);
        }
        if (!entry.name().equals(database.name())) {
            throw invalid(blob, "describes the database \"" + database.name() + "\" instead of \"" + entry.name() + "\"",
                    null);
        }
        return database;
    }

    @Override
    public InputStream open(BlobRef blob) {
        return CheckedBlob.open(store, prefix, blob, keys.of(blob));
    }

    /**
     * The bytes of a blob as they were before they were encrypted, or as they are stored: still compressed. Waiting for their
     * success checks the size and SHA-256 of what is stored.
     */
    public ByteSource beforeEncryption(BlobRef blob) {
        return new StillCompressed(store, prefix, blob, keys.of(blob));
    }

    /** The stages of a blob but its encryption. */
    static List<StageDescriptor> stagesBeforeEncryption(BlobRef blob) {
        return blob.stages().stream()
                .filter(stage -> !stage.type().equals(StageDescriptor.ENCRYPTION))
                .toList();
    }

    /**
     * Checks size and SHA-256 of a blob as it is stored, without decoding it.
     *
     * @throws BackupException BLOB_MISSING, BLOB_SIZE_MISMATCH, BLOB_DIGEST_MISMATCH, or of the store
     */
    public void checkStored(BlobRef blob) {
        CheckedBlob.checkStored(store, prefix, blob);
    }

    /** The blobs of a database of an encrypted set as they are stored, from its clear inventory; needs no key. */
    public static List<StoredBlob> inventory(BlobStore store, String prefix, SetHeader.Database database) {
        String where = prefix + database.inventory().name();
        try (StoredStream stored = StoredStream.digested(store.open(where, 0), where, database.inventory().asIs())) {
            byte[] lines = stored.readNBytes(LARGEST_MANIFEST);
            stored.drainAndCheck();
            return Inventory.read(lines, where);
        } catch (IOException e) {
            throw CheckedBlob.storeFailed(where, e);
        }
    }

    private BackupException invalid(BlobRef blob, String what, Exception origin) {
        return new BackupException(
                ErrorCode.MANIFEST_INVALID,
                prefix + blob.name() + " " + what,
                "Restore the manifest from another copy of the backup set.",
                origin);
    }

    private static byte[] readSmall(InputStream stream, String where) {
        try (stream) {
            byte[] bytes = stream.readNBytes(LARGEST_MANIFEST + 1);
            if (bytes.length > LARGEST_MANIFEST) {
                throw new BackupException(
                        ErrorCode.MANIFEST_INVALID,
                        where + " has more than " + LARGEST_MANIFEST + " bytes",
                        "This is not a manifest; restore it from another copy of the backup set.");
            }
            return bytes;
        } catch (IOException e) {
            throw CheckedBlob.storeFailed(where, e);
        }
    }
}
