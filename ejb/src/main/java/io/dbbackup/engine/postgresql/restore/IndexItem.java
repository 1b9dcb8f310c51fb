package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Builds indexes, constraints and foreign keys of tables whose data is in. Exactly once by batches, see {@link Definitions}. */
final class IndexItem {
    ItemResult execute(RestoreContext context, WorkItem item) {
        IndexTask task = item.payload(IndexTask.class);
        RestoreTarget target = RestoreTarget.of(context, task.database());
        SchemaArchive archive = SchemaArchive.of(context, task.database());
        String settings = task.beside() ? "SET max_parallel_maintenance_workers = 0;\n" : "";
        new Definitions(context, target, item, settings)
                .execute(archive, chosen(archive, task), 0, task.small() ? Definitions.BATCH : Definitions.SMALL_BATCH);
        return ItemResult.nothing();
    }

    private static List<TocEntry> chosen(SchemaArchive archive, IndexTask task) {
        Set<Long> indexes = new HashSet<>(task.indexes());
        Set<Long> constraints = new HashSet<>(task.constraints());
        return archive.entries("post-data").stream()
                .filter(TocEntry::isIndexOrConstraint)
                .filter(entry -> (entry.catalog() == TocEntry.PG_CLASS ? indexes : constraints).contains(entry.oid()))
                .toList();
    }
}
