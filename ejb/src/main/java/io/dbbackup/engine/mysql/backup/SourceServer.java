package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.Vendor;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;

/**
 * Which server a session has come to. A balancer, or a name with several addresses, may lead each one to another server: no lock holds
 * for all of them then, and no position is that of all snapshots.
 *
 * @param text tells it from others, for people
 */
record SourceServer(String text) {
    static final String REMEDY = "Give host and port of one server itself, not of a balancer, of a whole cluster or a name with several"
            + " addresses.";

    static SourceServer of(Sql sql, Vendor vendor) {
        return new SourceServer(sql.text(vendor.server()));
    }

    /** @throws BackupException DATABASE_POOLER_DETECTED when a session is on another server */
    void require(Sql sql, Vendor vendor) {
        SourceServer other = of(sql, vendor);
        if (!equals(other)) {
            throw new BackupException(
                    ErrorCode.DATABASE_POOLER_DETECTED,
                    sql.endpoint() + " leads to several servers, whose snapshots are not of one instant: " + text + " and " + other.text,
                    REMEDY);
        }
    }
}
