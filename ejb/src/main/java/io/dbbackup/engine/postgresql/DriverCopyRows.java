package io.dbbackup.engine.postgresql;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Iterator;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;
import org.postgresql.copy.CopyOut;

/** By the driver: one statement after the other, an array per row. */
final class DriverCopyRows implements CopyRows {
    private final CopyManager copies;
    private final Iterator<String> statements;
    private CopyOut copy;
    private byte[] row = new byte[0];
    private long handled;
    private volatile boolean sending;

    DriverCopyRows(Connection connection, List<String> statements) throws SQLException {
        copies = connection.unwrap(PGConnection.class).getCopyAPI();
        this.statements = statements.iterator();
    }

    @Override
    public boolean nextStatement() throws SQLException {
        if (!statements.hasNext()) {
            return false;
        }
        copy = copies.copyOut(statements.next());
        sending = true;
        return true;
    }

    @Override
    public boolean next() throws SQLException {
        try {
            row = copy.readFromCopy();
        } catch (SQLException e) {
            sending = false;
            throw e;
        }
        if (row == null) {
            handled = copy.getHandledRowCount();
            sending = false;
            return false;
        }
        return true;
    }

    @Override
    public byte[] bytes() {
        return row;
    }

    @Override
    public int offset() {
        return 0;
    }

    @Override
    public int length() {
        return row.length;
    }

    @Override
    public boolean ends() {
        return true;
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
