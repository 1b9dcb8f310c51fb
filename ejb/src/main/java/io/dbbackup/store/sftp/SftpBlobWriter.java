package io.dbbackup.store.sftp;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.pipeline.BlobWriter;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Writes a temporary file beside the blob; {@link #commit()} makes the server sync it and publishes it. Whatever waits for
 * the server looks whether it is to stop, so that {@link #abort()} frees the caller whatever the network does.
 */
final class SftpBlobWriter implements BlobWriter {
    private static final long PATIENCE_WHEN_STOPPED_MILLIS = 1500;
    private static final long PATIENCE_MILLIS = 15_000;

    private enum State {
        OPEN,
        COMMITTED,
        ABORTED
    }

    private final SftpStore store;
    private final String name;
    private final String id;
    private final String target;
    private final String temporary;
    private final UploadWindow window;
    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);
    /** A publication began, and it is not known to have failed. */
    private volatile boolean published;
    /** The blob is there and is ours. */
    private volatile boolean done;
    private volatile boolean worthResuming;
    private boolean closed;

    /** @param start size of the temporary file, which exists */
    SftpBlobWriter(SftpStore store, String name, String id, long start) {
        this.store = store;
        this.name = name;
        this.id = id;
        this.target = store.path(name);
        this.temporary = store.temporary(name, id);
        this.worthResuming = start > 0;
        this.window = new UploadWindow(
                store.connections(), temporary, start, () -> state.get() == State.ABORTED);
    }

    UploadWindow window() {
        return window;
    }

    @Override
    public void write(byte[] buffer, int offset, int length) {
        checkOpen();
        try {
            window.write(buffer, offset, length);
            worthResuming = window.sent() > 0;
        } catch (IOException | BackupException e) {
            throw explained(e);
        }
    }

    @Override
    public long commit() {
        checkOpen();
        try {
            window.flush();
            window.surviving((files, handle) -> files.sync(handle));
            Publication publication = store.publication();
            window.surviving((files, handle) -> publish(files, publication));
            done = true;
            makeNameDurable(publication);
            if (!state.compareAndSet(State.OPEN, State.COMMITTED)) {
                throw aborted(null);
            }
            removeTemporary(publication);
            return window.sent();
        } catch (IOException | BackupException e) {
            throw explained(e);
        }
    }

    private void publish(RemoteFiles files, Publication publication) throws IOException {
        boolean again = published;
        if (again && publication.happened(files, temporary, target)) {
            return; // by the attempt before this one, whose answer was lost
        }
        published = true;
        if (publication == Publication.RENAME) {
            window.mayBeRenamed(target);
        }
        try {
            publication.publish(files, temporary, target);
        } catch (StatusException e) {
            if (again && publication.happened(files, temporary, target)) {
                return; // by that attempt, too, which the server has come to only now
            }
            published = false;
            window.mayBeRenamed(null);
            if (e.taken() || files.look(target).isPresent()) {
                throw store.failures().exists(name, e);
            }
            if (files.look(temporary).isEmpty()) {
                throw store.failures().failure(ErrorCode.STORE_IO, "writing " + name, "the upload is gone, somebody removed it",
                        "Restart the run; a cleanup of leftovers must spare uploads under way.", e);
            }
            throw e;
        }
    }

    /**
     * SFTP cannot sync a directory. A file system with a journal writes the new name with the next sync of the file,
     * because its count of names has changed.
     */
    private void makeNameDurable(Publication publication) throws IOException {
        if (publication == Publication.RENAME) {
            window.renamed(target);
        }
        window.surviving((files, handle) -> files.sync(handle));
    }

    /** Published is published: what goes wrong from here on is left to the sweep. */
    private void removeTemporary(Publication publication) {
        if (publication == Publication.LINK) {
            try {
                window.surviving((files, handle) -> files.removeIfThere(temporary));
            } catch (IOException | BackupException e) {
                window.discard();
            }
        }
        window.end(() -> false);
    }

    @Override
    public Optional<String> resumeToken() {
        return worthResuming ? Optional.of(id) : Optional.empty();
    }

    @Override
    public void abort() {
        state.compareAndSet(State.OPEN, State.ABORTED);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        boolean stopped = state.get() == State.ABORTED;
        abort();
        if (state.get() == State.ABORTED) {
            AtomicBoolean giveUp = new AtomicBoolean();
            await(store.connections().beside(() -> removeTraces(giveUp)), stopped ? PATIENCE_WHEN_STOPPED_MILLIS : PATIENCE_MILLIS);
            // a server that does not answer must not hold up who closes; the sweep finds the rest
            giveUp.set(true);
        }
        store.ended(temporary);
    }

    private void removeTraces(AtomicBoolean giveUp) {
        try {
            window.end(giveUp::get);
            Wire wire = store.connections().borrow(giveUp::get);
            boolean usable = false;
            try {
                RemoteFiles files = new RemoteFiles(wire, giveUp::get);
                if (done || published && linked(files)) {
                    files.removeIfThere(target);
                }
                files.removeIfThere(temporary);
                new RemoteTree(files, store.root()).removeEmpty(RemoteTree.parent(target));
                usable = true;
            } finally {
                if (usable) {
                    store.connections().give(wire);
                } else {
                    wire.close();
                }
            }
        } catch (IOException | BackupException e) {
            // the sweep removes it
        }
    }

    /** A rename proves nothing: another process may have resumed and completed this upload. */
    private boolean linked(RemoteFiles files) throws IOException {
        return store.publication() == Publication.LINK && Publication.LINK.happened(files, temporary, target);
    }

    private static void await(CompletableFuture<Void> removal, long millis) {
        boolean interrupted = Thread.interrupted();
        try {
            removal.get(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        } catch (ExecutionException | TimeoutException e) {
            // said above
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void checkOpen() {
        switch (state.get()) {
            case OPEN -> {}
            case ABORTED -> throw aborted(null);
            case COMMITTED -> throw new IllegalStateException("the upload of " + name + " is over");
        }
    }

    private BackupException explained(Exception e) {
        if (state.get() == State.ABORTED || e instanceof StoppedException) {
            return aborted(e);
        }
        return e instanceof BackupException known ? known : store.failures().explain("writing " + name, (IOException) e);
    }

    private BackupException aborted(Exception origin) {
        return new BackupException(
                ErrorCode.CANCELLED,
                "the upload of " + name + " was aborted",
                "Restart the run to continue with what is left.",
                origin);
    }
}
