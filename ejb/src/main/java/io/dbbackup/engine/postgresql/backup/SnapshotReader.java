package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.spi.Cancellation;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * A session that sees a snapshot. Every piece of work runs in a savepoint that is rolled back afterwards: that gives
 * the table locks back, so that a worker that read ten thousand tables does not hold ten thousand locks. Not
 * thread-safe.
 */
final class SnapshotReader implements AutoCloseable {
    private static final long CANCEL_GRACE_MILLIS = 1000;

    private final SnapshotSession session;
    private final Sql sql;
    private boolean broken;

    SnapshotReader(SnapshotSession session, Sql sql) {
        this.session = session;
        this.sql = sql;
    }

    Sql sql() {
        return sql;
    }

    SnapshotSession session() {
        return session;
    }

    /** Begins a COPY … TO STDOUT. */
    CopyOut copy(String statement) throws SQLException {
        sql.run("SAVEPOINT item");
        return sql.connection().unwrap(PGConnection.class).getCopyAPI().copyOut(statement);
    }

    /** Gives back what {@link #copy} took; after an error too. */
    void endCopy() {
        try {
            sql.run("ROLLBACK TO SAVEPOINT item");
            sql.run("RELEASE SAVEPOINT item");
        } catch (RuntimeException e) {
            broken = true;
        }
    }

    /** The session must not be used again. */
    void markBroken() {
        broken = true;
    }

    /** Lets a cancellation end the running statement, and the session if the server does not answer. */
    Cancellation.Registration endWith(Cancellation cancellation) {
        AtomicBoolean over = new AtomicBoolean();
        Cancellation.Registration registration = cancellation.onCancel(() -> {
            CompletableFuture.runAsync(() -> cancelStatement(over));
            CompletableFuture.delayedExecutor(CANCEL_GRACE_MILLIS, TimeUnit.MILLISECONDS).execute(() -> abort(over));
        });
        return () -> {
            over.set(true);
            registration.close();
        };
    }

    private void cancelStatement(AtomicBoolean over) {
        try {
            if (!over.get()) {
                sql.connection().unwrap(PGConnection.class).cancelQuery();
            }
        } catch (SQLException e) {
            abort(over);
        }
    }

    private void abort(AtomicBoolean over) {
        if (!over.get()) {
            Connection connection = sql.connection();
            try {
                connection.abort(Runnable::run);
            } catch (SQLException e) {
                SnapshotSession.closeQuietly(connection);
            }
        }
    }

    @Override
    public void close() {
        if (broken) {
            SnapshotSession.closeQuietly(sql.connection());
        } else {
            session.giveBack(this);
        }
    }
}
