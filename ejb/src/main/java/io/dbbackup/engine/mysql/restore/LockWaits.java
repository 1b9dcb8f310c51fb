package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.RestoreContext;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/** How long a part waits for rows that others have locked, and who these are. Stateless. */
final class LockWaits {
    /** In tables of our own only parts wait for each other, and a counter is locked until LOAD DATA ends, however long that takes. */
    private static final Duration ALONE = Duration.ofDays(7);
    /**
     * In tables that exist parts of the same table wait for each other, too, where a secondary key brings them together: for the minutes that
     * one of them takes. A transaction that somebody has forgotten to end would be waited for without an end.
     */
    private static final Duration AMONG_OTHERS = Duration.ofHours(1);
    /** "Lock wait timeout exceeded". */
    private static final int TIMEOUT = 1205;

    private LockWaits() {}

    /** For a part of a table that others load at the same time; for other tables the server's own setting holds. */
    static void set(RestoreContext context, Sql sql) {
        Duration patience = RestoreTarget.dataOnly(context) ? AMONG_OTHERS : ALONE;
        sql.run("SET SESSION innodb_lock_wait_timeout = " + patience.toSeconds());
    }

    /** The failure of an item; one that has waited in vain names the sessions that may hold the lock. */
    static RuntimeException explained(RestoreContext context, RestoreTarget target, List<String> tables, RuntimeException e) {
        if (!RestoreTarget.dataOnly(context) || !timedOut(e)) {
            return e;
        }
        return new BackupException(
                ErrorCode.DATABASE_TABLE_LOCKED,
                "another session keeps rows of table " + String.join(" or ", tables) + " in database \"" + target.name() + "\" on " + context.target()
                        + " locked for longer than innodb_lock_wait_timeout (of parts of large tables: an hour); "
                        + holders(context),
                "End that transaction (KILL and the number of the session ends it), keep applications away from it, and restart the"
                        + " run; nothing of this part was loaded.",
                e);
    }

    /** Whether somebody has kept something locked for as long as it was waited for. */
    static boolean timedOut(RuntimeException e) {
        return e.getCause() instanceof SQLException origin && origin.getErrorCode() == TIMEOUT;
    }

    private static String holders(RestoreContext context) {
        try (Session session = Session.open(context.target(), "", "restore locks")) {
            List<String> holders = session.sql().list(
                    "SELECT p.id, p.user, p.host, p.time FROM information_schema.innodb_trx t"
                            + " JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id"
                            + " WHERE t.trx_tables_locked > 0 OR t.trx_rows_locked > 0 OR t.trx_rows_modified > 0"
                            + " ORDER BY t.trx_started LIMIT 5",
                    row -> "session " + row.getLong(1) + " of " + row.getString(2) + "@" + row.getString(3) + " (in its state for "
                            + row.getLong(4) + " s)");
            return holders.isEmpty()
                    ? "nobody does any more"
                    : "transactions with locks, the oldest first: " + String.join(", ", holders);
        } catch (BackupException e) {
            // it takes the privilege PROCESS
            return "which one, SHOW ENGINE INNODB STATUS says: " + Quoted.reason(e);
        }
    }
}
