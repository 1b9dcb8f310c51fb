package io.dbbackup.engine.mysql.restore;

import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;

/** Creates the events of a database, when nothing is left that they could disturb: an event may act as soon as it exists. */
final class EventsItem {
    private EventsItem() {}

    static ItemResult execute(RestoreContext context, WorkItem item) {
        DatabaseEntry entry = RestoreTarget.of(context, item.payload(RestoreKind.DatabaseTask.class).database()).entry();
        try {
            new AfterData(context, RestoreTarget.of(context, entry.name()), true).events();
            return ItemResult.nothing();
        } catch (RuntimeException e) {
            context.cancellation().check();
            throw e;
        }
    }
}
