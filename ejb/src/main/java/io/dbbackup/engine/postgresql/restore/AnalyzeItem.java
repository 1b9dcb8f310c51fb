package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;
import java.util.List;

/** Collects the planner's statistics of a share of the tables, each in a transaction of its own. Idempotent. */
final class AnalyzeItem {
    /** Names in a statement. */
    private static final int MOST = 1000;

    /**
     * What ANALYZE without names takes, the catalogs among it, dealt out from the largest to the smallest. The catalogs grow
     * meanwhile, because statistics are rows of one: each share must see the same order, so they are dealt out by themselves,
     * without a look at their sizes.
     */
    private static final String SHARE =
            """
            SELECT name FROM (
                SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name,
                    pg_catalog.row_number() OVER (
                        PARTITION BY n.nspname = 'pg_catalog'
                        ORDER BY CASE WHEN n.nspname = 'pg_catalog' THEN 0 ELSE pg_catalog.pg_relation_size(c.oid) END DESC,
                            c.oid) AS position
                FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('r', 'm', 'p') AND c.relpersistence <> 't') AS tables
            WHERE position % ? = ? ORDER BY position""";

    /** Quoted names of the tables of a share, the largest first. */
    static List<String> tables(Sql sql, int share, int shares) {
        return sql.list(SHARE, row -> row.getString(1), Math.max(1, shares), share);
    }

    ItemResult execute(RestoreContext context, WorkItem item) {
        AnalyzeTask task = item.payload(AnalyzeTask.class);
        RestoreTarget target = RestoreTarget.of(context, task.database());
        try (TargetSession session = TargetSession.open(context, target.temporaryName(), "analyze")) {
            session.sql().text(
                    "SELECT pg_catalog.set_config('search_path', ?, false)",
                    SearchPath.of(SetDatabase.of(context, task.database()).properties()));
            List<String> tables = tables(session.sql(), task.share(), task.shares());
            for (int from = 0; from < tables.size(); from += MOST) {
                context.cancellation().check();
                session.sql().run(
                        "ANALYZE " + String.join(", ", tables.subList(from, Math.min(tables.size(), from + MOST))));
            }
            return ItemResult.nothing();
        }
    }
}
