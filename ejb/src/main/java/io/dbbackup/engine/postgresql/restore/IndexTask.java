package io.dbbackup.engine.postgresql.restore;

import java.util.List;

/**
 * Payload of an index item.
 *
 * @param database name in the set
 * @param indexes oids (on the source) of indexes without a constraint
 * @param constraints oids (on the source) of primary key, unique, exclusion and foreign key constraints
 * @param small whether all of them together take no time worth a checkpoint in between
 * @param beside whether the other workers have work of their own meanwhile, so that parallel workers of the server would
 *     only compete with them; absent in runs of earlier versions
 */
record IndexTask(String database, List<Long> indexes, List<Long> constraints, boolean small, boolean beside) {
    IndexTask {
        indexes = List.copyOf(indexes);
        constraints = List.copyOf(constraints);
    }
}
