package io.dbbackup.engine.mysql.restore;

import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.LogicalBackup;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;

/**
 * Looks at foreign keys between databases, which nobody checks while these are loaded. Of a whole restore those between the database and
 * what the run did not restore, which may be of another time; of a data-only restore these are {@link ReferencesItem}'s. Those between
 * databases of the run where they may be of several times, too. Changes nothing.
 */
final class AcrossItem {
    private AcrossItem() {}

    static boolean planned(RestoreContext context) {
        // nothing else is on a server that was made for the set, whether the source has it or not
        return !context.throwaway() && (!RestoreTarget.dataOnly(context) || together(context));
    }

    /** Whether databases of the run may be of several times: the set's are, or tables that a data-only set does not have. */
    static boolean together(RestoreContext context) {
        return context.spec().whole().size() > 1
                && (RestoreTarget.dataOnly(context) || !context.set().manifest().consistency().equals(LogicalBackup.INSTANCE));
    }

    static ItemResult execute(RestoreContext context, WorkItem item) {
        RestoreTarget target = RestoreTarget.of(context, item.payload(RestoreKind.DatabaseTask.class).database());
        boolean whole = !RestoreTarget.dataOnly(context);
        boolean together = together(context);
        OrphanSearch.run(context, item, target, "foreign keys between databases", (from, to) ->
                whole && from.inRun() != to.inRun() || together && from.here() && !to.here() && to.inRun());
        return ItemResult.nothing();
    }
}
