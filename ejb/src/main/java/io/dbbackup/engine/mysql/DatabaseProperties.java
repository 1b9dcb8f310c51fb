package io.dbbackup.engine.mysql;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * What recreates a database itself, and where its snapshot is in the binary log: the {@code properties} of its manifest.
 *
 * @param vendor {@code mysql} or {@code mariadb}
 * @param options what follows the name in CREATE DATABASE
 * @param binlogFile file of the binary log, empty when the server writes none
 * @param binlogPosition byte in that file
 * @param gtid GTIDs in the binary log, empty when there are none
 * @param proof why all sessions of the snapshot saw the same instant: {@code lock}, {@code binlog} (their places in it were the
 *     same) or {@code gtid} (nothing was committed meanwhile)
 * @param lockMillis how long commits were held up for the snapshot, in milliseconds
 * @param events number of events
 * @param collations those of the database, its tables and columns; empty in older sets
 * @param spatialReferences numbers of the {@link SpatialReferences} that the definitions bring along; absent when there are none
 */
public record DatabaseProperties(
        String vendor,
        String options,
        String binlogFile,
        long binlogPosition,
        String gtid,
        String proof,
        long lockMillis,
        int events,
        List<String> collations,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Long> spatialReferences) {
    public DatabaseProperties {
        collations = collations == null ? List.of() : List.copyOf(collations);
        spatialReferences = spatialReferences == null ? List.of() : List.copyOf(spatialReferences);
    }
}
