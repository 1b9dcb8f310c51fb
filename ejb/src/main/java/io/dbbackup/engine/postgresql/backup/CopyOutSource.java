package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.pipeline.ByteSource;
import io.dbbackup.spi.Cancellation;
import java.io.InputStream;
import java.sql.SQLException;
import java.util.Optional;
import org.postgresql.copy.CopyOut;

/**
 * The bytes of a COPY … TO STDOUT. Fills the reader's whole buffer from the rows as they come, so that neither side
 * sees single rows; holds one row. Closing it early ends the session.
 */
final class CopyOutSource implements ByteSource {
    private final SnapshotReader reader;
    private final String statement;
    private final Cancellation cancellation;
    private final Cancellation.Registration registration;
    private final InputStream stream = new Rows();
    private CopyOut copy;
    /** Whether the server is still sending; asking the driver would wait for its next row. */
    private volatile boolean sending;
    private byte[] row = new byte[0];
    private int position;
    private boolean complete;
    private boolean closed;
    private long rows;

    /** @param table what is read, so that it can be locked meanwhile; empty when that does not matter */
    CopyOutSource(
            SnapshotReader reader, String statement, Optional<TableDefinition> table, Cancellation cancellation) {
        this.reader = reader;
        this.statement = statement;
        this.cancellation = cancellation;
        registration = reader.endWith(cancellation);
        try {
            cancellation.check();
            copy = reader.copy(statement, table);
            sending = true;
        } catch (SQLException e) {
            throw failed(e);
        } catch (RuntimeException e) {
            close();
            cancellation.check();
            throw e;
        }
    }

    @Override
    public InputStream stream() {
        return stream;
    }

    /** Rows by the server's own count; known after the end. */
    long rows() {
        return rows;
    }

    @Override
    public void awaitSuccess() {
        cancellation.check();
        if (!complete) {
            throw new BackupException(
                    ErrorCode.INTERNAL,
                    "\"" + statement + "\" was not read to its end",
                    "This is a defect; please report it with the server log of this run.");
        }
    }

    private boolean next() {
        try {
            row = copy.readFromCopy();
            position = 0;
            if (row == null) {
                rows = copy.getHandledRowCount();
                complete = true;
                sending = false;
            }
            return !complete;
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private BackupException failed(SQLException e) {
        sending = false;
        reader.markBroken();
        close();
        cancellation.check();
        String shown = statement.length() > 300 ? statement.substring(0, 300) + "…" : statement;
        return reader.session().explain(e, "\"" + shown + "\" in database \"" + reader.session().database() + "\"");
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        registration.close();
        if (sending) {
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
                if (position == row.length && !next()) {
                    break;
                }
                int some = Math.min(length - filled, row.length - position);
                System.arraycopy(row, position, target, offset + filled, some);
                position += some;
                filled += some;
            }
            return filled == 0 && length > 0 ? -1 : filled;
        }
    }
}
