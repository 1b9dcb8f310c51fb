package io.dbbackup.engine.mysql.backup;

import java.time.Instant;

/**
 * Where and when a snapshot was taken.
 *
 * @param at by the server's clock
 * @param file of the binary log, empty when there is none
 * @param offset in that file, in bytes
 * @param gtid GTIDs in the binary log, empty when there are none
 * @param proof why all sessions see the same instant: {@code lock}, {@code binlog} or {@code gtid}
 * @param lockMillis how long commits were held up, in milliseconds
 */
record Position(Instant at, String file, long offset, String gtid, String proof, long lockMillis) {
    /** For people. */
    String text() {
        return ((file.isEmpty() ? "" : file + ":" + offset) + (gtid.isEmpty() ? "" : " GTID " + gtid)).strip();
    }
}
