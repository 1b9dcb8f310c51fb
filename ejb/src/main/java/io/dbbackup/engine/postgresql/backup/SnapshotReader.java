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
     * @param tables what the statements read: they are locked here, with one request, and compared with the snapshot
     */
    CopyRows copy(List<String> statements, List<TableDefinition> tables) throws SQLException {
        beginItem(tables);
        return CopyRows.begin(sql.connection(), statements);
    }

    /** Asks the server something about tables, which are locked meanwhile as for {@link #copy}. */
    <T> T look(List<TableDefinition> tables, Function<Sql, T> question) {
        try {
            beginItem(tables);
            return ask(question);
        } finally {
            endCopy();
        }
    }

    private void beginItem(List<TableDefinition> tables) {
        List<TableDefinition> open = tables.stream().filter(table -> !session.holds(table.oid())).toList();
        ask(server -> {
            server.run("SAVEPOINT item");
            if (!tables.isEmpty()) {
                lock(tables);
            }
            requireNone(TableCatalog.moved(server, oids(tables)));
            if (!open.isEmpty()) {
                requireNone(TableCatalog.movedColumns(server, oids(open)));
            }
            return open;
        });
    }

    /**
     * Also those that the snapshot's session holds: a COPY would wait without an end behind somebody who waits for that session,
     * for example to truncate the table. The time limit stays until the item ends, for locks that a COPY itself takes.
     */
    private void lock(List<TableDefinition> tables) {
        try {
            sql.run("SET LOCAL lock_timeout = " + PgOptions.lockTimeout(session.endpoint()).toMillis() + tables.stream()
                    .map(table -> "ONLY " + Quoting.qualified(table.schema(), table.name()))
                    .collect(Collectors.joining(", ", "; LOCK TABLE ", " IN ACCESS SHARE MODE")));
        } catch (BackupException e) {
            if (e.getCause() instanceof SQLException origin && SnapshotSession.unknownName(origin)) {
                throw session.moved(PgErrors.message(origin));
            }
            if (e.getCause() instanceof SQLException origin && SnapshotSession.lockRefused(origin)) {
                sql.run("ROLLBACK TO SAVEPOINT item");
                List<TableDefinition> wanted = TableCatalog.wanted(sql, oids(tables)).stream()
                        .flatMap(oid -> tables.stream().filter(table -> table.oid() == oid))
                        .toList();
                throw session.blocked(wanted, e);
            }
            throw e;
        }
    }

    /**
     * Sees that what has been read was the snapshot's: that its locks are there until now, and that the names of the tables have
     * not come to mean others, as they do in spite of locks when schemas are renamed. Only schemas that swap their names and swap
     * them back while one item is read escape this.
     *
     * @param tables as for {@link #copy}, of which nothing was given back yet
     * @throws BackupException SNAPSHOT_LOST when what was read must not count
     */
    void confirm(List<TableDefinition> tables, Cancellation cancellation) {
        requireNames(tables);
        session.requireAlive(cancellation);
    }

    /** @throws BackupException SNAPSHOT_LOST when the tables are no longer what the snapshot saw, as far as this session knows */
    void requireNames(List<TableDefinition> tables) {
        requireNone(ask(server -> TableCatalog.moved(server, oids(tables))));
    }

    private void requireNone(List<String> moved) {
        if (!moved.isEmpty()) {
            throw session.moved(String.join(", ", moved));
        }
    }

    private static List<Long> oids(List<TableDefinition> tables) {
        return tables.stream().map(TableDefinition::oid).toList();
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
