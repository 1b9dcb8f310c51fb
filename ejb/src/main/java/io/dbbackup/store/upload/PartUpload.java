package io.dbbackup.store.upload;

import java.util.List;

/**
 * The requests that write one object, in a store's own protocol. Every call blocks until the store has answered and may
 * be repeated by the store's own retries; a failure is a {@code RuntimeException} that the store's {@code StoreFailures}
 * explains. Thread-safe; {@link #part} is called by several threads at once.
 *
 * @param <P> what the completion has to know of a part
 */
public interface PartUpload<P> {
    /** Name of the blob. */
    String name();

    /** Begins an upload in parts; returns the store's id of it. */
    String begin();

    /** @param number from 1 on */
    P part(String id, int number, byte[] bytes, int length);

    /** Publishes, create-only, a blob that fits into one request. */
    void put(byte[] bytes, int length);

    /**
     * Publishes, create-only, an upload in parts.
     *
     * @param rest bytes after the last part; none unless {@link #restCompletes()}
     * @param bytes size of the whole blob
     */
    void complete(String id, List<P> parts, byte[] rest, int restLength, long bytes);

    /** True when what is left at the end belongs to the completion and is no part. */
    default boolean restCompletes() {
        return false;
    }

    /** Removes what an upload in parts has stored. */
    void abort(String id);

    /** Removes what a publication whose outcome nobody knows may have made visible. */
    void removeIfOurs();

    /** What finds this upload again after a crash. */
    String token(String id);

    /** To be called when nobody works on this upload any more: it may be swept. */
    void ended(String id);

    /** For the requests that this upload will have under way. */
    default RequestGroup newGroup() {
        return RequestGroup.interruptible();
    }
}
