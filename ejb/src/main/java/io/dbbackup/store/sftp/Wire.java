package io.dbbackup.store.sftp;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.sftp.client.RawSftpClient;
import org.apache.sshd.sftp.client.SftpClient;
import org.apache.sshd.sftp.common.SftpConstants;

/**
 * One session with the server: requests go out without waiting, answers are waited for as long as the session lives.
 * That it is dead is found by its keep-alive, not by the time that an answer takes: a sync of a large file takes long.
 * Used by one thread at a time; {@link #close()} may come from any.
 */
final class Wire implements AutoCloseable {
    /** How soon a request to stop is seen. */
    private static final Duration GLANCE = Duration.ofMillis(100);

    private final ClientSession session;
    private final SftpClient client;
    private final RawSftpClient raw;
    private final Farewell farewell;
    private final Set<String> extensions;

    Wire(ClientSession session, SftpClient client, Farewell farewell) {
        this.session = session;
        this.farewell = farewell;
        this.client = client;
        this.raw = (RawSftpClient) client;
        this.extensions = Set.copyOf(client.getServerExtensions().keySet());
    }

    /** An answer: its type and what follows its id. */
    record Answer(int type, Buffer body) {}

    boolean has(String extension) {
        return extensions.contains(extension);
    }

    boolean open() {
        return session.isOpen() && client.isOpen() && !client.isClosing();
    }

    /** @return id to wait for with {@link #await}; the buffer is no longer the caller's */
    int send(int command, Buffer request) throws IOException {
        try {
            return raw.write(command, request).getId();
        } catch (InterruptedIOException e) {
            throw interrupted(e);
        } catch (IOException | RuntimeException e) {
            throw lost(e);
        }
    }

    /**
     * @throws StoppedException soon after {@code stop} has become true
     * @throws ConnectionLostException also when the connection ends before the answer
     */
    Answer await(int id, BooleanSupplier stop) throws IOException {
        while (true) {
            if (stop.getAsBoolean()) {
                throw new StoppedException();
            }
            try {
                Buffer buffer = raw.receive(id, GLANCE);
                if (buffer != null) {
                    buffer.getInt(); // its length
                    int type = buffer.getUByte();
                    buffer.getInt(); // its id
                    return new Answer(type, buffer);
                }
            } catch (InterruptedIOException e) {
                throw interrupted(e);
            } catch (IOException | RuntimeException e) {
                throw lost(e);
            }
            if (!open()) {
                throw lost(null);
            }
        }
    }

    /** Waits for an answer that is a status. @throws StatusException unless that is OK */
    void awaitOk(int id, BooleanSupplier stop) throws IOException {
        expect(await(id, stop), SftpConstants.SSH_FXP_STATUS);
    }

    /** @throws StatusException when it is a status other than OK */
    static Buffer expect(Answer answer, int type) throws IOException {
        if (answer.type() == SftpConstants.SSH_FXP_STATUS) {
            int status = answer.body().getInt();
            if (status != SftpConstants.SSH_FX_OK) {
                String message = answer.body().available() > 4 ? answer.body().getString(StandardCharsets.UTF_8) : "";
                if (status == SftpConstants.SSH_FX_CONNECTION_LOST || status == SftpConstants.SSH_FX_NO_CONNECTION) {
                    throw new ConnectionLostException("the server lost its connection: " + message, null);
                }
                throw new StatusException(status, message);
            }
        }
        if (answer.type() != type) {
            throw new IOException("the server gave an answer of type " + answer.type() + " instead of " + type);
        }
        return answer.body();
    }

    private ConnectionLostException lost(Exception e) {
        String found = e == null || e.getMessage() == null ? "" : ": " + e.getMessage();
        return new ConnectionLostException(
                "the connection was lost" + farewell.reason().map(reason -> ": " + reason).orElse(found), e);
    }

    private static StoppedException interrupted(InterruptedIOException e) {
        Thread.currentThread().interrupt();
        StoppedException stopped = new StoppedException();
        stopped.initCause(e);
        return stopped;
    }

    /** Ends the connection at once, without a farewell; whoever waits for an answer is told. */
    @Override
    public void close() {
        session.close(true);
    }
}
