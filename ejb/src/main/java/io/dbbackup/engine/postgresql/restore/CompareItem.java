package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.TableComparison;
import io.dbbackup.spi.WorkItem;
import java.util.List;

/** Reads a restored table in the format of its parts and compares its fingerprint with the set's. Changes nothing. */
final class CompareItem {
    ItemResult execute(RestoreContext context, WorkItem item, Progress progress) {
        CompareTask task = item.payload(CompareTask.class);
        RestoreTarget target = RestoreTarget.of(context, task.database());
        SetDatabase database = SetDatabase.of(context, task.database());
        TableManifest table = database.manifest().tables().get(task.table());
        try (TargetSession session = TargetSession.open(context, target.name(), "compare")) {
            TableReading reading =
                    new TableReading(context, session, table, progress).read(database.properties().encoding());
            return new ItemResult(
                    // no rows: the run's count is that of the rows restored
                    reading.bytes(), 0, 0,
                    new TableComparison(
                            task.database(), table.schema(), table.name(), table.content(), reading.found()),
                    List.of());
        }
    }
}
