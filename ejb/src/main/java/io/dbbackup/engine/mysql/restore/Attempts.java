package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.RestoreMarks;
import io.dbbackup.engine.mysql.ServerRelease;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.Vendor;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.UUID;

/**
 * A lock of the server's, which goes with the session: an attempt that was given up for lost may still be at work. Whoever drops or
 * empties something takes it first, and looks at the marks behind it. Stateless.
 */
final class Attempts {
    /** Of whoever was killed the server ends the session when it has done with its statement. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final String LOCK = "dbbackup_into_";
    private static final String DROPS = "dbbackup_drop";
    private static final Duration TURN = Duration.ofMinutes(1);
    private static final Duration TURNS = Duration.ofDays(1);

    private Attempts() {}

    /**
     * Waits for the lock, until the session is ended at the latest.
     *
     * @param temporary names the lock
     * @param database for the message
     * @throws BackupException DATABASE_TABLE_LOCKED when another session has it
     */
    static void requireOnly(Sql sql, String temporary, String database) {
        lock(sql, temporary, database);
    }

    /**
     * The same of all runs that would give a database its name.
     *
     * @throws BackupException DATABASE_TABLE_LOCKED when another session has it
     */
    static void requireOnlyFor(Sql sql, String database) {
        // names of locks are as long as those of databases at most, and may not tell upper from lower case
        String name = RestoreMarks.caseless(sql) ? database.toLowerCase(Locale.ROOT) : database;
        lock(sql, LOCK + UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)), database);
    }

    /**
     * Drops or truncates tables to which others may refer, on MariaDB when no other run or item does so on that server, however long these
     * are at it: two sessions of it (10.11.19) wait without an end, which not even KILL ends, where each has tables locked that refer to the
     * other's. A turn ends where somebody has one of the tables locked for long, so that this keeps nobody from others.
     *
     * @param work done again in the next turn
     * @throws BackupException DATABASE_TABLE_LOCKED when there was no turn for a day; or what the work throws, which is that somebody has a table
     *     locked when lock_wait_timeout of the server is over
     */
    static void alone(Sql sql, String database, Runnable work) {
        if (ServerRelease.of(sql).vendor() != Vendor.MARIADB) {
            work.run();
            return;
        }
        long patience = sql.number("SELECT @@lock_wait_timeout");
        long end = System.nanoTime() + Duration.ofSeconds(patience).toNanos();
        sql.run("SET SESSION lock_wait_timeout = " + Math.min(patience, TURN.toSeconds()));
        boolean done = false;
        while (!done) {
            done = turn(sql, database, work, end);
        }
        sql.run("SET SESSION lock_wait_timeout = DEFAULT");
    }

    /** @return false when it is to be tried again */
    private static boolean turn(Sql sql, String database, Runnable work, long end) {
        if (!sql.truth("SELECT GET_LOCK(?, ?)", DROPS, TURNS.toSeconds())) {
            throw new BackupException(
                    ErrorCode.DATABASE_TABLE_LOCKED,
                    "restores have dropped or emptied other databases on " + sql.endpoint() + " for a day, and \"" + database + "\" has to wait for its turn",
                    "See in SHOW PROCESSLIST which DROP DATABASE or TRUNCATE TABLE that is, and what it waits for; then restart the run.");
        }
        try {
            work.run();
        } catch (RuntimeException e) {
            // what has broken the session keeps the lock for as long as the server is at it
            try {
                endTurn(sql);
            } catch (BackupException lost) {
                e.addSuppressed(lost);
                throw e;
            }
            if (LockWaits.timedOut(e) && end - System.nanoTime() > 0) {
                return false;
            }
            throw e;
        }
        endTurn(sql);
        return true;
    }

    private static void endTurn(Sql sql) {
        sql.truth("SELECT RELEASE_LOCK(?)", DROPS);
    }

    private static void lock(Sql sql, String lock, String database) {
        if (!sql.truth("SELECT GET_LOCK(?, ?)", lock, PATIENCE.toSeconds())) {
            throw new BackupException(
                    ErrorCode.DATABASE_TABLE_LOCKED,
                    "another attempt, or another run, is at work on database \"" + database + "\" on " + sql.endpoint(),
                    "Wait until its session on the server has ended, then restart the run or discard it.");
        }
    }
}
