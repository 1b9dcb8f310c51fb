package io.dbbackup.engine.postgresql;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.postgresql.core.PGStream;
import org.postgresql.core.QueryExecutorBase;
import org.postgresql.core.TransactionState;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

/**
 * By the frontend/backend protocol (manual, "Message Formats") over a connection that the driver has opened, authenticated
 * and perhaps encrypted: all statements go out as one simple query, and what comes back is read in large pieces and looked at
 * where it lies; a row that does not fit into the buffer comes in pieces. The driver reads 8 KiB at a time and makes an array
 * per row.
 *
 * <p>The connection must be idle, with nothing in the driver's own buffer; it is idle again after the last statement. A
 * connection on which an exception was thrown must not be used again.
 */
final class WireCopyRows implements CopyRows {
    private static final Logger LOG = Logger.getLogger(WireCopyRows.class.getName());
    private static final int BUFFER = 256 * 1024;
    private static final int HEADER = 5;
    /** More than the header of the binary format, which whoever reads the rows wants to see in one piece. */
    private static final int FIRST_PIECE = 64;
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private final QueryExecutorBase executor;
    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER];
    private int position;
    private int limit;
    private int left;
    private byte[] row = buffer;
    private int offset;
    private int length;
    /** Bytes of the current row that are still to come. */
    private int rowLeft;

    private long handled;
    private volatile boolean sending;

    private WireCopyRows(QueryExecutorBase executor, PGStream stream, List<String> statements) throws IOException {
        this.executor = executor;
        in = stream.getSocket().getInputStream();
        left = statements.size();
        byte[] query = String.join(";", statements).getBytes(StandardCharsets.UTF_8);
        stream.sendChar('Q');
        stream.sendInteger4(Integer.BYTES + query.length + 1);
        stream.send(query);
        stream.sendChar(0);
        stream.flush();
        sending = true;
    }

    /** Sends the statements; empty when this connection does not allow it, and nothing was sent then. */
    static Optional<WireCopyRows> begin(Connection connection, List<String> statements) throws SQLException {
        PgConnection driver = connection.unwrap(PgConnection.class);
        if (!(driver.getQueryExecutor() instanceof QueryExecutorBase executor)) {
            return Optional.empty();
        }
        Optional<PGStream> stream = stream(executor);
        try {
            if (stream.isEmpty() || stream.get().isGssEncrypted() || unread(stream.get()) > 0) {
                return Optional.empty();
            }
            return Optional.of(new WireCopyRows(executor, stream.get(), statements));
        } catch (IOException e) {
            throw lost(e);
        }
    }

    /**
     * Bytes that the driver has read already, say a notice, and that we would miss. Its own question for that reads with a
     * time limit, which the socket of a local server does not have.
     */
    private static int unread(PGStream stream) throws IOException {
        try {
            return field(PGStream.class, "pgInput", stream, InputStream.class).available();
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.log(Level.FINE, "this version of the driver hides its buffer; rows are read by the driver", e);
            return Integer.MAX_VALUE;
        }
    }

    private static <T> T field(Class<?> owner, String name, Object object, Class<T> type) throws ReflectiveOperationException {
        Field field = owner.getDeclaredField(name);
        field.setAccessible(true);
        return type.cast(field.get(object));
    }

    /** The driver keeps its stream to itself and its subclasses. */
    private static Optional<PGStream> stream(QueryExecutorBase executor) {
        try {
            return Optional.of(field(QueryExecutorBase.class, "pgStream", executor, PGStream.class));
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.log(Level.FINE, "this version of the driver hides its stream; rows are read by the driver", e);
            return Optional.empty();
        }
    }

    @Override
    public boolean nextStatement() throws SQLException {
        if (left == 0) {
            return false;
        }
        left--;
        return true;
    }

    @Override
    public boolean next() throws SQLException {
        try {
            if (rowLeft > 0) {
                takePiece(1);
                return true;
            }
            while (true) {
                need(HEADER);
                int type = buffer[position];
                int bytes = (int) INTS.get(buffer, position + 1) - Integer.BYTES;
                if (bytes < 0) {
                    throw violation(type);
                }
                position += HEADER;
                if (type == 'd') {
                    if (bytes <= BUFFER) {
                        take(bytes);
                    } else {
                        rowLeft = bytes;
                        takePiece(FIRST_PIECE);
                    }
                    return true;
                }
                if (ends(type, bytes)) {
                    return false;
                }
            }
        } catch (IOException e) {
            sending = false;
            throw lost(e);
        }
    }

    /** @return true when the rows of the statement have ended */
    private boolean ends(int type, int bytes) throws IOException, SQLException {
        take(bytes);
        switch (type) {
            case 'C' -> {
                String tag = new String(row, offset, length - 1, StandardCharsets.US_ASCII);
                handled = Long.parseLong(tag.substring(tag.lastIndexOf(' ') + 1));
                if (left == 0) {
                    awaitReady();
                }
                return true;
            }
            case 'E' -> {
                PSQLException error =
                        new PSQLException(new ServerErrorMessage(new String(row, offset, length, StandardCharsets.UTF_8)));
                awaitReady();
                throw error;
            }
            // begin and end of the data; what a server may say at any time
            case 'H', 'c', 'N', 'S', 'A' -> {
                return false;
            }
            default -> throw violation(type);
        }
    }

    private void awaitReady() throws IOException, SQLException {
        while (true) {
            need(HEADER);
            int type = buffer[position];
            int bytes = (int) INTS.get(buffer, position + 1) - Integer.BYTES;
            position += HEADER;
            take(bytes);
            if (type == 'Z') {
                sending = false;
                executor.setTransactionState(switch (row[offset]) {
                    case 'T' -> TransactionState.OPEN;
                    case 'E' -> TransactionState.FAILED;
                    default -> TransactionState.IDLE;
                });
                return;
            }
        }
    }

    /** Makes what lies in the buffer of the row, at least that many bytes, its next piece. */
    private void takePiece(int least) throws IOException {
        need(least);
        row = buffer;
        offset = position;
        length = Math.min(rowLeft, limit - position);
        position += length;
        rowLeft -= length;
    }

    /** Makes the next bytes the row: where they lie when they fit into the buffer, else in an array of their own. */
    private void take(int bytes) throws IOException {
        if (bytes <= BUFFER) {
            need(bytes);
            row = buffer;
            offset = position;
            position += bytes;
        } else {
            row = new byte[bytes];
            offset = 0;
            int some = limit - position;
            System.arraycopy(buffer, position, row, 0, some);
            position = limit;
            if (in.readNBytes(row, some, bytes - some) < bytes - some) {
                throw new EOFException("the server closed the connection inside a row");
            }
        }
        length = bytes;
    }

    /** Reads until that many bytes lie in the buffer from {@link #position} on. */
    private void need(int bytes) throws IOException {
        if (limit - position >= bytes) {
            return;
        }
        if (position > BUFFER - bytes || position == limit) {
            System.arraycopy(buffer, position, buffer, 0, limit - position);
            limit -= position;
            position = 0;
        }
        while (limit - position < bytes) {
            int read = in.read(buffer, limit, BUFFER - limit);
            if (read < 0) {
                throw new EOFException("the server closed the connection");
            }
            limit += read;
        }
    }

    private SQLException violation(int type) {
        sending = false;
        return new PSQLException(
                "the server sent a message of type '" + (char) type + "' in the middle of a COPY",
                PSQLState.PROTOCOL_VIOLATION);
    }

    private static SQLException lost(IOException e) {
        return new PSQLException(
                "An I/O error occurred while reading from the backend: " + e.getMessage(), PSQLState.CONNECTION_FAILURE, e);
    }

    @Override
    public byte[] bytes() {
        return row;
    }

    @Override
    public int offset() {
        return offset;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public boolean ends() {
        return rowLeft == 0;
    }

    @Override
    public long handled() {
        return handled;
    }

    @Override
    public boolean sending() {
        return sending;
    }
}
