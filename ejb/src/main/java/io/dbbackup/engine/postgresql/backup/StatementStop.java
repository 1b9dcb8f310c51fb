package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.spi.Cancellation;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.postgresql.PGConnection;

/** Ends what a session is doing when the run is stopped; the session itself when the server does not answer in time. */
final class StatementStop {
    private static final long GRACE_MILLIS = 1000;

    private final Connection connection;
    private final AtomicBoolean over = new AtomicBoolean();

    private StatementStop(Connection connection) {
        this.connection = connection;
    }

    /** From now until the registration is closed. */
    static Cancellation.Registration register(Connection connection, Cancellation cancellation) {
        StatementStop stop = new StatementStop(connection);
        Cancellation.Registration registration = cancellation.onCancel(() -> {
            // a cancel request is a connection of its own and may hang: never in the canceller's thread
            CompletableFuture.runAsync(stop::cancel);
            CompletableFuture.delayedExecutor(GRACE_MILLIS, TimeUnit.MILLISECONDS).execute(stop::abort);
        });
        return () -> {
            stop.over.set(true);
            registration.close();
        };
    }

    private void cancel() {
        try {
            if (!over.get()) {
                connection.unwrap(PGConnection.class).cancelQuery();
            }
        } catch (SQLException e) {
            abort();
        }
    }

    private void abort() {
        if (!over.get()) {
            SnapshotSession.abort(connection);
        }
    }
}
