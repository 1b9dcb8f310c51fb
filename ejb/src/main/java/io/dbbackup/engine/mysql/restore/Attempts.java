package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.RestoreMarks;
import io.dbbackup.engine.mysql.Sql;
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
     * Drops or truncates tables to which others may refer, when no other run or item does so on that server, however long these are at it:
     * two sessions of MariaDB (10.11.19) wait without an end, which not even KILL ends, where each has tables locked that refer to the
     * other's.
     *
     * @throws BackupException DATABASE_TABLE_LOCKED when others are at it for more than a day; or what the work throws
     */
    static void alone(Sql sql, String database, Runnable work) {
        lock(sql, DROPS, database, Duration.ofDays(1));
        try {
            work.run();
        } catch (RuntimeException e) {
            // what has broken the session keeps the lock for as long as the server is at it
            try {
                endTurn(sql);
            } catch (BackupException lost) {
                e.addSuppressed(lost);
            }
            throw e;
        }
        endTurn(sql);
    }

    private static void endTurn(Sql sql) {
        sql.truth("SELECT RELEASE_LOCK(?)", DROPS);
    }

    private static void lock(Sql sql, String lock, String database) {
        lock(sql, lock, database, PATIENCE);
    }

    private static void lock(Sql sql, String lock, String database, Duration patience) {
        if (!sql.truth("SELECT GET_LOCK(?, ?)", lock, patience.toSeconds())) {
            throw new BackupException(
                    ErrorCode.DATABASE_TABLE_LOCKED,
                    "another attempt, or another run, is at work on database \"" + database + "\" on " + sql.endpoint(),
                    "Wait until its session on the server has ended, then restart the run or discard it.");
        }
    }
}
