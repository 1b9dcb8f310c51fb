package io.dbbackup.engine.mysql;

import com.mysql.cj.protocol.ServerSession;
import com.mysql.cj.protocol.SocketConnection;
import com.mysql.cj.protocol.a.NativeProtocol;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Optional;

/**
 * Rows by the client/server protocol ("COM_QUERY Response" in MySQL's source documentation; MariaDB's is the same) over a
 * connection that the driver has opened, authenticated and perhaps encrypted: what comes is read in large pieces and looked at
 * where it lies, while the driver makes an array per field. The connection must be idle; it is idle again after the last row. A
 * connection on which an exception was thrown must not be used again. Not thread-safe.
 */
final class PacketRows extends TsvRows {
    private static final int BUFFER = 256 * 1024;
    private static final int HEADER = 4;
    private static final int FULL_PACKET = 0xff_ff_ff;
    private static final int COM_QUERY = 3;
    private static final int OK = 0;
    private static final int NULL = 0xfb;
    private static final int END = 0xfe;
    private static final int ERROR = 0xff;
    /** An end packet is shorter than any row that begins with the same byte. */
    private static final int LONGEST_END = 9;

    private final InputStream in;
    private final boolean endIsOk;
    private final int columns;
    private final byte[] buffer = new byte[BUFFER];
    private int position;
    private int limit;
    /** The packet: in the buffer, or in an array of its own when it is large. */
    private byte[] packet = buffer;
    private int at;
    private int end;

    private PacketRows(SocketConnection connection, ServerSession server, String query) throws SQLException {
        endIsOk = server.isEOFDeprecated();
        try {
            in = connection.getMysqlInput();
            send(connection.getMysqlOutput(), server.supportsQueryAttributes(), query.getBytes(StandardCharsets.UTF_8));
            packet();
            int first = packet[at] & 0xff;
            if (first == ERROR) {
                throw error();
            }
            if (first == OK || first == NULL) {
                throw new SQLException("the server did not answer with rows", "08S01");
            }
            columns = (int) number();
            for (int i = 0; i < columns; i++) {
                packet();
            }
            if (!endIsOk) {
                packet();
            }
        } catch (IOException e) {
            throw broken(e);
        }
    }

    /** Empty when the driver does not let us; then nothing was sent. */
    static Optional<TsvRows> tryOf(Connection connection, String query) throws SQLException {
        Optional<NativeProtocol> protocol = DriverProtocol.of(connection);
        if (protocol.isEmpty() || query.length() > FULL_PACKET / 4) {
            return Optional.empty();
        }
        return Optional.of(new PacketRows(protocol.get().getSocketConnection(), protocol.get().getServerSession(), query));
    }

    private static void send(OutputStream out, boolean attributes, byte[] query) throws IOException {
        int length = 1 + (attributes ? 2 : 0) + query.length;
        out.write(new byte[] {(byte) length, (byte) (length >> 8), (byte) (length >> 16), 0, COM_QUERY});
        if (attributes) {
            // none, in one set
            out.write(new byte[] {0, 1});
        }
        out.write(query);
        out.flush();
    }

    @Override
    boolean read() throws SQLException {
        try {
            packet();
            int first = packet[at] & 0xff;
            if (first == ERROR) {
                throw error();
            }
            if (first == END && (endIsOk ? end - at < FULL_PACKET : end - at < LONGEST_END)) {
                return false;
            }
            // a NULL is one byte here, any other field one and its own
            atMost((long) NULL_BYTES * (end - at));
            for (int i = 0; i < columns; i++) {
                if ((packet[at] & 0xff) == NULL) {
                    at++;
                    nothing();
                } else {
                    long length = number();
                    if (length > end - at) {
                        throw new IOException("a field is longer than its row");
                    }
                    field(packet, at, (int) length);
                    at += (int) length;
                }
            }
            return true;
        } catch (IOException e) {
            throw broken(e);
        }
    }

    /** A length-encoded integer. */
    private long number() {
        int first = packet[at++] & 0xff;
        int bytes = switch (first) {
            case 0xfc -> 2;
            case 0xfd -> 3;
            case 0xfe -> 8;
            default -> 0;
        };
        if (bytes == 0) {
            return first;
        }
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value |= (packet[at++] & 0xffL) << 8 * i;
        }
        return value;
    }

    /** Makes the next packet the current one; what has 16 MiB or more comes in several. */
    private void packet() throws IOException {
        int length = header();
        if (length < FULL_PACKET && length <= BUFFER - HEADER) {
            need(length);
            packet = buffer;
            at = position;
            position += length;
            end = position;
            return;
        }
        byte[] whole = new byte[length];
        take(whole, 0, length);
        int last = length;
        while (last == FULL_PACKET) {
            last = header();
            if (whole.length + (long) last > Integer.MAX_VALUE - 16) {
                throw new IOException("a row has more than 2 GiB");
            }
            int filled = whole.length;
            whole = Arrays.copyOf(whole, filled + last);
            take(whole, filled, last);
        }
        packet = whole;
        at = 0;
        end = whole.length;
    }

    private int header() throws IOException {
        need(HEADER);
        int length = (buffer[position] & 0xff) | (buffer[position + 1] & 0xff) << 8 | (buffer[position + 2] & 0xff) << 16;
        position += HEADER;
        return length;
    }

    /** Lets so many bytes lie in the buffer. */
    private void need(int bytes) throws IOException {
        if (limit - position >= bytes) {
            return;
        }
        System.arraycopy(buffer, position, buffer, 0, limit - position);
        limit -= position;
        position = 0;
        while (limit < bytes) {
            int n = in.read(buffer, limit, BUFFER - limit);
            if (n < 0) {
                throw new EOFException("the server has closed the connection");
            }
            limit += n;
        }
    }

    private void take(byte[] target, int from, int bytes) throws IOException {
        int some = Math.min(bytes, limit - position);
        System.arraycopy(buffer, position, target, from, some);
        position += some;
        for (int got = some; got < bytes; ) {
            int n = in.read(target, from + got, bytes - got);
            if (n < 0) {
                throw new EOFException("the server has closed the connection");
            }
            got += n;
        }
    }

    private SQLException error() {
        int code = (packet[at + 1] & 0xff) | (packet[at + 2] & 0xff) << 8;
        boolean state = end - at > 8 && packet[at + 3] == '#';
        int text = at + (state ? 9 : 3);
        return new SQLException(
                new String(packet, text, end - text, StandardCharsets.UTF_8),
                state ? new String(packet, at + 4, 5, StandardCharsets.US_ASCII) : "HY000", code);
    }

    private static SQLException broken(IOException e) {
        return new SQLException("reading rows: " + e.getMessage(), "08S01", e);
    }

    @Override
    public void close() {
        // the connection is idle after the last row; before that it must be aborted anyway
    }
}
