package io.dbbackup.pipeline;

import java.io.IOException;
import java.util.Optional;

/**
 * One upload. Nothing is visible in the store under the blob's name before {@link #commit()} returns; {@link #close()}
 * without a commit aborts and removes every trace. Not thread-safe, but {@link #abort()} may come from any thread.
 */
public interface BlobWriter extends AutoCloseable {
    void write(byte[] buffer, int offset, int length) throws IOException;

    /**
     * Makes the blob durable and then visible, atomically and only if no blob of that name exists.
     *
     * @return size of the stored blob in bytes
     * @throws io.dbbackup.model.BackupException BLOB_EXISTS when the name is taken (what is there stays untouched),
     *     STORE_FULL, STORE_NOT_WRITABLE, STORE_IO
     */
    long commit() throws IOException;

    /**
     * What {@code BlobStore.resume} needs to go on with this upload after a crash of this process; not a secret, at most
     * 2000 characters. Empty where the store cannot do that, and as long as nothing is stored that would be worth it;
     * once there, it stays the same. The caller writes it down where it survives.
     */
    default Optional<String> resumeToken() {
        return Optional.empty();
    }

    /** Makes the current and every later call fail; used when a run is stopped. */
    void abort();

    @Override
    void close() throws IOException;
}
