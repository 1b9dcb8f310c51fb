package io.dbbackup.engine.mysql.restore;

import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;
import java.util.Set;
import java.util.TreeSet;

/**
 * Looks at the foreign keys from and to the tables that a data-only set was loaded into, since they were not checked
 * meanwhile; those between databases of the run are left to {@link AcrossItem}. Rows without what they refer to stay, with a warning:
 * they are the rows of the set. Changes nothing.
 */
final class ReferencesItem {
    private ReferencesItem() {}

    static ItemResult execute(RestoreContext context, WorkItem item) {
        RestoreTarget target = RestoreTarget.of(context, item.payload(RestoreKind.DatabaseTask.class).database());
        // the target may have changed their case
        Set<String> loaded = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        target.manifest(context).tables().stream().map(TableManifest::name).forEach(loaded::add);
        OrphanSearch.run(context, item, target, "foreign keys", (from, to) ->
                (from.here() && loaded.contains(from.table().name()) || to.here() && loaded.contains(to.table().name()))
                        && (from.here() && to.here() || !from.inRun() || !to.inRun()));
        return ItemResult.nothing();
    }
}
