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
 * tables and removes the markers. Idempotent: without markers of this run it was done before.
 */
final class DataFinishItem {
    ItemResult execute(RestoreContext context, WorkItem item) {
        String source = item.payload(DatabaseTask.class).database();
        RestoreTarget target = RestoreTarget.of(context, source);
        SetDatabase database = SetDatabase.of(context, source);
        try (TargetSession session = TargetSession.open(context, target.name(), "restore")) {
            if (DataOnly.ours(session.sql(), context.run())) {
                checkRows(context, target, database, session);
                for (TargetTables.Table table : TargetTables.read(session.sql(), database).tables().values()) {
                    context.cancellation().check();
                    session.sql().run("ANALYZE " + table.quoted());
                }
                session.sql().run("DROP SCHEMA " + Markers.SCHEMA + " CASCADE");
            }
            SchemaArchive.release(context, source);
            return ItemResult.of(new CreatedDatabase(target.name(), TargetDatabase.oid(session.sql(), target.name())));
        } catch (RuntimeException e) {
            context.cancellation().check();
            throw e;
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
}
