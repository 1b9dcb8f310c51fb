package io.dbbackup.engine.mysql;

/**
 * What recreates a database itself, and where its snapshot is in the binary log: the {@code properties} of its manifest.
 *
 * @param vendor {@code mysql} or {@code mariadb}
 * @param options what follows the name in CREATE DATABASE
 * @param afterData name of the blob with the definitions that follow the rows
 * @param binlogFile file of the binary log, empty when the server writes none
 * @param binlogPosition byte in that file
 * @param gtid GTIDs in the binary log, empty when there are none
 * @param lockMillis how long commits were held up for the snapshot, in milliseconds
 */
public record DatabaseProperties(
        String vendor,
        String options,
        String afterData,
        String binlogFile,
        long binlogPosition,
        String gtid,
        long lockMillis) {}
