package io.dbbackup.store.file;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.pipeline.BlobWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;

/** Writes a temporary file beside the blob; {@link #commit()} syncs it, publishes it and syncs its directory. */
final class FileBlobWriter implements BlobWriter {
    private enum State {
        OPEN,
        /** From here on it is too late to abort: the commit is what happens. */
        PUBLISHING,
        COMMITTED,
        ABORTED
    }

    private final String name;
    private final Path target;
    private final Path temporary;
    private final FileChannel channel;
    private final FileStore store;
    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);

    FileBlobWriter(FileStore store, String name, Path target, Path temporary, FileChannel channel) {
        this.store = store;
        this.name = name;
        this.target = target;
        this.temporary = temporary;
        this.channel = channel;
    }

    @Override
    public void write(byte[] buffer, int offset, int length) {
        checkOpen();
        try {
            ByteBuffer bytes = ByteBuffer.wrap(buffer, offset, length);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw explained(e);
        }
    }

    @Override
    public long commit() {
        checkOpen();
        try {
            channel.force(true);
            long bytes = channel.size();
            if (!state.compareAndSet(State.OPEN, State.PUBLISHING)) {
                throw aborted(null);
            }
            channel.close();
            store.publication().publish(temporary, target);
            makeDurable();
            state.set(State.COMMITTED);
            return bytes;
        } catch (FileAlreadyExistsException e) {
            throw exists(store, name, e);
        } catch (IOException e) {
            throw explained(e);
        } finally {
            state.compareAndSet(State.PUBLISHING, State.ABORTED);
        }
    }

    private void makeDurable() throws IOException {
        try {
            Directories.sync(target.getParent());
        } catch (IOException e) {
            // it may not survive a power failure, so the caller must not believe in it, and nobody shall see it
            Files.deleteIfExists(target);
            throw e;
        }
    }

    static BackupException exists(FileStore store, String name, Exception origin) {
        return new BackupException(
                ErrorCode.BLOB_EXISTS,
                "a blob " + name + " exists already in the store " + store.root(),
                "Blobs are never replaced; a new backup run uses new names.",
                origin);
    }

    @Override
    public void abort() {
        if (state.compareAndSet(State.OPEN, State.ABORTED)) {
            closeChannel();
        }
    }

    @Override
    public void close() {
        abort();
        closeChannel();
        if (state.get() == State.ABORTED) {
            try {
                Files.deleteIfExists(temporary);
            } catch (IOException e) {
                // the sweep removes it
            }
            store.directories().removeEmpty(target.getParent());
        }
        store.ended(temporary);
    }

    private void closeChannel() {
        try {
            channel.close();
        } catch (IOException e) {
            // nothing that was to last is in there: a commit has synced and closed before
        }
    }

    private void checkOpen() {
        State now = state.get();
        switch (now) {
            case OPEN -> {}
            case ABORTED -> throw aborted(null);
            case PUBLISHING, COMMITTED -> throw new IllegalStateException("the upload of " + name + " is over");
        }
    }

    private BackupException explained(IOException e) {
        return state.get() == State.ABORTED || e instanceof ClosedChannelException
                ? aborted(e)
                : store.failures().explain("writing " + name, e);
    }

    private BackupException aborted(Exception origin) {
        return new BackupException(
                ErrorCode.CANCELLED,
                "the upload of " + name + " was aborted",
                "Restart the run to continue with what is left.",
                origin);
    }
}
