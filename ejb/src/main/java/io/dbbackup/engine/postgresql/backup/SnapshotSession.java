package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.postgresql.PgConnections;
import io.dbbackup.engine.postgresql.PgErrors;
import io.dbbackup.engine.postgresql.PgOptions;
import io.dbbackup.engine.postgresql.Quoting;
import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.Cancellation;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * One database at one instant: a transaction that exported its snapshot and stays open, and sessions that imported it.
 * When the exporting session dies the snapshot is lost for good. Thread-safe.
 */
public final class SnapshotSession implements AutoCloseable {
    private static final String BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";
    /** Longer than storage is frozen by those who copy it: hours of work may depend on the answer. */
    private static final int ANSWER_MILLIS = 120_000;

    private final Endpoint endpoint;
    private final String database;
    private final Sql holder;
    private final ArrayDeque<SnapshotReader> idle = new ArrayDeque<>();
    private final Snapshot snapshot;
    private volatile Set<Long> held = Set.of();
    private volatile boolean closed;

    /** What the exporting transaction knows about its snapshot. */
    private record Snapshot(
            String id, Instant at, String position, boolean standby, String encoding, int major, String begun) {}

    private SnapshotSession(Endpoint endpoint, String database, Connection connection) {
        this.endpoint = endpoint;
        this.database = database;
        holder = new Sql(connection, endpoint);
        holder.run(BEGIN);
        // one statement: what is recorded is read in the same moment in which the snapshot is taken
        snapshot = holder.first("""
                SELECT pg_export_snapshot(), clock_timestamp(), pg_is_in_recovery(),
                       CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END,
                       getdatabaseencoding(), current_setting('server_version_num')::int / 10000,
                       now()::text
                """, row -> new Snapshot(
                row.getString(1),
                row.getObject(2, OffsetDateTime.class).toInstant(),
                row.getString(4),
                row.getBoolean(3),
                row.getString(5),
                row.getInt(6),
                row.getString(7))).orElseThrow();
    }

    /** Connects, begins the transaction and exports its snapshot. */
    static SnapshotSession open(Endpoint endpoint, String database) {
        Connection connection = PgConnections.open(endpoint, database, "snapshot");
        try {
            return new SnapshotSession(endpoint, database, connection);
        } catch (RuntimeException e) {
            closeQuietly(connection);
            throw e;
        }
    }

    String id() {
        return snapshot.id;
    }

    Instant at() {
        return snapshot.at;
    }

    String position() {
        return snapshot.position;
    }

    boolean standby() {
        return snapshot.standby;
    }

    String encoding() {
        return snapshot.encoding;
    }

    int major() {
        return snapshot.major;
    }

    String database() {
        return database;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** Does something in the exporting transaction; one caller at a time. */
    <T> T inHolder(Function<Sql, T> work) {
        synchronized (holder) {
            return work.apply(holder);
        }
    }

    /** From now on these tables are locked until the end, and all others must be locked while they are read. */
    void holdsOnly(List<TableListing> tables) {
        held = tables.stream().map(TableListing::oid).collect(Collectors.toUnmodifiableSet());
    }

    boolean holds(long table) {
        return held.contains(table);
    }

    /** Lets a cancellation end what the exporting transaction is doing. */
    Cancellation.Registration endWith(Cancellation cancellation) {
        return StatementStop.register(holder.connection(), cancellation);
    }

    /**
     * Asks whether the exporting transaction, which holds the locks, goes on: whatever was read before the answer was read
     * under them. Sessions that imported the snapshot live on without it, and notice nothing when somebody truncates or
     * rewrites a table.
     *
     * @throws BackupException SNAPSHOT_LOST when it has ended, or does not answer within two minutes
     */
    void requireAlive() {
        if (!goesOn()) {
            throw lost(null);
        }
    }

    /** As the other; a cancellation ends the wait for the answer. */
    void requireAlive(Cancellation cancellation) {
        try (Cancellation.Registration stop = endWith(cancellation)) {
            requireAlive();
        } catch (BackupException e) {
            cancellation.check();
            throw e;
        }
    }

    private boolean goesOn() {
        synchronized (holder) {
            try {
                if (closed) {
                    return false;
                }
                holder.connection().setNetworkTimeout(Runnable::run, ANSWER_MILLIS);
                // the time at which a transaction began tells it from every other one of the session
                boolean same = holder.text("SELECT now()::text").equals(snapshot.begun);
                holder.connection().setNetworkTimeout(Runnable::run, 0);
                return same;
            } catch (SQLException | BackupException e) {
                return false;
            }
        }
    }

    BackupException lost(Throwable origin) {
        return new BackupException(
                ErrorCode.SNAPSHOT_LOST,
                "the session that held the snapshot of database \"" + database + "\" has ended",
                "Nothing needs to be done: the database starts again with a new snapshot. If it happens again, look at"
                        + " the log of the database server for who ended the session.",
                origin);
    }

    /** @param names of tables and columns, as the snapshot has them */
    BackupException moved(String names) {
        return new BackupException(
                ErrorCode.SNAPSHOT_LOST,
                "tables of database \"" + database + "\" were dropped, truncated, rewritten or renamed before they were read: "
                        + names,
                "Nothing needs to be done: the database starts again with a new snapshot. To have all tables locked"
                        + " instead, raise max_locks_per_transaction of the server. Schemas can be renamed in spite of locks:"
                        + " do that before or after a backup.");
    }

    /**
     * When a reader has waited for a lock in vain. Nobody can have locked what this session holds: somebody waits to do so, and
     * gets it because the snapshot is given up here.
     *
     * @param wanted tables that others have locked or wait to lock exclusively
     */
    BackupException blocked(List<TableDefinition> wanted, Throwable origin) {
        String names = wanted.stream()
                .map(table -> Quoting.qualified(table.schema(), table.name()))
                .limit(20)
                .collect(Collectors.joining(", "));
        String waited = " for " + PgOptions.lockTimeout(endpoint).toSeconds() + " s" + (names.isEmpty() ? "" : ": " + names);
        if (wanted.stream().anyMatch(table -> holds(table.oid()))) {
            // now: the database is opened again behind everything else that can be done
            close();
            return new BackupException(
                    ErrorCode.SNAPSHOT_LOST,
                    "other sessions wait to change or truncate tables of database \"" + database
                            + "\" that its snapshot has locked, and readers have waited behind them" + waited,
                    "Nothing needs to be done: the database gives way and starts again with a new snapshot. Let such statements run"
                            + " outside of backups, or with a lock_timeout.",
                    origin);
        }
        return new BackupException(
                ErrorCode.DATABASE_TABLE_LOCKED,
                "other sessions have kept tables of database \"" + database + "\" locked" + waited,
                "Wait until those sessions have ended (see pg_locks), or raise the option lockTimeoutSeconds of \""
                        + endpoint.name() + "\"; then restart the run.",
                origin);
    }

    static boolean lockRefused(SQLException e) {
        return List.of("55P03", "40P01").contains(String.valueOf(e.getSQLState()));
    }

    /**
     * Whether the server no longer knows a table, a column or a schema that the snapshot has, or knows something else under its
     * name.
     */
    static boolean unknownName(SQLException e) {
        return List.of("42P01", "42809", "42703", "3F000").contains(String.valueOf(e.getSQLState()));
    }

    /** A session that sees the snapshot; close it to give it back. */
    SnapshotReader borrow() {
        synchronized (idle) {
            SnapshotReader reader = idle.poll();
            if (reader != null) {
                return reader;
            }
        }
        if (closed) {
            throw lost(null);
        }
        Connection connection = PgConnections.open(endpoint, database, "reader");
        Sql sql = new Sql(connection, endpoint);
        try {
            sql.run(BEGIN);
            sql.run("SET TRANSACTION SNAPSHOT '" + snapshot.id + "'");
            return new SnapshotReader(this, sql);
        } catch (RuntimeException e) {
            closeQuietly(connection);
            requireAlive();
            throw e;
        }
    }

    void giveBack(SnapshotReader reader) {
        synchronized (idle) {
            if (!closed && !endpoint.sparing()) {
                idle.push(reader);
                return;
            }
        }
        closeQuietly(reader.sql().connection());
    }

    /** What an error of a reader means: perhaps not this statement failed but the snapshot is gone. */
    BackupException explain(SQLException e, String doing) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        if (state.equals("40001") || state.equals("72000")) {
            return new BackupException(
                    ErrorCode.SNAPSHOT_LOST,
                    doing + ": the server gave up the snapshot of \"" + database + "\": " + PgErrors.message(e),
                    "On a standby set hot_standby_feedback = on or raise max_standby_streaming_delay; the database"
                            + " starts again with a new snapshot.",
                    e);
        }
        if (lockRefused(e)) {
            return blocked(List.of(), e);
        }
        if (PgErrors.connectionLost(e)) {
            try {
                requireAlive();
            } catch (BackupException lost) {
                lost.addSuppressed(e);
                return lost;
            }
        }
        return PgErrors.translate(e, endpoint, doing);
    }

    /** Ends all sessions; the snapshot is gone. */
    @Override
    public void close() {
        synchronized (idle) {
            closed = true;
            idle.forEach(reader -> closeQuietly(reader.sql().connection()));
            idle.clear();
        }
        closeQuietly(holder.connection());
    }

    /** Cuts the connection without a word to the server, which then ends the session. */
    static void abort(Connection connection) {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            closeQuietly(connection);
        }
    }

    static void closeQuietly(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            // the server ends the session by itself when the connection is gone
            assert e != null;
        }
    }
}
