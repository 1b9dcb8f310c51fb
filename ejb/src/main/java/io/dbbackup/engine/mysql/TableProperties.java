package io.dbbackup.engine.mysql;

import java.util.List;

/**
 * What a restore needs to know about a table beyond its rows: the {@code properties} of its manifest.
 *
 * @param engine storage engine
 * @param transactional whether its rows belong to the snapshot and are loaded in transactions; false for MyISAM, Aria and the
 *     like, whose rows are those of the moment in which they were read
 * @param versioned whether the parts hold the history of a system-versioned table, too
 * @param insert inserts one row, with a question mark for each field of a part's lines, where LOAD DATA LOCAL is off
 * @param keys keys that are built when the rows are in, as in CREATE TABLE; they are also in the blob with the definitions
 *     that follow the rows
 */
public record TableProperties(
        String engine, boolean transactional, boolean versioned, String insert, List<String> keys) {
    public TableProperties {
        keys = List.copyOf(keys);
    }
}
