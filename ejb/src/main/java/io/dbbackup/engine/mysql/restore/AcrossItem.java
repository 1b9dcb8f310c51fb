package io.dbbackup.engine.mysql.restore;

import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;

/**
 * Looks at foreign keys between databases, which nobody checks while one of them is loaded. Of a whole restore those between the database and
 * what the run did not restore, which may be of another time; within a run all is of one instant, as it was in the source. Of a data-only
 * restore those between its databases, of which tables of another time may have stayed; the others are {@link ReferencesItem}'s. Changes nothing.
 */
final class AcrossItem {
    private AcrossItem() {}

    static boolean planned(RestoreContext context) {
        // nothing else is on a server that was made for the set, whether the source has it or not
        return !context.throwaway() && (!RestoreTarget.dataOnly(context) || context.spec().databases().size() > 1);
    }

    static ItemResult execute(RestoreContext context, WorkItem item) {
        RestoreTarget target = RestoreTarget.of(context, item.payload(RestoreKind.DatabaseTask.class).database());
        boolean dataOnly = RestoreTarget.dataOnly(context);
        OrphanSearch.run(context, target, "foreign keys between databases", (from, to) -> dataOnly
                ? from.here() && !to.here() && to.inRun()
                : from.inRun() != to.inRun());
        return ItemResult.nothing();
    }
}
