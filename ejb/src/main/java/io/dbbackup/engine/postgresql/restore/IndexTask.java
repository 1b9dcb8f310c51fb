package io.dbbackup.engine.postgresql.restore;

import java.util.List;

/**
 * Payload of an index item.
 *
 * @param database name in the set
 * @param indexes oids (on the source) of indexes without a constraint
 * @param constraints oids (on the source) of primary key, unique, exclusion and foreign key constraints
 * @param small whether all of them together take no time worth a checkpoint in between
 */
record IndexTask(String database, List<Long> indexes, List<Long> constraints, boolean small) {
    IndexTask {
        indexes = List.copyOf(indexes);
        constraints = List.copyOf(constraints);
    }
}
