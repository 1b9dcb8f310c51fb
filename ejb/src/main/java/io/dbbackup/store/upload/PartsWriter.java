package io.dbbackup.store.upload;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.pipeline.BlobWriter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Fills a buffer, and sends it as a part in a thread of its own while the caller fills the next; waits when as many
 * parts are under way as allowed. What fits into one buffer becomes one request at the commit. Memory: (parts in flight
 * + 1) buffers of the size of a part.
 *
 * <p>Every request runs in another thread, so that {@link #abort()} frees the caller at once whatever the network does.
 *
 * @param <P> what the completion of an upload has to know of a part
 */
public final class PartsWriter<P> implements BlobWriter {
    private enum State {
        OPEN,
        COMMITTED,
        ABORTED
    }

    private record Sending<P>(UploadTask<P> task, byte[] buffer) {}

    private final Uploader uploader;
    private final PartUpload<P> requests;
    private final PartSizes sizes;
    private final RequestGroup group;
    private final CompletableFuture<Void> aborted = new CompletableFuture<>();
    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);
    private final ArrayDeque<Sending<P>> sending = new ArrayDeque<>();
    private final List<P> parts;
    private byte[] buffer;
    private int filled;
    private int sent;
    private long bytes;
    private UploadTask<?> request;
    private volatile String uploadId;
    /** Somebody else may go on with this upload, so what became visible may be theirs. */
    private volatile boolean shared;
    /** A publication began and did not end well: the object may be there nevertheless. */
    private boolean unclear;
    private boolean closed;

    public PartsWriter(Uploader uploader, PartUpload<P> requests, PartSizes sizes) {
        this(uploader, requests, sizes, null, List.of(), 0);
    }

    /** Goes on with an upload that has these parts. */
    public PartsWriter(
            Uploader uploader,
            PartUpload<P> requests,
            PartSizes sizes,
            String uploadId,
            List<P> parts,
            long bytes) {
        this.uploader = uploader;
        this.requests = requests;
        this.sizes = sizes;
        this.group = requests.newGroup();
        this.uploadId = uploadId;
        this.parts = new ArrayList<>(parts);
        this.sent = parts.size();
        this.shared = uploadId != null;
        this.bytes = bytes;
    }

    @Override
    public void write(byte[] from, int offset, int length) {
        checkOpen();
        int done = 0;
        while (done < length) {
            int limit = sizes.of(sent + 1);
            if (filled == limit) {
                send();
                continue;
            }
            if (buffer == null) {
                buffer = uploader.buffers().take(limit);
            }
            int piece = Math.min(length - done, limit - filled);
            System.arraycopy(from, offset + done, buffer, filled, piece);
            filled += piece;
            done += piece;
        }
        bytes += length;
    }

    /** Hands the buffer over to a thread. */
    private void send() {
        if (sent == PartSizes.MOST_PARTS) {
            throw uploader.failures().failure(ErrorCode.INVALID_CONFIGURATION, "writing " + requests.name(),
                    "it is larger than " + PartSizes.MOST_PARTS + " parts can hold", "Set a larger part_bytes.", null);
        }
        if (uploadId == null) {
            uploadId = run(requests::begin);
        }
        while (sending.size() >= uploader.partsInFlight()) {
            receive();
        }
        byte[] full = buffer;
        int length = filled;
        int number = ++sent;
        String id = uploadId;
        buffer = null;
        filled = 0;
        sending.add(new Sending<>(
                UploadTask.start(uploader.threads(), group, () -> requests.part(id, number, full, length)), full));
    }

    /** Waits for the oldest part under way. */
    private void receive() {
        Sending<P> oldest = sending.element();
        parts.add(await(oldest.task()));
        sending.remove();
        uploader.buffers().give(oldest.buffer());
    }

    @Override
    public long commit() {
        checkOpen();
        if (uploadId != null) {
            if ((filled > 0 || sent == 0) && !requests.restCompletes()) {
                if (buffer == null) {
                    buffer = uploader.buffers().take(1);
                }
                send();
            }
            while (!sending.isEmpty()) {
                receive();
            }
        }
        unclear = true;
        try {
            run(() -> {
                publish();
                return "published";
            });
        } catch (BackupException e) {
            // these are refusals; with any other the object may have come into being
            unclear = e.code() != ErrorCode.BLOB_EXISTS && e.code() != ErrorCode.STORE_ACCESS_DENIED;
            throw e;
        }
        if (!state.compareAndSet(State.OPEN, State.COMMITTED)) {
            throw cancelled(null);
        }
        return bytes;
    }

    private void publish() {
        byte[] rest = buffer == null ? new byte[0] : buffer;
        if (uploadId == null) {
            requests.put(rest, filled);
        } else {
            requests.complete(uploadId, parts, rest, filled, bytes);
        }
    }

    @Override
    public Optional<String> resumeToken() {
        Optional<String> token = Optional.ofNullable(uploadId).map(requests::token);
        shared |= token.isPresent();
        return token;
    }

    @Override
    public void abort() {
        if (state.compareAndSet(State.OPEN, State.ABORTED)) {
            aborted.complete(null);
            group.abort();
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        boolean stopped = state.get() == State.ABORTED;
        abort();
        boolean ended = request == null || request.end(stopped);
        for (Sending<P> each : sending) {
            if (each.task().end(stopped)) {
                uploader.buffers().give(each.buffer());
            } else {
                ended = false;
            }
        }
        if (buffer != null && ended) {
            uploader.buffers().give(buffer);
        }
        buffer = null;
        if (state.get() == State.ABORTED && (uploadId != null || unclear)) {
            // in a thread, because a store that does not answer must not hold up who closes; the sweep finds the rest
            UploadTask.start(uploader.threads(), requests.newGroup(), this::removeTraces).await(stopped);
        }
        if (uploadId != null) {
            requests.ended(uploadId);
        }
    }

    private Object removeTraces() {
        if (unclear && !shared) {
            requests.removeIfOurs();
        }
        if (uploadId != null) {
            requests.abort(uploadId);
        }
        return "removed";
    }

    private <T> T run(Supplier<T> task) {
        UploadTask<T> started = UploadTask.start(uploader.threads(), group, task);
        request = started;
        return await(started);
    }

    private <T> T await(UploadTask<T> task) {
        try {
            return task.result(aborted);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw cancelled(e);
        } catch (RuntimeException e) {
            if (state.get() == State.ABORTED) {
                throw cancelled(e);
            }
            throw uploader.failures().explain("writing " + requests.name(), e);
        }
    }

    private void checkOpen() {
        switch (state.get()) {
            case OPEN -> {}
            case ABORTED -> throw cancelled(null);
            case COMMITTED -> throw new IllegalStateException("the upload of " + requests.name() + " is over");
        }
    }

    private BackupException cancelled(Exception origin) {
        return new BackupException(
                ErrorCode.CANCELLED,
                "the upload of " + requests.name() + " was aborted",
                "Restart the run to continue with what is left.",
                origin);
    }
}
