package io.dbbackup.spi;

import io.dbbackup.pipeline.BlobWriter;
import java.io.InputStream;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Blobs by name. A name is a relative path of segments separated by {@code /}; a segment is 1 to 200 characters of
 * {@code A-Z a-z 0-9 . _ -} and is neither {@code .} nor {@code ..}. Other names are refused with
 * {@code IllegalArgumentException}. No blob's name may be the name of a directory of another blob. Blobs are written
 * once and never changed. Thread-safe. Failures are {@code BackupException}s whose code says whether a retry makes sense.
 */
public interface BlobStore extends AutoCloseable {
    /**
     * Begins an upload. A name that is taken is refused here or by {@link BlobWriter#commit()}.
     *
     * @param expectedBytes a hint for the size of upload parts, in bytes; empty when unknown
     */
    BlobWriter create(String name, OptionalLong expectedBytes);

    /**
     * Goes on with an upload whose writer died with its process. What the store itself still has of it decides how much
     * is already there; the caller feeds the same bytes from there on, so only reproducible sources can do that.
     *
     * @param token what {@link BlobWriter#resumeToken()} of that writer said
     * @return empty when the store cannot do it or has nothing left of that upload: begin anew with {@link #create}
     * @throws io.dbbackup.model.BackupException as with {@link #create}
     */
    default Optional<ResumedUpload> resume(String name, String token) {
        return Optional.empty();
    }

    /**
     * Opens a blob at an offset in bytes; at or beyond its end there is nothing to read. The stream throws {@code IOException} when the store fails in between; a
     * reader that gets fewer bytes than the manifest says has a truncated blob.
     *
     * @throws io.dbbackup.model.BackupException BLOB_MISSING when there is none
     */
    InputStream open(String name, long offset);

    Optional<BlobInfo> stat(String name);

    /**
     * Calls {@code each} for every committed blob whose name starts with {@code prefix} (which is empty or ends with
     * {@code /}), in no particular order and without holding them all in memory.
     */
    void list(String prefix, Consumer<BlobInfo> each);

    /**
     * Names of the segments directly below {@code prefix}, as with directories, sorted. What holds no committed blob is
     * not there.
     */
    java.util.List<String> children(String prefix);

    /**
     * Deletes a blob; deleting a missing one is success.
     *
     * @throws io.dbbackup.model.BackupException BLOB_LOCKED, with the date, while the store's retention forbids it
     */
    void delete(String name);

    /**
     * Removes what interrupted uploads below {@code prefix} left behind (never a committed blob) that is older than
     * the given age. Uploads that this object has under way are spared.
     *
     * @return bytes freed
     */
    long sweepLeftovers(String prefix, java.time.Duration olderThan);

    /** Free bytes, where the store has a notion of them. */
    OptionalLong freeBytes();

    /**
     * Writes, reads back and deletes a small blob, so that a store that cannot be used is found before the work starts.
     *
     * @throws io.dbbackup.model.BackupException STORE_UNREACHABLE, STORE_MISSING, STORE_AUTHENTICATION_FAILED,
     *     STORE_NOT_TRUSTED, STORE_ACCESS_DENIED, STORE_CLOCK_SKEW, STORE_NOT_WRITABLE, STORE_FULL, STORE_IO
     */
    void probe();

    StoreCapabilities capabilities();

    @Override
    void close();
}
