package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.RestoreContext;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Sessions that the items of a restore use one after the other: where tables are small, logging in would be most of the
 * work. There are as many as were used at the same time. Thread-safe.
 */
final class Sessions implements AutoCloseable {
    private static final String KEY = "mysql.restore.sessions/";

    private final Endpoint target;
    private final ConcurrentLinkedQueue<Session> idle = new ConcurrentLinkedQueue<>();

    private Sessions(Endpoint target) {
        this.target = target;
    }

    /**
     * A session in a database, until {@link Lease#close()}. Of the settings that items change, {@code foreign_key_checks},
     * {@code unique_checks} and those of {@link LenientTables} may be what an earlier item has left.
     */
    static Lease borrow(RestoreContext context, String database, String purpose) {
        Sessions sessions = of(context);
        Session session = sessions.inDatabase(database, purpose);
        return sessions.new Lease(session, session.endWith(context.cancellation()));
    }

    /** Before somebody opens a session of another kind: an idle one makes room for it. */
    static void spareOne(RestoreContext context) {
        Session session = of(context).idle.poll();
        if (session != null) {
            session.close();
        }
    }

    private static Sessions of(RestoreContext context) {
        Endpoint target = context.target();
        // a throwaway server may be another one later
        return context.hold(KEY + target.host() + ":" + target.port(), Sessions.class, () -> new Sessions(target));
    }

    private Session inDatabase(String database, String purpose) {
        for (Session session = idle.poll(); session != null; session = idle.poll()) {
            try {
                session.sql().run("USE " + Quoting.identifier(database));
                return session;
            } catch (BackupException e) {
                // perhaps the server has ended it meanwhile; what is wrong with the database a new one finds out, too
                session.close();
            }
        }
        return Session.open(target, database, purpose);
    }

    /** A borrowed session. Not thread-safe. */
    final class Lease implements AutoCloseable {
        private final Session session;
        private final Cancellation.Registration stop;
        private boolean kept;

        private Lease(Session session, Cancellation.Registration stop) {
            this.session = session;
            this.stop = stop;
        }

        Session session() {
            return session;
        }

        /** The work ended well and left nothing behind: no transaction, no lock, no setting of its own. */
        void keep() {
            kept = true;
        }

        /** Gives the session to others, or ends it. */
        @Override
        public void close() {
            stop.close();
            if (kept) {
                idle.add(session);
            } else {
                session.close();
            }
        }
    }

    @Override
    public void close() {
        for (Session session = idle.poll(); session != null; session = idle.poll()) {
            session.close();
        }
    }
}
