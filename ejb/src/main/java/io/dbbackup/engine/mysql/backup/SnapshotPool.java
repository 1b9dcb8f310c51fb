package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.MysqlErrors;
import io.dbbackup.engine.mysql.ServerRelease;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.Cancellation;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Sessions that all see the same instant of a server. A session that breaks cannot be replaced, so there are spare ones; with
 * the last one the snapshot is lost. Thread-safe.
 *
 * <p>For the moment in which the snapshots are taken commits are held up by the vendor's lock. Nothing but the snapshots and
 * the questions for the position happens under it, and when that takes too long the lock is given up.
 */
final class SnapshotPool implements AutoCloseable {
    private static final int SPARES = 2;
    private static final int ATTEMPTS = 5;
    private static final int LOCK_WAIT_SECONDS = 5;
    private static final Duration LONGEST_LOCK = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final Endpoint endpoint;
    private final String database;
    private final ConcurrentLinkedQueue<Session> idle = new ConcurrentLinkedQueue<>();
    private final List<Session> all;
    private final Map<String, TableDefinition> tables = new ConcurrentHashMap<>();
    private final ServerRelease release;
    private final Position position;

    /**
     * Where and when.
     *
     * @param file of the binary log, empty when there is none
     * @param lockMillis how long commits were held up
     */
    record Position(Instant at, String file, long offset, String gtid, long lockMillis) {
        /** For people. */
        String text() {
            return (file.isEmpty() ? "" : file + ":" + offset) + (gtid.isEmpty() ? "" : " GTID " + gtid);
        }
    }

    private SnapshotPool(
            Endpoint endpoint, String database, List<Session> sessions, ServerRelease release, Position position) {
        this.endpoint = endpoint;
        this.database = database;
        this.all = List.copyOf(sessions);
        this.idle.addAll(sessions);
        this.release = release;
        this.position = position;
    }

    static SnapshotPool open(Endpoint endpoint, String database, int workers, Cancellation cancellation) {
        for (int attempt = 1; ; attempt++) {
            cancellation.check();
            try {
                return attempt(endpoint, database, workers + Math.min(SPARES, workers));
            } catch (BackupException e) {
                if (e.code() != ErrorCode.DATABASE_TABLE_LOCKED || attempt == ATTEMPTS) {
                    throw e;
                }
                pause(cancellation);
            }
        }
    }

    private static SnapshotPool attempt(Endpoint endpoint, String database, int sessions) {
        List<Session> opened = new ArrayList<>();
        try (Session locker = Session.open(endpoint, database, "snapshot lock")) {
            for (int i = 0; i < sessions; i++) {
                opened.add(Session.open(endpoint, database, "snapshot"));
            }
            ServerRelease release = ServerRelease.of(locker.sql());
            Position position = underLock(locker, opened, release);
            return new SnapshotPool(endpoint, database, opened, release, position);
        } catch (RuntimeException e) {
            opened.forEach(Session::close);
            throw e;
        }
    }

    private static Position underLock(Session locker, List<Session> sessions, ServerRelease release) {
        Sql sql = locker.sql();
        sql.run("SET SESSION lock_wait_timeout = " + LOCK_WAIT_SECONDS);
        AtomicBoolean over = new AtomicBoolean();
        List<String> steps = release.vendor().lock();
        sql.runAll(steps.subList(0, steps.size() - 1));
        CompletableFuture.delayedExecutor(LONGEST_LOCK.toMillis(), TimeUnit.MILLISECONDS).execute(() -> {
            if (!over.get()) {
                locker.abort();
            }
        });
        try {
            long begun = System.nanoTime();
            sql.run(steps.get(steps.size() - 1));
            sessions.forEach(session -> session.sql().run("START TRANSACTION WITH CONSISTENT SNAPSHOT"));
            Position position = position(sql, release);
            sql.runAll(release.vendor().unlock());
            return new Position(
                    position.at, position.file, position.offset, position.gtid,
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
        } finally {
            over.set(true);
        }
    }

    private static Position position(Sql sql, ServerRelease release) {
        Instant at = sql.first(
                        "SELECT CAST(unix_timestamp(now(6)) * 1000000 AS UNSIGNED)",
                        row -> Instant.EPOCH.plus(row.getLong(1), java.time.temporal.ChronoUnit.MICROS))
                .orElseThrow();
        String gtid = sql.text(release.vendor().gtid()).replaceAll("\\s+", "");
        return sql.first(
                        release.vendor().binlogStatus(release.series()),
                        row -> new Position(at, row.getString(1), row.getLong(2), gtid, 0))
                .orElse(new Position(at, "", 0, gtid, 0));
    }

    private static void pause(Cancellation cancellation) {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            cancellation.check();
        }
    }

    Position position() {
        return position;
    }

    ServerRelease release() {
        return release;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** The tables as they were when the database was opened. */
    Map<String, TableDefinition> tables() {
        return tables;
    }

    /**
     * A session for one piece of work; {@link Lease#close()} gives it back.
     *
     * @throws BackupException SNAPSHOT_LOST when none is left
     */
    Lease borrow() {
        Session session = idle.poll();
        if (session == null) {
            throw lost("all its sessions are broken");
        }
        try {
            session.sql().run("SAVEPOINT piece");
            return new Lease(session);
        } catch (RuntimeException e) {
            session.abort();
            return borrow();
        }
    }

    private BackupException lost(String why) {
        return new BackupException(
                ErrorCode.SNAPSHOT_LOST,
                "the snapshot of database \"" + database + "\" is lost: " + why,
                "Nothing needs to be done: the database starts again with a new snapshot.");
    }

    /** A borrowed session. Not thread-safe except {@link #abort()}. */
    final class Lease implements AutoCloseable {
        private final Session session;
        private volatile boolean broken;

        private Lease(Session session) {
            this.session = session;
        }

        Session session() {
            return session;
        }

        /** Ends the session. */
        void abort() {
            broken = true;
            session.abort();
        }

        /** What a failed read means. */
        BackupException explain(SQLException e, String doing) {
            if (MysqlErrors.definitionChanged(e)) {
                return lost("what was to be read was changed meanwhile: " + MysqlErrors.message(e));
            }
            return MysqlErrors.translate(e, endpoint, doing);
        }

        /** The savepoint gives back the locks on tables, so that nobody's ALTER TABLE waits for the end of the backup. */
        @Override
        public void close() {
            try {
                if (!broken) {
                    session.sql().run("ROLLBACK TO SAVEPOINT piece");
                    idle.add(session);
                }
            } catch (BackupException e) {
                session.abort();
            }
        }
    }

    @Override
    public void close() {
        // not politely: one of them may be in the middle of something
        all.forEach(Session::abort);
    }
}
