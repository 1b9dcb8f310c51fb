package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.postgresql.Sql;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the server tells of a table's changes, kept with a set so that the next backup has a hint which parts are worth a try. Never
 * proof: counters come late, are lost in a crash, and do not run on a standby.
 *
 * @param fileNode changes when the table is truncated or rewritten
 * @param pages of its heap
 * @param partPages pages of each part but the last
 * @param inserted rows inserted since the counters began
 * @param changed rows updated or deleted
 */
record TableActivity(long fileNode, long pages, long partPages, long inserted, long changed) {
    /** Name of the property of a database's manifest that holds these by oid. */
    static final String PROPERTY = "activity";

    /** Rows inserted, and rows updated or deleted, by oid. */
    static Map<Long, long[]> counters(Sql sql, List<TableListing> tables) {
        Map<Long, long[]> counters = new HashMap<>();
        sql.list(
                """
                SELECT t.oid, coalesce(pg_stat_get_tuples_inserted(t.oid), 0),
                       coalesce(pg_stat_get_tuples_updated(t.oid), 0) + coalesce(pg_stat_get_tuples_deleted(t.oid), 0)
                FROM unnest(?::oid[]) t (oid)
                """,
                row -> counters.put(row.getLong(1), new long[] {row.getLong(2), row.getLong(3)}),
                (Object) tables.stream().map(TableListing::oid).toArray(Long[]::new));
        return counters;
    }

    static TableActivity of(TableListing table, long partPages, long[] counters) {
        return new TableActivity(table.fileNode(), table.pages(), partPages, counters[0], counters[1]);
    }

    /**
     * Whether a range of pages probably holds what it held then.
     *
     * @param now the same table, today
     * @param to exclusive; -1 for the end
     */
    boolean probablyEqual(TableActivity now, long to) {
        boolean sameStorage = fileNode == now.fileNode && partPages == now.partPages && changed == now.changed;
        boolean grownBehind = to >= 0 && to < pages;
        return sameStorage && (inserted == now.inserted || inserted < now.inserted && grownBehind);
    }
}
