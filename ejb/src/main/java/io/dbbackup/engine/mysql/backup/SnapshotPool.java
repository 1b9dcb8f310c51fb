package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.MysqlErrors;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.ServerRelease;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.Cancellation;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Sessions that all see the same instant of a server. A session that breaks cannot be replaced, so there are spare ones; with
 * the last one the snapshot is lost. Thread-safe.
 */
final class SnapshotPool implements AutoCloseable {
    private static final String BACK = "ROLLBACK TO SAVEPOINT piece";
    private static final long POLL_MILLIS = 200;

    private final Endpoint endpoint;
    private final SourceServer server;
    private final BlockingQueue<Session> idle = new LinkedBlockingQueue<>();
    private final AtomicInteger alive;
    private final List<Session> all;
    private final ServerRelease release;
    private final Position position;
    private final TablesBefore tables;
    private Session present;
    private boolean closed;

    SnapshotPool(
            Endpoint endpoint, SourceServer server, List<Session> sessions, ServerRelease release, Position position,
            TablesBefore tables) {
        this.server = server;
        this.tables = tables;
        this.endpoint = endpoint;
        this.all = List.copyOf(sessions);
        this.idle.addAll(sessions);
        this.alive = new AtomicInteger(sessions.size());
        this.release = release;
        this.position = position;
    }

    Position position() {
        return position;
    }

    ServerRelease release() {
        return release;
    }

    TablesBefore tables() {
        return tables;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** Whether nobody can see that instant any more. */
    boolean lost() {
        return alive.get() <= 0;
    }

    /**
     * A session for one piece of work in a database; {@link Lease#close()} gives it back. Waits while others have all of them.
     *
     * @throws BackupException SNAPSHOT_LOST when none is left, CANCELLED
     */
    Lease borrow(String database, Cancellation cancellation) {
        while (true) {
            cancellation.check();
            Session session = poll(cancellation);
            if (session != null) {
                Lease lease = new Lease(session, database, cancellation);
                try {
                    session.sql().run("USE " + Quoting.identifier(database));
                    session.sql().run("SAVEPOINT piece");
                    return lease;
                } catch (BackupException e) {
                    if (e.code() == ErrorCode.UNKNOWN_DATABASE || e.code() == ErrorCode.DATABASE_PRIVILEGE_MISSING) {
                        idle.add(session);
                        throw e;
                    }
                    lease.abort();
                }
            } else if (lost()) {
                throw lost(database, "all its sessions are broken");
            }
        }
    }

    private Session poll(Cancellation cancellation) {
        try {
            return idle.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            cancellation.check();
            throw new BackupException(
                    ErrorCode.CANCELLED, "waiting for a session was interrupted", "Restart the run.", e);
        }
    }

    /** Ends an idle session if there are others, so that somebody else may have its connection. */
    void spareOne() {
        if (alive.get() > 1) {
            Session session = idle.poll();
            if (session != null) {
                alive.decrementAndGet();
                session.close();
            }
        }
    }

    static BackupException lost(String database, String why) {
        return new BackupException(
                ErrorCode.SNAPSHOT_LOST,
                "the snapshot of database \"" + database + "\" is lost: " + why,
                "Nothing needs to be done: the database starts again with a new snapshot.");
    }

    /**
     * What is asked of the server as it is now, not as it was: in MySQL a snapshot holds for definitions' tables, too. One question at a
     * time; also when the snapshot is gone.
     *
     * @throws BackupException SNAPSHOT_LOST when new sessions come to another server, or that was started again
     */
    synchronized <T> T now(Cancellation cancellation, Function<Sql, T> question) {
        cancellation.check();
        boolean asked = false;
        if (present == null) {
            present = openPresent();
        }
        try (Cancellation.Registration stop = present.endWith(cancellation)) {
            T answer = question.apply(present.sql());
            asked = true;
            return answer;
        } finally {
            // nobody would close it later
            if (!asked || closed) {
                endPresent();
            }
        }
    }

    private Session openPresent() {
        Session session = Session.open(endpoint, "", "snapshot check");
        try {
            SourceServer here = SourceServer.of(session.sql(), release.vendor());
            if (!here.equals(server)) {
                throw new BackupException(
                        ErrorCode.SNAPSHOT_LOST,
                        "the snapshot is of the server " + server.text() + ", and a new session came to " + here.text(),
                        "Nothing needs to be done: the database starts again with a new snapshot. When that happens again: "
                                + SourceServer.REMEDY);
            }
            return session;
        } catch (RuntimeException e) {
            session.close();
            throw e;
        }
    }

    /** A borrowed session. Not thread-safe except {@link #abort()}. */
    final class Lease implements AutoCloseable {
        private final Session session;
        private final String database;
        private final Cancellation cancellation;
        private final AtomicBoolean broken = new AtomicBoolean();

        private Lease(Session session, String database, Cancellation cancellation) {
            this.session = session;
            this.database = database;
            this.cancellation = cancellation;
        }

        Session session() {
            return session;
        }

        /**
         * Gives back the locks on what the session has read; the snapshot stays. A server that lists tables leaves those out that others change
         * for a session with locks, which could be what they wait for.
         */
        void unlock() {
            session.sql().run(BACK);
        }

        /** See {@link SnapshotPool#now}. */
        <T> T now(Function<Sql, T> question) {
            return SnapshotPool.this.now(cancellation, question);
        }

        /** Ends the session. */
        void abort() {
            if (broken.compareAndSet(false, true)) {
                alive.decrementAndGet();
            }
            session.abort();
        }

        /** What a failed read means. */
        BackupException explain(SQLException e, String doing) {
            if (MysqlErrors.definitionChanged(e)) {
                return lost(database, "what was to be read was changed meanwhile: " + MysqlErrors.message(e));
            }
            return MysqlErrors.translate(e, endpoint, doing);
        }

        /** The savepoint gives back the locks on tables, so that nobody's ALTER TABLE waits for the end of the backup. */
        @Override
        public void close() {
            try {
                if (!broken.get()) {
                    session.sql().run(BACK);
                    idle.add(session);
                }
            } catch (BackupException e) {
                abort();
            }
        }
    }

    @Override
    public void close() {
        alive.set(0);
        // not politely: one of them may be in the middle of something
        all.forEach(Session::abort);
        synchronized (this) {
            closed = true;
            endPresent();
        }
    }

    private void endPresent() {
        if (present != null) {
            present.close();
            present = null;
        }
    }
}
