package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.TsvRows;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.pipeline.ByteSource;
import io.dbbackup.spi.Cancellation;
import java.io.InputStream;
import java.sql.SQLException;

/** The rows of a query on a snapshot as bytes, with their fingerprint. Closing it early ends the session. */
final class TsvSource implements ByteSource {
    private final SnapshotPool.Lease lease;
    private final String table;
    private final Cancellation cancellation;
    private final Cancellation.Registration registration;
    private final InputStream stream = new Rows();
    private final TsvRows rows;
    private int position;
    private boolean closed;

    TsvSource(SnapshotPool.Lease lease, String table, String query, Cancellation cancellation) {
        this.lease = lease;
        this.table = table;
        this.cancellation = cancellation;
        registration = cancellation.onCancel(lease::abort);
        try {
            cancellation.check();
            rows = TsvRows.of(lease.session().connection(), query);
        } catch (SQLException e) {
            registration.close();
            throw failed(e);
        }
    }

    @Override
    public InputStream stream() {
        return stream;
    }

    /** Of the rows that were read. */
    Fingerprint content() {
        awaitSuccess();
        return rows.content();
    }

    /** Bytes of the longest field that was read. */
    int longestField() {
        return rows.longestField();
    }

    @Override
    public void awaitSuccess() {
        cancellation.check();
        if (!rows.ended()) {
            throw new BackupException(
                    ErrorCode.INTERNAL,
                    "table " + table + " was not read to its end",
                    "This is a defect; please report it with the server log of this run.");
        }
    }

    private BackupException failed(SQLException e) {
        lease.abort();
        cancellation.check();
        return lease.explain(e, "reading table " + table);
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        registration.close();
        if (!rows.ended()) {
            lease.abort();
            return;
        }
        try {
            rows.close();
        } catch (SQLException e) {
            lease.abort();
        }
    }

    /** The stream. */
    private final class Rows extends InputStream {
        private int left;

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            int filled = 0;
            while (filled < length && !rows.ended()) {
                if (left == 0) {
                    if (!next(target, offset + filled, offset + length)) {
                        break;
                    }
                    if (rows.bytes() == target) {
                        filled += rows.length();
                        continue;
                    }
                    position = rows.start();
                    left = rows.length();
                }
                int some = Math.min(length - filled, left);
                System.arraycopy(rows.bytes(), position, target, offset + filled, some);
                position += some;
                left -= some;
                filled += some;
            }
            return filled == 0 && length > 0 ? -1 : filled;
        }

        private boolean next(byte[] target, int from, int to) {
            try {
                return rows.next(target, from, to);
            } catch (SQLException e) {
                throw failed(e);
            }
        }
    }
}
