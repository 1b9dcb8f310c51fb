package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.spi.Cancellation;
import java.sql.SQLException;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * A session that sees a snapshot. Every piece of work runs in a savepoint that is rolled back afterwards: that gives
 * the table locks back, so that a worker that read ten thousand tables does not hold ten thousand locks. Not
 * thread-safe.
 */
final class SnapshotReader implements AutoCloseable {
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

    /** Lets a cancellation end the running statement. */
    Cancellation.Registration endWith(Cancellation cancellation) {
        return StatementStop.register(sql.connection(), cancellation);
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
