package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;

/** Collects the planner's statistics, table by table in transactions of their own. Idempotent. */
final class AnalyzeItem {
    ItemResult execute(RestoreContext context, WorkItem item) {
        String source = item.payload(DatabaseTask.class).database();
        RestoreTarget target = RestoreTarget.of(context, source);
        try (TargetSession session = TargetSession.open(context, target.temporaryName(), "analyze")) {
            session.sql().text(
                    "SELECT pg_catalog.set_config('search_path', ?, false)",
                    SearchPath.of(SetDatabase.of(context, source).properties()));
            session.sql().run("ANALYZE");
            return ItemResult.nothing();
        } catch (RuntimeException e) {
            context.cancellation().check();
            throw e;
        }
    }
}
