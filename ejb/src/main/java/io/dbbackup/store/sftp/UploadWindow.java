package io.dbbackup.store.sftp;

import io.dbbackup.model.BackupException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.function.BooleanSupplier;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;
import org.apache.sshd.sftp.common.SftpConstants;

/**
 * Writes a file with many requests under way and survives lost connections: what has no answer yet is kept and sent
 * again over the next one, to the same place. Memory: 64 blocks of 32 KiB, and once more what is on its way to the
 * socket. Not thread-safe.
 */
final class UploadWindow {
    /** The largest that every server takes. */
    static final int BLOCK = 32 * 1024;

    private static final int MOST = 64;

    private final Connections connections;
    private final BooleanSupplier stop;
    private final Patience patience;
    private final ArrayDeque<Block> unanswered = new ArrayDeque<>();
    private String path;
    /** The name that the file may have by now; null while it has none but its own. */
    private String next;
    private Wire wire;
    private byte[] handle;
    private byte[] filling = new byte[BLOCK];
    private int filled;
    private long sent;
    private long answered;

    /** A block under way. */
    private static final class Block {
        private final long offset;
        private final byte[] bytes;
        private final int length;
        private Wire sentOn;
        private int id;

        Block(long offset, byte[] bytes, int length) {
            this.offset = offset;
            this.bytes = bytes;
            this.length = length;
        }
    }

    /** @param start size of what is in the file already */
    UploadWindow(Connections connections, String path, long start, BooleanSupplier stop) {
        this.connections = connections;
        this.path = path;
        this.sent = start;
        this.answered = start;
        this.patience = connections.patience();
        this.stop = stop;
    }

    /** Something that is done with the file and may be done again over another connection. */
    @FunctionalInterface
    interface Step {
        void on(RemoteFiles files, byte[] handle) throws IOException;
    }

    /** Takes a connection and the handle of the file that is opened with it, which may need several attempts. */
    void begin(Connections.Use<byte[]> opening) throws IOException {
        while (wire == null) {
            try {
                open(opening);
                patience.gotOn();
            } catch (ConnectionLostException e) {
                patience.pause(e, stop);
            } catch (BackupException e) {
                patience.pause(e, stop);
            }
        }
    }

    private void open(Connections.Use<byte[]> opening) throws IOException {
        Wire with = connections.borrow(stop);
        boolean usable = false;
        try {
            handle = opening.on(new RemoteFiles(with, stop));
            wire = with;
            usable = true;
        } catch (StatusException e) {
            connections.give(with);
            usable = true;
            throw e;
        } finally {
            if (!usable) {
                with.close();
            }
        }
    }

    void write(byte[] from, int offset, int length) throws IOException {
        for (int done = 0; done < length; ) {
            int piece = Math.min(length - done, BLOCK - filled);
            System.arraycopy(from, offset + done, filling, filled, piece);
            filled += piece;
            done += piece;
            if (filled == BLOCK) {
                send();
            }
        }
    }

    private void send() throws IOException {
        while (unanswered.size() >= MOST) {
            receive();
        }
        unanswered.add(new Block(sent, filling, filled));
        sent += filled;
        filling = new byte[BLOCK];
        filled = 0;
        surviving((files, open) -> {});
    }

    private void receive() throws IOException {
        Block oldest = unanswered.element();
        surviving((files, open) -> wire.awaitOk(oldest.id, stop));
        unanswered.remove();
        answered = oldest.offset + oldest.length;
    }

    /** Sends everything and waits for the answers. */
    void flush() throws IOException {
        if (filled > 0) {
            send();
        }
        while (!unanswered.isEmpty()) {
            receive();
        }
    }

    /** Bytes that were given to the server or are on their way to it. */
    long sent() {
        return sent;
    }

    /** The open file has another name now. */
    void renamed(String now) {
        path = now;
        next = null;
    }

    /** The open file is about to get another name, and nobody may learn whether it has; null: it has not. */
    void mayBeRenamed(String to) {
        next = to;
    }

    void surviving(Step step) throws IOException {
        while (true) {
            try {
                RemoteFiles files = connected();
                transmit();
                step.on(files, handle);
                patience.gotOn();
                return;
            } catch (ConnectionLostException e) {
                discard();
                patience.pause(e, stop);
            }
        }
    }

    private RemoteFiles connected() throws IOException {
        if (wire != null && !wire.open()) {
            discard();
        }
        while (wire == null) {
            try {
                wire = connections.borrow(stop);
            } catch (BackupException e) {
                patience.pause(e, stop);
                continue;
            }
            RemoteFiles files = new RemoteFiles(wire, stop);
            handle = reopen(files);
            long bytes = files.look(path).map(RemoteFile::bytes).orElse(0L);
            if (bytes < answered) {
                // a server that was switched off has lost what it had not written
                throw new IOException("the server has only " + bytes + " of " + answered + " bytes that it had taken");
            }
        }
        return new RemoteFiles(wire, stop);
    }

    private byte[] reopen(RemoteFiles files) throws IOException {
        try {
            return files.reopen(path);
        } catch (StatusException e) {
            if (!e.missing() || next == null || files.look(next).filter(file -> file.bytes() == answered).isEmpty()) {
                throw e;
            }
            byte[] renamed = files.reopen(next);
            renamed(next);
            return renamed;
        }
    }

    private void transmit() throws IOException {
        for (Block block : unanswered) {
            if (block.sentOn != wire) {
                Buffer request = new ByteArrayBuffer(block.length + 64);
                request.putBytes(handle);
                request.putLong(block.offset);
                request.putBytes(block.bytes, 0, block.length);
                block.id = wire.send(SftpConstants.SSH_FXP_WRITE, request);
                block.sentOn = wire;
            }
        }
    }

    /** Drops the connection. */
    void discard() {
        if (wire != null) {
            wire.close();
            wire = null;
        }
    }

    /** Closes the file and gives the connection back, or drops it when it does not answer any more. */
    void end(BooleanSupplier giveUp) {
        if (wire == null) {
            return;
        }
        try {
            for (Block block : unanswered) {
                if (block.sentOn == wire) {
                    wire.await(block.id, giveUp);
                }
            }
            new RemoteFiles(wire, giveUp).close(handle);
            connections.give(wire);
            wire = null;
        } catch (IOException e) {
            discard();
        }
    }
}
