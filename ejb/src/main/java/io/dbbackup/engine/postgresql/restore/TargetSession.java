package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.postgresql.PgConnections;
import io.dbbackup.engine.postgresql.PgErrors;
import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.RestoreContext;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;

/**
 * A session on the target that ends with the run's cancellation. Not thread-safe.
 *
 * <p>Commits are synchronous whatever the server's default is: an item that the catalog calls done must survive a crash
 * of the target. With items of megabytes that costs one flush per item. The server is asked to notice a client that
 * died (14 and later), so that a statement of a killed run does not go on and hold its locks.
 */
record TargetSession(Sql sql, Cancellation.Registration registration) implements AutoCloseable {
    private static final long GRACE_MILLIS = 500;

    static TargetSession open(RestoreContext context, String database, String purpose) {
        context.cancellation().check();
        Connection connection = PgConnections.open(context.target(), database, purpose);
        Sql sql = new Sql(connection, context.target());
        // an aborted connection is closed at once, whatever it waits for; the server rolls its transaction back
        Cancellation.Registration registration = context.cancellation().onCancel(() -> stop(connection));
        TargetSession session = new TargetSession(sql, registration);
        try {
            sql.run("SET synchronous_commit = on");
            if (session.major() >= 14) {
                sql.run("SET client_connection_check_interval = '2s'");
            }
            return session;
        } catch (RuntimeException e) {
            session.close();
            context.cancellation().check();
            throw e;
        }
    }

    /**
     * A session for work on the server as a whole, in a database that is not one of {@code except}. Several candidates
     * are tried, since a restore may be about to replace the usual one.
     */
    static TargetSession maintenance(RestoreContext context, String purpose, String... except) {
        List<String> candidates = new ArrayList<>(candidates(context, List.of(except)));
        // once more: one that another worker gives its name to at this moment seems not to exist
        candidates.addAll(List.copyOf(candidates));
        BackupException first = null;
        for (String database : candidates) {
            try {
                return open(context, database, purpose);
            } catch (BackupException e) {
                context.cancellation().check();
                if (e.code() != ErrorCode.UNKNOWN_DATABASE && e.code() != ErrorCode.DATABASE_PRIVILEGE_MISSING) {
                    throw e;
                }
                first = first == null ? e : first;
            }
        }
        throw first;
    }

    private static List<String> candidates(RestoreContext context, List<String> except) {
        Set<String> all = new LinkedHashSet<>(
                List.of(context.target().maintenanceDatabase(), "postgres", "template1"));
        all.removeAll(except);
        List<String> ordered = new ArrayList<>(all);
        // what this run replaces comes last, so that fewer sessions are in the way of its replacement
        ordered.sort((a, b) -> Boolean.compare(
                context.spec().databases().containsValue(a), context.spec().databases().containsValue(b)));
        return ordered;
    }

    int major() {
        return ((org.postgresql.jdbc.PgConnection) connection()).getServerMajorVersion();
    }

    Connection connection() {
        return sql.connection();
    }

    /**
     * Runs statements in one transaction. Whatever ends them early, an {@link Error} too, rolls it back; auto-commit is not
     * switched on again before that, since switching it on would commit.
     */
    void transaction(Runnable statements) {
        try {
            connection().setAutoCommit(false);
            try {
                statements.run();
                connection().commit();
            } catch (RuntimeException | Error | SQLException e) {
                rollBack(e);
                throw e;
            }
            connection().setAutoCommit(true);
        } catch (SQLException e) {
            throw PgErrors.translate(e, sql.endpoint(), "a transaction");
        }
    }

    private void rollBack(Throwable cause) {
        try {
            connection().rollback();
            connection().setAutoCommit(true);
        } catch (SQLException e) {
            cause.addSuppressed(e);
            abort(connection());
        }
    }

    /**
     * A cancel request first: a server notices only seconds later, or before version 14 when it next reads, that its
     * client has gone, and holds its locks till then. The request is a connection of its own and may hang.
     */
    private static void stop(Connection connection) {
        CompletableFuture.runAsync(() -> cancel(connection))
                .orTimeout(GRACE_MILLIS, TimeUnit.MILLISECONDS)
                .whenComplete((done, late) -> abort(connection));
    }

    private static void cancel(Connection connection) {
        try {
            connection.unwrap(PGConnection.class).cancelQuery();
        } catch (SQLException e) {
            // the connection is ended next, whether the server has understood or not
            return;
        }
    }

    private static void abort(Connection connection) {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            // there is nothing left that could be ended
            return;
        }
    }

    @Override
    public void close() {
        registration.close();
        try {
            connection().close();
        } catch (SQLException e) {
            // what had to be durable was committed before
            return;
        }
    }
}
