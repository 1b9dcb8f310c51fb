package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;

/**
 * Takes the place of {@link SchemaItem} for a data-only set: makes the marker tables in a database that exists and, when that
 * was confirmed, deletes what its tables hold. Exactly once: all of it is one transaction, but for large objects, which are
 * deleted before.
 */
final class PrepareItem {
    ItemResult execute(RestoreContext context, WorkItem item) {
        RestoreTarget target = RestoreTarget.of(context, item.payload(DatabaseTask.class).database());
        boolean confirmed = context.spec().clean() && context.spec().confirmed().contains(target.name());
        long oid;
        try (TargetSession session = TargetSession.open(context, target.name(), "restore")) {
            oid = TargetDatabase.oid(session.sql(), target.name());
            if (!DataOnly.ours(session.sql(), context.run())) {
                if (confirmed && LargeObjects.inSet(context, target.source())) {
                    LargeObjects.unlinkAll(context, session.sql());
                }
                DataOnly.quieten(session);
                TargetTables tables = TargetTables.read(session.sql(), SetDatabase.of(context, target.source()));
                session.transaction(() -> {
                    Markers.createTables(session.sql());
                    DataOnly.sign(session.sql(), context.run());
                    if (confirmed) {
                        tables.empty(session.sql());
                    }
                    Markers.take(session.sql(), item.id(), 0, 0);
                });
            }
        }
        return ItemResult.of(new CreatedDatabase(target.name(), oid));
    }
}
