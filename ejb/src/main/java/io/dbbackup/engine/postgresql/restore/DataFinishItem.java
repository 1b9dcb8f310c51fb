package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;
import java.util.OptionalLong;

/**
 * Ends the restore of a data-only set into a database: counts what the markers say, collects the planner's statistics of the
 * tables and removes the markers. Idempotent: markers that are gone although this execution has not removed them may have been
 * removed by one that was killed right then, which a first attempt rules out.
 */
final class DataFinishItem {
    ItemResult execute(RestoreContext context, WorkItem item) {
        String source = item.payload(DatabaseTask.class).database();
        RestoreTarget target = RestoreTarget.of(context, source);
        SetDatabase database = SetDatabase.of(context, source);
        try (TargetSession session = TargetSession.open(context, target.name(), "restore")) {
            boolean marked = DataOnly.ours(session.sql(), context.run());
            Ended ended = context.hold(Ended.KEY + target.number(), Ended.class, Ended::new);
            if (marked) {
                checkRows(context, target, database, session);
            } else if (!ended.here()) {
                withoutMarkers(context, target, item);
            }
            if (!ended.here()) {
                for (TargetTables.Table table : TargetTables.read(session.sql(), database).tables().values()) {
                    context.cancellation().check();
                    session.sql().run("ANALYZE " + table.quoted());
                }
            }
            if (marked) {
                session.sql().run("DROP SCHEMA " + Markers.SCHEMA + " CASCADE");
            }
            ended.now();
            SchemaArchive.release(context, source);
            return ItemResult.of(new CreatedDatabase(target.name(), TargetDatabase.oid(session.sql(), target.name())));
        }
    }

    private static void checkRows(
            RestoreContext context, RestoreTarget target, SetDatabase database, TargetSession session) {
        OptionalLong found = Markers.rows(session.sql());
        long expected =
                database.manifest().tables().stream().map(TableManifest::content).mapToLong(c -> c.rows()).sum();
        if (found.orElse(-1) != expected) {
            throw new BackupException(
                    ErrorCode.ROW_COUNT_MISMATCH,
                    "database \"" + target.name() + "\" took " + found.orElse(0) + " rows on " + context.target()
                            + ", the set has " + expected,
                    "The target lost committed data, as a server without fsync does in a crash: start a new restore.");
        }
    }

    private static void withoutMarkers(RestoreContext context, RestoreTarget target, WorkItem item) {
        String cause = "the schema " + Markers.SCHEMA + " of this run is not in database \"" + target.name() + "\" on "
                + context.target() + " any more, so that nothing proves that all rows were loaded";
        if (item.attempt() == 1) {
            throw new BackupException(
                    ErrorCode.ROW_COUNT_MISMATCH,
                    cause,
                    "Somebody has dropped it, or the database was replaced: start a new restore, with clean.");
        }
        context.warn(cause + ": an earlier execution was killed when it had done everything, or somebody has dropped it");
    }

    /** Whether this execution of the run has itself removed the markers of a database. */
    private static final class Ended implements AutoCloseable {
        private static final String KEY = "pg.restore.ended/";

        private volatile boolean here;

        boolean here() {
            return here;
        }

        void now() {
            here = true;
        }

        @Override
        public void close() {
            // a value; nothing to close
        }
    }
}
