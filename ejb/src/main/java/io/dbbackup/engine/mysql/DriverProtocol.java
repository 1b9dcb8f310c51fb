package io.dbbackup.engine.mysql;

import com.mysql.cj.NativeSession;
import com.mysql.cj.jdbc.JdbcConnection;
import com.mysql.cj.protocol.a.NativeProtocol;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/** What the driver speaks with the server by, under JDBC. Stateless. */
final class DriverProtocol {
    private DriverProtocol() {}

    /** Empty when the driver does not let us. */
    static Optional<NativeProtocol> of(Connection connection) throws SQLException {
        return connection.isWrapperFor(JdbcConnection.class)
                        && connection.unwrap(JdbcConnection.class).getSession() instanceof NativeSession session
                ? Optional.of(session.getProtocol())
                : Optional.empty();
    }
}
