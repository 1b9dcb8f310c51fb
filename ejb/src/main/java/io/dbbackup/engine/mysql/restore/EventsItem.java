package io.dbbackup.engine.mysql.restore;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Plural;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.TableComparison;
import io.dbbackup.spi.WorkItem;
import java.util.ArrayList;
import java.util.List;

/**
 * Creates the events of a database, when nothing is left that they could disturb: an event may act as soon as it exists, perhaps on
 * another database. So none is created while a table of any database of the run is not what it is in the set.
 */
final class EventsItem {
    private static final int SHOWN = 10;

    private EventsItem() {}

    static ItemResult execute(RestoreContext context, WorkItem item) {
        RestoreTarget target = RestoreTarget.of(context, item.payload(RestoreKind.DatabaseTask.class).database());
        List<String> different = context.hold("mysql.restore.differences", Differences.class, () -> Differences.of(context)).tables;
        if (!different.isEmpty()) {
            throw new BackupException(
                    ErrorCode.FINGERPRINT_MISMATCH,
                    "no events were created in database \"" + target.name() + "\" on " + context.target() + ", since "
                            + Plural.of(different.size(), "restored table differs", "restored tables differ") + " from the set: "
                            + String.join("; ", different.subList(0, Math.min(SHOWN, different.size()))),
                    "Find out who wrote to these tables, then restore again; or create the events yourself, which are in the set's"
                            + " after-data.sql.");
        }
        new AfterData(context, target, true).events();
        return ItemResult.nothing();
    }

    /** What the comparisons of the run have found; all are done when the first events item begins. */
    private record Differences(List<String> tables) implements AutoCloseable {
        static Differences of(RestoreContext context) {
            List<String> tables = new ArrayList<>();
            for (RestoreTarget target : RestoreTarget.all(context)) {
                context.results(target.entry().name(), RestoreKind.COMPARE, done -> {
                    TableComparison table = done.result(TableComparison.class);
                    if (!table.equal()) {
                        tables.add("table " + table.table() + " of database \"" + target.name() + "\"");
                    }
                });
            }
            return new Differences(tables);
        }

        @Override
        public void close() {
            // a value; nothing to close
        }
    }
}
