package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;

/**
 * A lock of the server's, which goes with the session: an attempt that was given up for lost may still be at work. Whoever drops or
 * empties something takes it first, and looks at the marks behind it. Stateless.
 */
final class Attempts {
    /** Of whoever was killed the server ends the session when it has done with its statement. */
    private static final int SECONDS = 10;

    private Attempts() {}

    /**
     * Waits for the lock, until the session is ended at the latest.
     *
     * @param temporary names the lock
     * @param database for the message
     * @throws BackupException DATABASE_TABLE_LOCKED when another session has it
     */
    static void requireOnly(Sql sql, String temporary, String database) {
        if (!sql.truth("SELECT GET_LOCK(?, ?)", temporary, SECONDS)) {
            throw new BackupException(
                    ErrorCode.DATABASE_TABLE_LOCKED,
                    "another attempt is at work on database \"" + database + "\" on " + sql.endpoint(),
                    "Wait until its session on the server has ended, then restart the run or discard it.");
        }
    }
}
