package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;
import java.util.List;

/** Collects the planner's statistics of a share of the tables, each in a transaction of its own. Idempotent. */
final class AnalyzeItem {
    /** Names in a statement. */
    private static final int MOST = 1000;

    /** What ANALYZE without names takes, the catalogs among it, dealt out from the largest to the smallest. */
    private static final String SHARE =
            """
            SELECT name FROM (
                SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name,
                    pg_catalog.row_number() OVER (ORDER BY pg_catalog.pg_relation_size(c.oid) DESC, c.oid) AS position
                FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('r', 'm', 'p') AND c.relpersistence <> 't') AS tables
            WHERE position % ? = ? ORDER BY position""";

    ItemResult execute(RestoreContext context, WorkItem item) {
        AnalyzeTask task = item.payload(AnalyzeTask.class);
        RestoreTarget target = RestoreTarget.of(context, task.database());
        try (TargetSession session = TargetSession.open(context, target.temporaryName(), "analyze")) {
            session.sql().text(
                    "SELECT pg_catalog.set_config('search_path', ?, false)",
                    SearchPath.of(SetDatabase.of(context, task.database()).properties()));
            List<String> tables = session.sql().list(
                    SHARE, row -> row.getString(1), Math.max(1, task.shares()), task.share());
            for (int from = 0; from < tables.size(); from += MOST) {
                context.cancellation().check();
                session.sql().run(
                        "ANALYZE " + String.join(", ", tables.subList(from, Math.min(tables.size(), from + MOST))));
            }
            return ItemResult.nothing();
        } catch (RuntimeException e) {
            context.cancellation().check();
            throw e;
        }
    }
}
