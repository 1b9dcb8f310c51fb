package io.dbbackup.engine.mysql;

import com.mysql.cj.jdbc.JdbcStatement;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Rows by the driver, one object per field. Not thread-safe. */
final class DriverRows extends TsvRows {
    private final Statement statement;
    private final ResultSet rows;
    private final int columns;

    /** @throws SQLException when the query fails */
    DriverRows(Connection connection, String query) throws SQLException {
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

    @Override
    boolean read() throws SQLException {
        if (!rows.next()) {
            return false;
        }
        for (int column = 1; column <= columns; column++) {
            byte[] field = rows.getBytes(column);
            if (field == null) {
                nothing();
            } else {
                field(field, 0, field.length);
            }
        }
        return true;
    }

    @Override
    public void close() throws SQLException {
        statement.close();
    }
}
