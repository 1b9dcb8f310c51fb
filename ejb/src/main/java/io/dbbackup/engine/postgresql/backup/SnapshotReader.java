package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.postgresql.CopyRows;
import io.dbbackup.engine.postgresql.PgOptions;
import io.dbbackup.engine.postgresql.Quoting;
import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.Cancellation;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

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

    /**
     * Begins to read what COPY … TO STDOUT send.
     *
     * @param table what the only statement reads: locked and checked here unless the snapshot's session holds it locked
     */
    CopyRows copy(List<String> statements, Optional<TableDefinition> table) throws SQLException {
        sql.run("SAVEPOINT item");
        if (table.isPresent() && !session.holds(table.get().oid())) {
            lock(table.get());
        }
        return CopyRows.begin(sql.connection(), statements);
    }

    private void lock(TableDefinition table) {
        String name = Quoting.qualified(table.schema(), table.name());
        try {
            sql.run("SET LOCAL lock_timeout = " + PgOptions.lockTimeout(session.endpoint()).toMillis());
            sql.run("LOCK TABLE ONLY " + name + " IN ACCESS SHARE MODE");
            sql.run("SET LOCAL lock_timeout = 0");
            if (TableCatalog.unmoved(sql, table.oid())) {
                return;
            }
        } catch (BackupException e) {
            String state = e.getCause() instanceof SQLException origin ? origin.getSQLState() : "";
            if (!List.of("42P01", "42809", "3F000").contains(String.valueOf(state))) {
                throw e;
            }
        }
        throw new BackupException(
                ErrorCode.SNAPSHOT_LOST,
                "table " + name + " of database \"" + session.database()
                        + "\" was dropped, truncated or rewritten before it was read",
                "Nothing needs to be done: the database starts again with a new snapshot. To have all tables locked"
                        + " instead, raise max_locks_per_transaction of the server.");
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

    /** Leaves a COPY that is still running: a cancel request could hit a later statement, so the session goes too. */
    void abandonCopy() {
        broken = true;
        SnapshotSession.abort(sql.connection());
    }

    /** This one, or another in its place when this one is broken. */
    SnapshotReader usable() {
        if (!broken) {
            return this;
        }
        close();
        return session.borrow();
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
