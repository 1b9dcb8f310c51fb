package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Session;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;

/**
 * Drops the temporary database when the catalog has it that the database is finished; until then its marker alone proves that.
 * Repeatable.
 */
final class RemoveItem {
    private RemoveItem() {}

    static ItemResult execute(RestoreContext context, WorkItem item) {
        RestoreTarget target = RestoreTarget.of(context, item.payload(RestoreKind.DatabaseTask.class).database());
        Sessions.spareOne(context);
        try (Session session = Session.open(context.target(), "", "restore");
                Cancellation.Registration stop = session.endWith(context.cancellation())) {
            Attempts.requireOnly(session.sql(), target.temporaryName(), target.name());
            Databases.dropTemporary(session.sql(), target.temporaryName());
            return ItemResult.nothing();
        }
    }
}
