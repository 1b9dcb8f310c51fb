package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.postgresql.CopyFingerprint;
import io.dbbackup.engine.postgresql.CopyFormat;
import io.dbbackup.engine.postgresql.CopyRows;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.pipeline.ByteSource;
import io.dbbackup.spi.Cancellation;
import java.io.InputStream;
import java.sql.SQLException;
import java.util.List;

/**
 * The bytes of COPY … TO STDOUT, of one statement after the other, with the fingerprint of the rows. Fills the reader's
 * whole buffer from the rows as they come, so that neither side sees single rows. Closing it early ends the session. The
 * stream of the last statement ends only when what was read was the snapshot's, see {@link SnapshotReader#confirm}.
 */
final class CopyOutSource implements ByteSource {
    private final SnapshotReader reader;
    private final List<String> statements;
    private final List<CopyFormat> formats;
    private final List<TableDefinition> tables;
    private final Cancellation cancellation;
    private final Cancellation.Registration registration;
    private final InputStream stream = new Rows();
    private CopyRows rows;
    private CopyFingerprint fingerprint;
    private int statement;
    private int position;
    private int left;
    private boolean complete;
    private boolean closed;

    /**
     * Begins with the rows of the first statement.
     *
     * @param formats of each statement
     * @param tables what the statements read, so that it can be locked meanwhile
     */
    CopyOutSource(
            SnapshotReader reader,
            List<String> statements,
            List<CopyFormat> formats,
            List<TableDefinition> tables,
            Cancellation cancellation) {
        this.reader = reader;
        this.statements = List.copyOf(statements);
        this.formats = List.copyOf(formats);
        this.tables = List.copyOf(tables);
        this.cancellation = cancellation;
        registration = reader.endWith(cancellation);
        try {
            cancellation.check();
            rows = reader.copy(this.statements, tables);
            begin();
        } catch (SQLException e) {
            throw failed(e);
        } catch (RuntimeException e) {
            close();
            cancellation.check();
            throw e;
        }
    }

    /** With a single statement. */
    CopyOutSource(
            SnapshotReader reader,
            String statement,
            CopyFormat format,
            List<TableDefinition> tables,
            Cancellation cancellation) {
        this(reader, List.of(statement), List.of(format), tables, cancellation);
    }

    private void begin() throws SQLException {
        fingerprint = new CopyFingerprint(formats.get(statement));
        complete = !rows.nextStatement();
        left = 0;
    }

    /** Moves on to the rows of the next statement, when the stream of this one has ended. */
    void nextStatement() {
        try {
            statement++;
            begin();
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** Of the statement that is being read; the same stream goes on with the next one. */
    @Override
    public InputStream stream() {
        return stream;
    }

    /**
     * The rows of the statement whose stream has ended.
     *
     * @throws BackupException ROW_COUNT_MISMATCH when the server counted others than came
     */
    Fingerprint content() {
        awaitSuccess();
        Fingerprint content = fingerprint.result();
        if (content.rows() != rows.handled()) {
            throw new BackupException(
                    ErrorCode.ROW_COUNT_MISMATCH,
                    "the server counted " + rows.handled() + " rows for \"" + shown() + "\", " + content.rows() + " came",
                    "Connect to the server itself if there is a proxy in between; otherwise this is a defect: please"
                            + " report it with the server log of this run.");
        }
        return content;
    }

    @Override
    public void awaitSuccess() {
        cancellation.check();
        if (!complete) {
            throw new BackupException(
                    ErrorCode.INTERNAL,
                    "\"" + shown() + "\" was not read to its end",
                    "This is a defect; please report it with the server log of this run.");
        }
    }

    private boolean next() {
        try {
            if (!rows.next()) {
                if (statement == statements.size() - 1) {
                    reader.confirm(tables, cancellation);
                }
                complete = true;
                return false;
            }
        } catch (SQLException e) {
            throw failed(e);
        }
        position = rows.offset();
        left = rows.length();
        fingerprint.add(rows.bytes(), position, left, rows.ends());
        return true;
    }

    private BackupException failed(SQLException e) {
        reader.markBroken();
        close();
        cancellation.check();
        if (SnapshotSession.unknownName(e)) {
            reader.requireNames(tables);
        }
        return reader.session().explain(e, "\"" + shown() + "\" in database \"" + reader.session().database() + "\"");
    }

    private String shown() {
        String text = statements.get(statement);
        return text.length() > 300 ? text.substring(0, 300) + "…" : text;
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        registration.close();
        if (rows != null && rows.sending()) {
            reader.abandonCopy();
        } else {
            reader.endCopy();
        }
    }

    /** The stream. */
    private final class Rows extends InputStream {
        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            int filled = 0;
            while (filled < length && !complete) {
                if (left == 0 && !next()) {
                    break;
                }
                int some = Math.min(length - filled, left);
                System.arraycopy(rows.bytes(), position, target, offset + filled, some);
                position += some;
                left -= some;
                filled += some;
            }
            return filled == 0 && length > 0 ? -1 : filled;
        }
    }
}
