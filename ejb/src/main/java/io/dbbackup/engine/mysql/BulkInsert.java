package io.dbbackup.engine.mysql;

import com.mysql.cj.ServerPreparedQuery;
import com.mysql.cj.exceptions.CJException;
import com.mysql.cj.jdbc.JdbcConnection;
import com.mysql.cj.jdbc.ServerPreparedStatement;
import com.mysql.cj.jdbc.exceptions.SQLExceptionsMapping;
import com.mysql.cj.protocol.a.NativePacketPayload;
import com.mysql.cj.protocol.a.NativeProtocol;
import com.mysql.cj.protocol.a.result.OkPacket;
import java.io.IOException;
import java.io.InputStream;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * An INSERT that MariaDB executes for many rows at once, whose values come in the binary protocol ({@code COM_STMT_BULK_EXECUTE}): it takes fields
 * as LOAD DATA does, by the same conversions and with the same warnings, and does not look for their ends byte by byte. While it works on one
 * message the next one is made. Not thread-safe; a failure leaves the session of no use.
 */
public final class BulkInsert implements AutoCloseable {
    private static final byte COM_STMT_BULK_EXECUTE = (byte) 0xfa;
    /** Its flag that the types of the values come with it. */
    private static final int WITH_TYPES = 1 << 7;
    /** Bytes without a character set, as in LOAD DATA … CHARACTER SET binary. */
    private static final byte LONG_BLOB = (byte) 0xfb;
    private static final int START = 7;
    /** A row with more is left to others. */
    private static final int MOST = 1 << 22;
    /** ER_MAX_PREPARED_STMT_COUNT_REACHED: somebody may have set it to 0. */
    private static final int NO_MORE_STATEMENTS = 1461;

    private final NativeProtocol protocol;
    private final ServerPreparedStatement statement;
    private final byte[] start;
    private final int columns;
    private final int most;
    private Optional<InputStream> rest = Optional.empty();
    private long counted;

    private BulkInsert(NativeProtocol protocol, ServerPreparedStatement statement, int columns, long packet) {
        this.protocol = protocol;
        this.statement = statement;
        this.columns = columns;
        most = (int) Math.min(MOST, packet / 2);
        long id = ((ServerPreparedQuery) statement.getQuery()).getServerStatementId();
        start = new byte[START + 2 * columns];
        start[0] = COM_STMT_BULK_EXECUTE;
        for (int i = 0; i < Integer.BYTES; i++) {
            start[1 + i] = (byte) (id >> Byte.SIZE * i);
        }
        start[5] = (byte) WITH_TYPES;
        for (int i = 0; i < columns; i++) {
            start[START + 2 * i] = LONG_BLOB;
        }
    }

    /**
     * Prepares a statement; empty where the server does not take many rows at once or would log them as statements, which it refuses,
     * where it has no room for prepared statements, or where rows have no values.
     *
     * @param insert with a question mark for each field
     */
    public static Optional<BulkInsert> of(Session session, String insert) throws SQLException {
        Optional<NativeProtocol> protocol = session.bulkProtocol();
        if (protocol.isEmpty()) {
            return Optional.empty();
        }
        long packet = session.largestPacket();
        ServerPreparedStatement statement;
        try {
            statement = (ServerPreparedStatement)
                    session.connection().unwrap(JdbcConnection.class).serverPrepareStatement(insert);
        } catch (SQLException e) {
            if (e.getErrorCode() == NO_MORE_STATEMENTS) {
                return Optional.empty();
            }
            throw e;
        }
        int columns = statement.getParameterMetaData().getParameterCount();
        if (columns == 0) {
            statement.close();
            return Optional.empty();
        }
        return Optional.of(new BulkInsert(protocol.get(), statement, columns, packet));
    }

    /**
     * Inserts rows until they end or one is too large; {@link #rest} has that one and those behind it then.
     *
     * @param plain rows as {@link TsvRows} writes them
     * @param nameless by column, a value of which the server warns although it takes it as it is; empty arrays, or none, for others
     * @param judge looks at what the server has to say about some rows, and takes as many warnings as they have such values
     * @return rows that were inserted
     * @throws IOException when the rows are not such, or cannot be read
     */
    public long load(InputStream plain, List<byte[]> nameless, LongConsumer judge) throws SQLException, IOException {
        TsvValues values = new TsvValues(plain, start, columns, nameless, most);
        try {
            long rows = 0;
            long expected = 0;
            boolean sent = false;
            while (values.next()) {
                if (sent) {
                    rows += answer(expected, judge);
                }
                send(values);
                expected = values.found();
                counted += expected;
                sent = true;
            }
            if (sent) {
                rows += answer(expected, judge);
            }
            if (values.stopped()) {
                rest = Optional.of(values.rest());
            }
            return rows;
        } catch (CJException e) {
            throw SQLExceptionsMapping.translateException(e);
        }
    }

    private void send(TsvValues values) {
        NativePacketPayload message = new NativePacketPayload(values.message());
        message.setPosition(values.length());
        protocol.sendCommand(message, true, 0);
    }

    /** @return rows that were inserted */
    private long answer(long expected, LongConsumer judge) {
        OkPacket ok = OkPacket.parse(protocol.checkErrorMessage(), protocol.getServerSession());
        protocol.getServerSession().setStatusFlags(ok.getStatusFlags());
        if (ok.getWarningCount() > 0) {
            judge.accept(expected);
        }
        return ok.getUpdateCount();
    }

    /** The rows that were left, when there are any. */
    public Optional<InputStream> rest() {
        return rest;
    }

    /** How many values the server warns of, although it takes them as they are, were in what was inserted. */
    public long counted() {
        return counted;
    }

    @Override
    public void close() throws SQLException {
        statement.close();
    }
}
