package io.dbbackup.engine.postgresql.restore;

import static io.dbbackup.engine.postgresql.Quoting.identifier;

import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.RestoreContext;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Gives a filled database its final name, replacing the one that has it.
 *
 * <p>What may be replaced: any database when {@code clean} was given and its name was confirmed; and {@code postgres} and
 * {@code template1}, which every server has from its beginning, as long as nobody has put anything in. Its sessions are
 * ended only when it was confirmed; otherwise they are waited for.
 *
 * <p>One transaction gives the old database the name {@link RestoreTarget#formerName()} and the new one the final name, so
 * that at every moment one of them, whole, has it. Then the old one is dropped; whoever is killed before leaves that to
 * {@link #dropFormer} of a restart, or to a discard, which drops all that has a temporary name of the run.
 */
final class Replacement {
    private static final String OBJECT_IN_USE = "55006";
    private static final Set<String> FROM_THE_BEGINNING = Set.of("postgres", "template1");
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String USER_OBJECTS = """
            SELECT EXISTS (SELECT FROM pg_catalog.pg_class WHERE oid >= 16384)
                OR EXISTS (SELECT FROM pg_catalog.pg_proc WHERE oid >= 16384)
                OR EXISTS (SELECT FROM pg_catalog.pg_type WHERE oid >= 16384)
                OR EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE oid >= 16384 AND nspname !~ '^pg_(toast_)?temp_')
                OR EXISTS (SELECT FROM pg_catalog.pg_extension WHERE oid >= 16384)
                OR EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata)
            """;

    private Replacement() {}

    /** Whether a database that exists on the target may give way. */
    static boolean allowed(RestoreContext context, String name) {
        return confirmed(context, name) || FROM_THE_BEGINNING.contains(name) && untouched(context, name);
    }

    private static boolean confirmed(RestoreContext context, String name) {
        return context.spec().clean() && context.spec().confirmed().contains(name);
    }

    private static boolean untouched(RestoreContext context, String name) {
        try (TargetSession session = TargetSession.open(context, name, "restore preflight")) {
            return !session.sql().truth(USER_OBJECTS);
        }
    }

    /**
     * Each attempt has a session of its own and none is kept while waiting: two workers that replace {@code postgres} and
     * {@code template1} sit in each other's database.
     */
    static void replace(RestoreContext context, RestoreTarget target) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        for (;;) {
            context.cancellation().check();
            try (TargetSession maintenance = TargetSession.maintenance(context, "restore", target.name())) {
                try {
                    attempt(context, maintenance, target);
                    return;
                } catch (BackupException e) {
                    if (!inUse(e)) {
                        throw e;
                    }
                    if (System.nanoTime() > end) {
                        throw inUse(maintenance.sql(), target.name(), e);
                    }
                }
            }
            pause(context);
        }
    }

    private static void attempt(RestoreContext context, TargetSession maintenance, RestoreTarget target) {
        Sql sql = maintenance.sql();
        boolean replaces = TargetDatabase.oid(sql, target.name()) != 0;
        if (replaces && !allowed(context, target.name())) {
            throw new BackupException(
                    ErrorCode.DATABASE_EXISTS,
                    "database \"" + target.name() + "\" exists on " + context.target(),
                    "Restore under another name, or allow and confirm its replacement; what was restored is kept"
                            + " for a restart.");
        }
        // only this run knows the temporary name: sessions there are left-overs of killed programs
        endSessions(sql, target.temporaryName());
        maintenance.transaction(() -> {
            if (replaces) {
                if (confirmed(context, target.name())) {
                    endSessions(sql, target.name());
                }
                // locks it until the end, so that nobody gets in any more; waits some seconds for sessions to end
                rename(sql, target.name(), target.formerName());
            }
            rename(sql, target.temporaryName(), target.name());
        });
    }

    /**
     * The server ends those that clean up by itself, and would not let everybody do it. They have no role, which everybody may see,
     * while the kind of a session is shown to some only.
     */
    private static void endSessions(Sql sql, String database) {
        sql.list(
                "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = ?"
                        + " AND usesysid IS NOT NULL",
                row -> row.getBoolean(1), database);
    }

    private static void rename(Sql sql, String from, String to) {
        sql.run("ALTER DATABASE " + identifier(from) + " RENAME TO " + identifier(to));
    }

    /** Drops the database that was replaced, if there is one. Only when the new one has the final name. */
    static void dropFormer(RestoreContext context, RestoreTarget target) {
        try (TargetSession maintenance = TargetSession.maintenance(context, "restore", target.name())) {
            TargetDatabase.dropTemporary(maintenance.sql(), target.formerName());
        } catch (BackupException e) {
            if (!inUse(e)) {
                throw e;
            }
            throw new BackupException(
                    ErrorCode.DATABASE_EXISTS,
                    "database \"" + target.name() + "\" is restored, and the one that it has replaced is still there as \""
                            + target.formerName() + "\": " + e.getCause().getMessage(),
                    "End what uses it, such as a subscription or a replication slot, then restart the run, which drops it.",
                    e);
        }
    }

    private static boolean inUse(BackupException e) {
        return e.getCause() instanceof SQLException sql && OBJECT_IN_USE.equals(sql.getSQLState());
    }

    private static BackupException inUse(Sql sql, String database, BackupException e) {
        List<String> sessions = sql.list(
                "SELECT pg_catalog.format('pid %s (%s, %s)', pid, usename, application_name)"
                        + " FROM pg_catalog.pg_stat_activity WHERE datname = ? LIMIT 10",
                row -> row.getString(1), database);
        return new BackupException(
                ErrorCode.DATABASE_EXISTS,
                "database \"" + database + "\" cannot be replaced while sessions use it: " + String.join(", ", sessions),
                "End these sessions, or allow and confirm the replacement, then restart the run.",
                e);
    }

    private static void pause(RestoreContext context) {
        try {
            TimeUnit.MILLISECONDS.sleep(500);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            context.cancellation().check();
        }
    }
}
