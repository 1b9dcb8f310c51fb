package io.dbbackup.pipeline;

import java.io.IOException;
import java.io.InputStream;

/**
 * Bytes that an engine produces. The end of the stream alone is not success: only {@link #awaitSuccess()} is.
 * Not thread-safe. {@link #close()} ends the producer if it still runs; it may be called from any thread and twice.
 */
public interface ByteSource extends AutoCloseable {
    /** The bytes; the same stream at each call. */
    InputStream stream() throws IOException;

    /**
     * Waits for the producer to end, after its stream was read to the end.
     *
     * @throws io.dbbackup.model.BackupException when it ended badly (exit code, error of the server); the blob must
     *     then not be committed
     */
    void awaitSuccess();

    @Override
    void close();
}
