package io.dbbackup.store.sftp;

import io.dbbackup.model.BackupException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;
import org.apache.sshd.sftp.common.SftpConstants;

/**
 * The bytes of a file from an offset on, with requests for what comes next under way: few at first, as many as 64 of 32
 * KiB when the reader goes on. A connection that drops is replaced by one that asks for the rest, a bounded number of
 * times without progress. Not thread-safe, but {@link #close()} from another thread ends a read that waits.
 */
final class SftpBlobStream extends InputStream {
    private static final int BLOCK = 32 * 1024;
    private static final int FIRST = 4;
    private static final int MOST = 64;
    private static final long DRAINING_MILLIS = 500;

    private final Connections connections;
    private final String path;
    private final long size;
    private final Patience patience;
    private final ArrayDeque<Wanted> wanted = new ArrayDeque<>();
    private volatile boolean closed;
    private Wire wire;
    private byte[] handle;
    private int most = FIRST;
    private long position;
    private long asked;
    private Buffer block = new ByteArrayBuffer(0);
    private boolean ended;

    private record Wanted(long offset, int length, int id) {}

    /** @param size of the file, when it was opened */
    SftpBlobStream(Connections connections, String path, long offset, long size) {
        this.connections = connections;
        this.path = path;
        this.size = size;
        this.position = offset;
        this.asked = offset;
        this.patience = connections.patience();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public synchronized int read(byte[] bytes, int offset, int length) throws IOException {
        if (closed) {
            throw new IOException("reading " + path + ": the stream is closed");
        }
        if (length == 0) {
            return 0;
        }
        while (block.available() == 0) {
            if (ended || position >= size) {
                return -1;
            }
            next();
        }
        int piece = Math.min(length, block.available());
        block.getRawBytes(bytes, offset, piece);
        position += piece;
        return piece;
    }

    private void next() throws IOException {
        try {
            if (wire == null) {
                connect();
            }
            ask();
            Wanted first = wanted.element();
            Buffer data = Wire.expect(wire.await(first.id(), () -> closed), SftpConstants.SSH_FXP_DATA);
            wanted.remove();
            int length = data.getInt();
            if (length < 1 || length > first.length() || length > data.available()) {
                throw new IOException("the server gave " + length + " bytes where " + first.length() + " were asked for");
            }
            if (length < first.length()) {
                wanted.addFirst(ask(first.offset() + length, first.length() - length));
            }
            block = data;
            data.wpos(data.rpos() + length);
            most = Math.min(MOST, most * 2);
            patience.gotOn();
        } catch (StatusException e) {
            if (e.status() != SftpConstants.SSH_FX_EOF) {
                throw new IOException("reading " + path + " failed at byte " + position + ": " + e.getMessage(), e);
            }
            ended = true; // shorter than it was: whoever reads knows how much there has to be
            discard();
        } catch (ConnectionLostException e) {
            discard();
            patience.pause(e, () -> closed);
        } catch (BackupException e) {
            discard();
            try {
                patience.pause(e, () -> closed);
            } catch (BackupException last) {
                throw new IOException("reading " + path + " failed at byte " + position + ": " + last.getMessage(), last);
            }
        }
    }

    private void connect() throws IOException {
        wire = connections.borrow(() -> closed);
        RemoteFiles files = new RemoteFiles(wire, () -> closed);
        handle = files.openForReading(path);
        asked = position;
    }

    private void ask() throws IOException {
        while (wanted.size() < most && asked < size) {
            int length = (int) Math.min(BLOCK, size - asked);
            wanted.add(ask(asked, length));
            asked += length;
        }
    }

    private Wanted ask(long offset, int length) throws IOException {
        Buffer request = new ByteArrayBuffer();
        request.putBytes(handle);
        request.putLong(offset);
        request.putInt(length);
        return new Wanted(offset, length, wire.send(SftpConstants.SSH_FXP_READ, request));
    }

    private void discard() {
        wanted.clear();
        if (wire != null) {
            wire.close();
            wire = null;
        }
    }

    @Override
    public void close() {
        closed = true;
        synchronized (this) {
            if (wire == null) {
                return;
            }
            long deadline = System.nanoTime() + DRAINING_MILLIS * 1_000_000;
            try {
                for (Wanted each : wanted) {
                    wire.await(each.id(), () -> System.nanoTime() > deadline);
                }
                new RemoteFiles(wire, () -> System.nanoTime() > deadline).close(handle);
                connections.give(wire);
                wire = null;
            } catch (IOException e) {
                discard();
            }
        }
    }
}
