package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.ServerRelease;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.Vendor;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.Cancellation;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Logger;

/**
 * Gives several sessions the same snapshot. The first rung holds commits up by the vendor's lock; nothing but the snapshots and
 * the questions for the position happens under it, it is tried again when others are in its way, and when it lasts too long it is
 * given up. An account that may not lock comes to the second rung: snapshots are taken until the binary log proves that nobody has
 * committed anything in between. There is no third one.
 */
final class SnapshotLadder {
    private static final Logger LOG = Logger.getLogger(SnapshotLadder.class.getName());
    private static final int LOCK_ATTEMPTS = 5;
    private static final int LOCK_WAIT_SECONDS = 5;
    private static final Duration LONGEST_LOCK = Duration.ofSeconds(10);
    private static final Duration LOCK_PAUSE = Duration.ofSeconds(2);
    private static final int FREE_ATTEMPTS = 200;
    private static final Duration FREE_PAUSE = Duration.ofMillis(20);
    /** What a list leaves out is in a warning, and every broken view has one, too. */
    private static final String ALL_WARNINGS = "SET SESSION max_error_count = 65535";
    private static final String SNAPSHOT = "START TRANSACTION WITH CONSISTENT SNAPSHOT";

    private final Endpoint endpoint;
    private final Cancellation cancellation;
    private final List<String> databases;

    /** @param databases that are read by the snapshot; empty for all */
    SnapshotLadder(Endpoint endpoint, Cancellation cancellation, List<String> databases) {
        this.databases = databases;
        this.endpoint = endpoint;
        this.cancellation = cancellation;
    }

    /** @throws BackupException when no rung holds, with the reason and the remedy */
    SnapshotPool take(int sessions) {
        for (int attempt = 1; ; attempt++) {
            cancellation.check();
            try {
                return attempt(sessions);
            } catch (BackupException e) {
                if (e.code() != ErrorCode.DATABASE_TABLE_LOCKED || attempt == LOCK_ATTEMPTS) {
                    throw e;
                }
                pause(LOCK_PAUSE, cancellation);
            }
        }
    }

    private SnapshotPool attempt(int count) {
        List<Session> sessions = new ArrayList<>();
        try (Session control = Session.open(endpoint, "", "snapshot lock");
                Cancellation.Registration stop = control.endWith(cancellation)) {
            for (int i = 0; i < count; i++) {
                sessions.add(Session.open(endpoint, "", "snapshot"));
                sessions.get(i).sql().run(ALL_WARNINGS);
            }
            ServerRelease release = ServerRelease.of(control.sql());
            SourceServer server = SourceServer.of(control.sql(), release.vendor());
            sessions.forEach(session -> server.require(session.sql(), release.vendor()));
            TablesBefore tables = TablesBefore.of(control.sql(), release.vendor(), databases);
            Position position;
            if (mayLock(control.sql(), release.vendor())) {
                sessions.forEach(session -> permitted(session.sql(), release.vendor().beforeSnapshot()));
                position = underLock(control, sessions, release);
            } else {
                position = withoutLock(control.sql(), sessions, release);
            }
            LOG.info(() -> endpoint + ": snapshot at " + position.text() + ", proof: " + position.proof()
                    + ", commits held up for " + position.lockMillis() + " ms");
            return new SnapshotPool(endpoint, server, sessions, release, position, tables);
        } catch (RuntimeException e) {
            sessions.forEach(Session::close);
            cancellation.check();
            throw e;
        }
    }

    /** By trying the steps before the lock, which hold nobody up: privileges may come from roles. */
    private static boolean mayLock(Sql sql, Vendor vendor) {
        sql.run("SET SESSION lock_wait_timeout = " + LOCK_WAIT_SECONDS);
        vendor.definitionsLock().ifPresent(lock -> permitted(sql, List.of(lock)));
        return permitted(sql, vendor.beforeLock());
    }

    private static boolean permitted(Sql sql, List<String> statements) {
        try {
            sql.runAll(statements);
            return true;
        } catch (BackupException e) {
            if (e.code() != ErrorCode.DATABASE_PRIVILEGE_MISSING) {
                throw e;
            }
            return false;
        }
    }

    private static Position underLock(Session control, List<Session> sessions, ServerRelease release) {
        Sql sql = control.sql();
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture.delayedExecutor(LONGEST_LOCK.toMillis(), TimeUnit.MILLISECONDS).execute(() -> {
            if (!over.get()) {
                control.abort();
            }
        });
        try {
            long begun = System.nanoTime();
            sql.runAll(release.vendor().lock());
            sessions.forEach(session -> session.sql().run(SNAPSHOT));
            Position position = position(sql, release);
            sql.runAll(release.vendor().unlock());
            return new Position(
                    position.at(), position.file(), position.offset(), position.gtid(), "lock",
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
        } finally {
            over.set(true);
        }
    }

    private static Position position(Sql sql, ServerRelease release) {
        Instant at = now(sql);
        String gtid = sql.text(release.vendor().gtid()).replaceAll("\\s+", "");
        Optional<Position> inLog = sql.truth("SELECT @@log_bin")
                ? sql.first(
                        release.vendor().binlogStatus(release.series()),
                        row -> new Position(at, row.getString(1), row.getLong(2), gtid, "", 0))
                // whoever asks needs a privilege also where there is none, and a backup asks for it only where there is one
                : Optional.empty();
        return inLog.orElse(new Position(at, "", 0, gtid, "", 0));
    }

    private static Instant now(Sql sql) {
        return sql.first(
                        "SELECT CAST(unix_timestamp(now(6)) * 1000000 AS UNSIGNED)",
                        row -> Instant.EPOCH.plus(row.getLong(1), ChronoUnit.MICROS))
                .orElseThrow();
    }

    private Position withoutLock(Sql sql, List<Session> sessions, ServerRelease release) {
        BinlogProof.obstacle(sql, release).ifPresent(obstacle -> {
            throw refused("it may not lock (RELOAD), and " + obstacle);
        });
        for (int attempt = 1; attempt <= FREE_ATTEMPTS; attempt++) {
            cancellation.check();
            Optional<Position> position = release.vendor() == Vendor.MARIADB
                    ? byBinlog(sql, sessions)
                    : byGtid(sql, sessions, release);
            if (position.isPresent()) {
                return position.get();
            }
            sessions.forEach(session -> session.sql().run("ROLLBACK"));
            pause(FREE_PAUSE, cancellation);
        }
        throw refused("it may not lock (RELOAD), and in " + FREE_ATTEMPTS
                + " attempts somebody always committed something while the snapshots were taken");
    }

    /** MariaDB tells each session to which byte of the binary log its snapshot goes. */
    private static Optional<Position> byBinlog(Sql sql, List<Session> sessions) {
        sessions.forEach(session -> session.sql().run(SNAPSHOT));
        Set<String> seen = new HashSet<>();
        for (Session session : sessions) {
            seen.add(String.join(":", session.sql().list(
                    "SHOW STATUS WHERE Variable_name IN ('binlog_snapshot_file', 'binlog_snapshot_position')",
                    row -> row.getString(2))));
        }
        String place = seen.iterator().next();
        int colon = place.lastIndexOf(':');
        if (seen.size() > 1 || colon < 1) {
            return Optional.empty();
        }
        String file = place.substring(0, colon);
        long offset = Long.parseLong(place.substring(colon + 1));
        String gtid = sql.text("SELECT coalesce(binlog_gtid_pos(?, ?), '')", file, offset);
        return Optional.of(new Position(now(sql), file, offset, gtid, "binlog", 0));
    }

    /**
     * MySQL: nothing came into the binary log meanwhile, and what is in it was committed before the first snapshot: a
     * transaction owns its GTID from before it is written there until it is committed and counts as executed.
     */
    private static Optional<Position> byGtid(Sql sql, List<Session> sessions, ServerRelease release) {
        Position before = position(sql, release);
        sessions.forEach(session -> session.sql().run(SNAPSHOT));
        boolean pending = !sql.text("SELECT @@global.gtid_owned").isBlank();
        Position after = position(sql, release);
        boolean quiet = !pending && before.file().equals(after.file()) && before.offset() == after.offset()
                && before.gtid().equals(after.gtid());
        return quiet
                ? Optional.of(new Position(after.at(), after.file(), after.offset(), after.gtid(), "gtid", 0))
                : Optional.empty();
    }

    private BackupException refused(String why) {
        return new BackupException(
                ErrorCode.DATABASE_PRIVILEGE_MISSING,
                "no consistent snapshot for the account \"" + endpoint.user() + "\" of " + endpoint + ": " + why,
                "Grant it RELOAD on *.* (in MySQL BACKUP_ADMIN, too).");
    }

    /** Until others have done what nobody tells of. */
    static void pause(Duration duration, Cancellation cancellation) {
        try {
            TimeUnit.MILLISECONDS.sleep(duration.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            cancellation.check();
        }
    }
}
