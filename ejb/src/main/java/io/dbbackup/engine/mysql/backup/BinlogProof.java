package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.ServerRelease;
import io.dbbackup.engine.mysql.Sql;
import java.util.Optional;

/**
 * Whether the binary log of a server can prove, to an account that may not lock, that snapshots are of the same instant: everything
 * that is committed has to move it. What sessions with {@code sql_log_bin = 0} commit does not, and nobody can see it.
 */
final class BinlogProof {
    private static final int DO_DB = 3;
    private static final int IGNORE_DB = 4;

    private BinlogProof() {}

    /**
     * Why it cannot, for people; empty when it can.
     *
     * @throws io.dbbackup.model.BackupException DATABASE_PRIVILEGE_MISSING when the account may not ask for the place in the log
     */
    static Optional<String> obstacle(Sql sql, ServerRelease release) {
        if (!sql.truth("SELECT @@log_bin") || !sql.truth(release.vendor().mayCompare())) {
            return Optional.of("without " + release.vendor().comparesBy()
                    + " nothing but a lock proves that all sessions see the same instant");
        }
        return sql.first(
                        release.vendor().binlogStatus(release.series()),
                        row -> filter("binlog_do_db", row.getString(DO_DB)) + filter("binlog_ignore_db", row.getString(IGNORE_DB)))
                .filter(filters -> !filters.isEmpty())
                .map(filters -> "the binary log leaves databases out (" + filters.strip()
                        + "), so nothing but a lock proves that all sessions see the same instant");
    }

    private static String filter(String setting, String databases) {
        return databases == null || databases.isEmpty() ? "" : " " + setting + " = " + databases;
    }
}
