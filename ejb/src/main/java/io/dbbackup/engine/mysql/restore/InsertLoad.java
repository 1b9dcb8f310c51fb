package io.dbbackup.engine.mysql.restore;

import com.mysql.cj.MysqlType;
import com.mysql.cj.conf.PropertyKey;
import com.mysql.cj.jdbc.JdbcConnection;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.TsvFields;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Loads rows by INSERT, where LOAD DATA LOCAL is off or cannot do it. In strict mode a value that does not fit is an error, not a
 * warning; so is one that the expression of a generated column cannot convert. Some hundred rows are in memory, never more than a mebibyte of them unless one row has more.
 * A row that would not fit into a statement, where each byte has two digits, is sent in pieces as values of a prepared one, for each
 * of which there is room in as many bytes as it has (MySQL manual, "mysql_stmt_send_long_data"): a field of more than max_allowed_packet
 * is refused.
 */
final class InsertLoad {
    private static final int MOST_ROWS = 500;
    /**
     * Of the first statement: Aria does not log what more than 100 rows an INSERT brings into an empty table (start_bulk_insert), and
     * with a second INSERT under the same lock it counts the rows of the first one only from then on (seen with 10.11.19).
     */
    private static final int FIRST_ROWS = 50;
    private static final int MOST_BYTES = 1 << 20;
    /** A value that is sent by itself, at the latest. */
    private static final int LARGE = 1 << 16;
    /** Bytes of a piece, at most: a server copies what it has when the next one comes. */
    private static final int PIECE = 1 << 20;
    /** The server's number for what is larger than max_allowed_packet. */
    private static final int TOO_LARGE = 1153;
    /** Of a statement without its values. */
    private static final int ROOM = 1 << 17;

    private static final String STRICT = "SET SESSION sql_mode = concat(@@sql_mode, ',STRICT_ALL_TABLES')";
    private static final String LENIENT = "SET SESSION sql_mode = replace(@@sql_mode, 'STRICT_ALL_TABLES', '')";

    private InsertLoad() {}

    /**
     * Loads what is left, or some of it.
     *
     * @param most rows to load
     * @param statement with a question mark for each field, or none where the rows have no values of their own
     * @param nameless values of which the server warns and which a strict mode refuses, although they are stored as they are;
     *     rows with them are inserted one by one
     * @param strict whether a value that does not fit is to be an error; where it is not, the judge finds a warning
     * @param judge looks at what the server has to say about each statement, and takes as many warnings as there are such values;
     *     the server forgets its warnings with the next statement
     * @return rows that were inserted
     * @throws SQLException also as {@link io.dbbackup.engine.mysql.MysqlErrors#tooLarge}
     */
    static long load(
            Session session, String statement, TsvFields rows, long most, Nameless nameless, boolean strict, LongConsumer judge)
            throws SQLException, IOException {
        long packet = session.sql().number("SELECT @@max_allowed_packet");
        try (PreparedStatement insert = session.connection().prepareStatement(statement)) {
            Batch batch = new Batch(insert, insert.getParameterMetaData().getParameterCount() > 0, judge);
            boolean entered = false;
            for (long i = 0; i < most; i++) {
                List<byte[]> row = rows.next();
                if (row.isEmpty()) {
                    break;
                }
                int expected = nameless.in(row);
                if (expected > 0) {
                    batch.execute(0);
                }
                if (strict && entered != (expected == 0)) {
                    // not without rows: MySQL warns of this mode, and what the server says is judged
                    entered = !entered;
                    session.sql().run(entered ? STRICT : LENIENT);
                }
                if (2 * bytes(row) + ROOM > packet && bytes(row) > Math.min(MOST_BYTES, packet) / 4) {
                    requireRoom(row, packet);
                    batch.execute(0);
                    batch.inserted += inPieces(session, statement, row, packet);
                    judge.accept(expected);
                    continue;
                }
                batch.add(row);
                if (expected > 0 || batch.full()) {
                    batch.execute(expected);
                }
            }
            batch.execute(0);
            if (entered) {
                session.sql().run(LENIENT);
            }
            return batch.inserted;
        }
    }

    private static long bytes(List<byte[]> row) {
        return row.stream().mapToLong(field -> field == null ? 0 : field.length).sum();
    }

    /** What the server says otherwise differs, and it may end the session. */
    private static void requireRoom(List<byte[]> row, long packet) throws SQLException {
        int most = row.stream().mapToInt(field -> field == null ? 0 : field.length).max().orElse(0);
        if (most > packet) {
            throw new SQLException(
                    "max_allowed_packet is " + packet + ", and the value of a column that is to be inserted has " + most + " bytes", "HY000",
                    TOO_LARGE);
        }
    }

    private static int inPieces(Session session, String statement, List<byte[]> row, long packet) throws SQLException {
        // all others go with the statement
        long large = Math.min(LARGE, packet / (4L * row.size()));
        JdbcConnection connection = session.connection().unwrap(JdbcConnection.class);
        // the driver sends some KiB more, in one message
        connection.getPropertySet().getMemorySizeProperty(PropertyKey.blobSendChunkSize).setValue((int) Math.min(PIECE, packet / 2));
        try (PreparedStatement prepared = connection.serverPrepareStatement(statement)) {
            for (int i = 0; i < row.size(); i++) {
                byte[] field = row.get(i);
                if (field == null || field.length < large) {
                    // not setBytes, which the driver sends as a text of the session: the server would convert it for a column in another character set
                    prepared.setObject(i + 1, field, MysqlType.LONGBLOB);
                } else {
                    // the driver sends nothing but streams in pieces
                    prepared.setBinaryStream(i + 1, new ByteArrayInputStream(field), field.length);
                }
            }
            return prepared.executeUpdate();
        }
    }

    /** Rows that wait for being inserted together. */
    private static final class Batch {
        private final PreparedStatement insert;
        private final boolean values;
        private final LongConsumer judge;
        private int waiting;
        private long bytes;
        private long inserted;

        Batch(PreparedStatement insert, boolean values, LongConsumer judge) {
            this.insert = insert;
            this.values = values;
            this.judge = judge;
        }

        void add(List<byte[]> row) throws SQLException {
            for (int i = 0; values && i < row.size(); i++) {
                byte[] field = row.get(i);
                insert.setBytes(i + 1, field);
                bytes += field == null ? 4 : field.length;
            }
            insert.addBatch();
            waiting++;
        }

        boolean full() {
            return waiting == (inserted == 0 ? FIRST_ROWS : MOST_ROWS) || bytes >= MOST_BYTES;
        }

        void execute(int expected) throws SQLException {
            if (waiting == 0) {
                return;
            }
            insert.executeBatch();
            judge.accept(expected);
            inserted += waiting;
            waiting = 0;
            bytes = 0;
        }
    }
}
