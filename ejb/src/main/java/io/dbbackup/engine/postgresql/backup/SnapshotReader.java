package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.postgresql.CopyRows;
import io.dbbackup.engine.postgresql.PgErrors;
import io.dbbackup.engine.postgresql.PgOptions;
import io.dbbackup.engine.postgresql.Quoting;
import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.Cancellation;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

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

    /**
     * Asks the server something.
     *
     * @throws BackupException SNAPSHOT_LOST when the snapshot went together with this session; otherwise of the server. A
     *     session that was lost is not given back, so that the next attempt gets another one
     */
    <T> T ask(Function<Sql, T> question) {
        try {
            return question.apply(sql);
        } catch (BackupException e) {
            if (e.code() == ErrorCode.DATABASE_CONNECTION_LOST) {
                broken = true;
                session.requireAlive();
            }
            throw e;
        }
    }

    SnapshotSession session() {
        return session;
    }

    /**
     * Begins to read what COPY … TO STDOUT send.
     *
     * @param tables what the statements read: those that the snapshot's session does not hold locked are locked here, with one
     *     request, and checked
     */
    CopyRows copy(List<String> statements, List<TableDefinition> tables) throws SQLException {
        beginItem(tables);
        return CopyRows.begin(sql.connection(), statements);
    }

    /** Asks the server something about tables, which are locked meanwhile as for {@link #copy}. */
    <T> T look(List<TableDefinition> tables, Function<Sql, T> question) {
        beginItem(tables);
        try {
            return ask(question);
        } finally {
            endCopy();
        }
    }

    private void beginItem(List<TableDefinition> tables) {
        List<TableDefinition> open = tables.stream().filter(table -> !session.holds(table.oid())).toList();
        ask(server -> {
            server.run("SAVEPOINT item");
            if (!open.isEmpty()) {
                lock(open);
            }
            return open;
        });
    }

    private void lock(List<TableDefinition> tables) {
        String names = tables.stream()
                .map(table -> "ONLY " + Quoting.qualified(table.schema(), table.name()))
                .collect(Collectors.joining(", "));
        try {
            sql.run("SET LOCAL lock_timeout = " + PgOptions.lockTimeout(session.endpoint()).toMillis());
            sql.run("LOCK TABLE " + names + " IN ACCESS SHARE MODE");
            sql.run("SET LOCAL lock_timeout = 0");
            List<Long> moved = TableCatalog.moved(sql, tables.stream().map(TableDefinition::oid).toArray(Long[]::new));
            if (moved.isEmpty()) {
                return;
            }
            names = tables.stream()
                    .filter(table -> moved.contains(table.oid()))
                    .map(table -> Quoting.qualified(table.schema(), table.name()))
                    .collect(Collectors.joining(", "));
        } catch (BackupException e) {
            String state = e.getCause() instanceof SQLException origin ? origin.getSQLState() : "";
            if (!List.of("42P01", "42809", "3F000").contains(String.valueOf(state))) {
                throw e;
            }
            names = PgErrors.message((SQLException) e.getCause());
        }
        throw new BackupException(
                ErrorCode.SNAPSHOT_LOST,
                "tables of database \"" + session.database()
                        + "\" were dropped, truncated or rewritten before they were read: " + names,
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
