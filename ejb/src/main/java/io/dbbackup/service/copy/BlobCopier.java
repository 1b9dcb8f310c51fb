package io.dbbackup.service.copy;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.manifest.StoredBlob;
import io.dbbackup.pipeline.BlobWriter;
import io.dbbackup.pipeline.Sha256Probe;
import io.dbbackup.service.set.BlobPlace;
import io.dbbackup.spi.BlobInfo;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Copies blobs of one set as they are stored. The bytes are digested on the way and nothing is published that is not what
 * the manifest names; what was published is read back from the target. Idempotent. Not thread-safe: one per work item.
 */
final class BlobCopier {
    private static final int BUFFER = 256 * 1024;

    private final Place from;
    private final Place to;
    private final String prefix;
    private final Cancellation cancellation;
    private final Progress progress;
    private final byte[] buffer = new byte[BUFFER];

    /** A store and how messages call it. */
    record Place(String name, BlobStore store) {}

    /** @param prefix of the set, the same in both stores */
    BlobCopier(Place from, Place to, String prefix, Cancellation cancellation, Progress progress) {
        this.from = from;
        this.to = to;
        this.prefix = prefix;
        this.cancellation = cancellation;
        this.progress = progress;
    }

    /**
     * Copies a blob unless the target has it.
     *
     * @param replace delete another blob of that name first when the source's is well: what a killed copy has left, or what a
     *     verification found damaged; false where a sealed set may be that is not known to be damaged
     * @return bytes that were written; 0 when it was there
     * @throws BackupException BLOB_MISSING, BLOB_SIZE_MISMATCH, BLOB_DIGEST_MISMATCH, or of the stores
     */
    long copy(StoredBlob blob, boolean replace) {
        String name = prefix + blob.name();
        Optional<BlobInfo> there = to.store().stat(name);
        if (there.isPresent()) {
            BackupException damage = difference(to, blob);
            if (damage == null) {
                progress.bytes(blob.storedBytes());
                return 0;
            }
            if (!replace) {
                throw damage;
            }
            BackupException worse = difference(from, blob);
            if (worse != null) {
                throw worse;
            }
            to.store().delete(name);
        }
        transfer(name, blob);
        BackupException damage = difference(to, blob);
        if (damage != null) {
            throw damage;
        }
        return blob.storedBytes();
    }

    private void transfer(String name, StoredBlob blob) {
        cancellation.check();
        try (InputStream in = open(from, blob);
                Cancellation.Registration reading = cancellation.onCancel(() -> closeQuietly(in));
                BlobWriter writer = to.store().create(name, OptionalLong.of(blob.storedBytes()));
                Cancellation.Registration writing = cancellation.onCancel(writer::abort)) {
            Sha256Probe digest = new Sha256Probe();
            long size = 0;
            for (int read = read(in, name); read >= 0; read = read(in, name)) {
                cancellation.check();
                digest.accept(buffer, 0, read);
                size += read;
                writer.write(buffer, 0, read);
                progress.bytes(read);
            }
            compare(from, blob, size, digest.result()).ifPresent(damage -> {
                throw damage;
            });
            cancellation.check();
            long committed = writer.commit();
            if (committed != size) {
                throw new IOException("the store says that it committed " + committed + " bytes, but " + size + " were written");
            }
        } catch (IOException e) {
            cancellation.check();
            throw failed("writing " + name + " to", to, e);
        } catch (BackupException e) {
            cancellation.check();
            throw e;
        }
    }

    /** What the set refers to elsewhere in the source belongs below its own prefix in the target. */
    private InputStream open(Place place, StoredBlob blob) {
        return place == to
                ? place.store().open(prefix + blob.name(), 0)
                : BlobPlace.of(place.store(), prefix, blob.asIs()).open();
    }

    private int read(InputStream in, String name) {
        try {
            return in.read(buffer, 0, buffer.length);
        } catch (IOException e) {
            cancellation.check();
            throw failed("reading " + name + " from", from, e);
        }
    }

    /** What is wrong with the blob in the target; null when it is the one that the manifest names. */
    private BackupException difference(Place place, StoredBlob blob) {
        String name = prefix + blob.name();
        try (InputStream in = open(place, blob);
                Cancellation.Registration reading = cancellation.onCancel(() -> closeQuietly(in))) {
            Sha256Probe digest = new Sha256Probe();
            long size = 0;
            for (int read = in.read(buffer); read >= 0 && size <= blob.storedBytes(); read = in.read(buffer)) {
                cancellation.check();
                digest.accept(buffer, 0, read);
                size += read;
            }
            return compare(place, blob, size, digest.result()).orElse(null);
        } catch (IOException e) {
            cancellation.check();
            throw failed("reading " + name + " from", place, e);
        }
    }

    private Optional<BackupException> compare(Place place, StoredBlob blob, long size, String sha256) {
        if (size == blob.storedBytes() && sha256.equals(blob.storedSha256())) {
            return Optional.empty();
        }
        boolean sizeDiffers = size != blob.storedBytes();
        return Optional.of(new BackupException(
                sizeDiffers ? ErrorCode.BLOB_SIZE_MISMATCH : ErrorCode.BLOB_DIGEST_MISMATCH,
                prefix + blob.name() + " in store \"" + place.name() + "\" "
                        + (sizeDiffers
                                ? "has " + (size > blob.storedBytes() ? "more than " + blob.storedBytes() : String.valueOf(size))
                                        + " bytes, the manifest says " + blob.storedBytes()
                                : "has the SHA-256 " + sha256 + ", the manifest says " + blob.storedSha256()),
                place == to
                        ? "Verify the set in that store; a copy that has failed its verification is mended by copying again."
                        : "Verify the set in that store, and use another copy of it."));
    }

    private static BackupException failed(String what, Place place, IOException e) {
        return new BackupException(
                ErrorCode.STORE_IO,
                what + " store \"" + place.name() + "\" failed: " + e.getMessage(),
                "Check the store and the connection to it, then restart the run.",
                e);
    }

    private static void closeQuietly(InputStream in) {
        try {
            in.close();
        } catch (IOException e) {
            // it is closed so that whoever reads it wakes up
        }
    }
}
