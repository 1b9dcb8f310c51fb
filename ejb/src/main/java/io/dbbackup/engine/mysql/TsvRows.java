package io.dbbackup.engine.mysql;

import com.mysql.cj.jdbc.JdbcStatement;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.pipeline.RowHash;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;

/**
 * The rows of a query as lines that {@code LOAD DATA … CHARACTER SET binary} takes: fields between tabs, each with the very
 * bytes that the server sent, in which backslash, tab, line feed and NUL are escaped; {@code \N} for NULL. Streams: one row is
 * in memory. Not thread-safe.
 */
public final class TsvRows implements AutoCloseable {
    /** Name of the format in manifests. */
    public static final String FORMAT = "mysql-tsv";

    private static final byte[] ESCAPES = new byte[256];

    static {
        ESCAPES[0] = '0';
        ESCAPES['\t'] = 't';
        ESCAPES['\n'] = 'n';
        ESCAPES['\\'] = '\\';
    }

    private static final int USUAL_ROW = 64 * 1024;

    private final Statement statement;
    private final ResultSet rows;
    private final int columns;
    private final RowHash hash = new RowHash();
    private byte[] line = new byte[USUAL_ROW];
    private int length;
    private boolean ended;

    /** @throws SQLException when the query fails */
    public TsvRows(Connection connection, String query) throws SQLException {
        statement = connection.createStatement(ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY);
        try {
            statement.setEscapeProcessing(false);
            statement.unwrap(JdbcStatement.class).enableStreamingResults();
            rows = statement.executeQuery(query);
            columns = rows.getMetaData().getColumnCount();
        } catch (SQLException e) {
            statement.close();
            throw e;
        }
    }

    /** Moves on to the next row; false when they have ended. */
    public boolean next() throws SQLException {
        if (!rows.next()) {
            ended = true;
            return false;
        }
        length = 0;
        if (line.length > 16 * USUAL_ROW) {
            line = new byte[USUAL_ROW];
        }
        for (int column = 1; column <= columns; column++) {
            byte[] field = rows.getBytes(column);
            if (field == null) {
                room(3);
                line[length++] = '\\';
                line[length++] = 'N';
            } else {
                room(2L * field.length + 1);
                escape(field);
            }
            line[length++] = (byte) (column == columns ? '\n' : '\t');
        }
        hash.add(line, 0, length - 1);
        return true;
    }

    private void escape(byte[] field) {
        byte[] out = line;
        int at = length;
        for (byte b : field) {
            byte escape = ESCAPES[b & 0xff];
            if (escape != 0) {
                out[at++] = '\\';
                out[at++] = escape;
            } else {
                out[at++] = b;
            }
        }
        length = at;
    }

    private void room(long more) throws SQLException {
        long needed = length + more;
        if (needed > line.length) {
            if (needed > Integer.MAX_VALUE - 16) {
                throw new SQLException("a row has more than " + (Integer.MAX_VALUE >> 1) + " bytes", "54000");
            }
            line = Arrays.copyOf(line, (int) Math.min(Integer.MAX_VALUE - 16, Math.max(needed, line.length * 3L / 2)));
        }
    }

    /** Holds the row; valid until the next call. */
    public byte[] bytes() {
        return line;
    }

    /** Bytes of the row with the line feed at its end. */
    public int length() {
        return length;
    }

    public boolean ended() {
        return ended;
    }

    /** Of the rows so far. */
    public Fingerprint content() {
        return hash.fingerprint();
    }

    /** Only after the last row: otherwise the driver reads all others first; abort the session instead. */
    @Override
    public void close() throws SQLException {
        statement.close();
    }
}
