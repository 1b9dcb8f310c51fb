package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.postgresql.PgConnections;
import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.PGConnection;

/**
 * Finds out whether something between us and the server hands our transactions to changing sessions. A snapshot, its
 * locks and our settings live in one session, so that a backup through such a pooler is not what it seems.
 */
final class PoolerCheck {
    private static final String PID = "SELECT pg_backend_pid()";

    private PoolerCheck() {}

    /**
     * @return true when there is a pooler that gives each connection a session of its own
     * @throws BackupException DATABASE_POOLER_DETECTED when it does not
     */
    static boolean check(Endpoint endpoint, String database) {
        Connection first = PgConnections.open(endpoint, database, "pooler check");
        try {
            Sql sql = new Sql(first, endpoint);
            long pid = sql.number(PID);
            if (pid == announced(first)) {
                return false;
            }
            // a pooler invents the process id that it announces; does it also share sessions?
            Connection second = PgConnections.open(endpoint, database, "pooler check");
            try {
                Sql other = new Sql(second, endpoint);
                other.run("BEGIN");
                long otherPid = other.number(PID);
                // two open connections that met in one session, or one connection that moved on meanwhile
                if (otherPid == pid || sql.number(PID) != pid) {
                    throw new BackupException(
                            ErrorCode.DATABASE_POOLER_DETECTED,
                            endpoint + " is a pooler that shares sessions between transactions",
                            "Give host and port of the PostgreSQL server itself, or of a pool with pool_mode = session.");
                }
            } finally {
                SnapshotSession.closeQuietly(second);
            }
            return true;
        } finally {
            SnapshotSession.closeQuietly(first);
        }
    }

    private static long announced(Connection connection) {
        try {
            return connection.unwrap(PGConnection.class).getBackendPID();
        } catch (SQLException e) {
            throw new IllegalStateException("not a connection of pgjdbc", e);
        }
    }
}
