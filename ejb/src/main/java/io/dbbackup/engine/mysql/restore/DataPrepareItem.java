package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;

/**
 * Takes the place of {@link SchemaItem} for a data-only set: makes the markers, which are in the temporary database here, too,
 * suspends the triggers that would fire, and when that was confirmed deletes what the tables hold, which go on counting where they were.
 * Repeatable: nothing is loaded before it is done. The lock of {@link Attempts} keeps an attempt that was given up for lost from deleting
 * what others have loaded.
 */
final class DataPrepareItem {
    private DataPrepareItem() {}

    static ItemResult execute(RestoreContext context, WorkItem item) {
        RestoreTarget target = RestoreTarget.of(context, item.payload(RestoreKind.DatabaseTask.class).database());
        try (Session session = Session.open(context.target(), "", "restore");
                Cancellation.Registration stop = session.endWith(context.cancellation())) {
            Sql sql = session.sql();
            Attempts.requireOnly(sql, target.temporaryName(), target.name());
            if (!Markers.exist(sql, target.temporaryName())
                    || !Markers.present(sql, target.temporaryName(), item.id())) {
                prepare(context, target, sql);
                Markers.take(sql, target.temporaryName(), item.id(), Markers.NO_ROWS);
            }
            return ItemResult.nothing();
        } catch (RuntimeException e) {
            throw Markers.explained(context, target, e);
        }
    }

    private static void prepare(RestoreContext context, RestoreTarget target, Sql sql) {
        SuspendedTriggers triggers = new SuspendedTriggers(context.target(), sql, target.temporaryName());
        TargetTables tables = TargetTables.read(sql, target.name(), target.loadedTables(context));
        if (TriggerRecord.exists(sql, target.temporaryName()) || TargetCounters.noted(sql, target.temporaryName())) {
            // somebody died while the triggers were dropped, or tables emptied
            triggers.requireOf(context.run());
            if (!TriggerRecord.exists(sql, target.temporaryName())) {
                // a discard that was killed, too, has created them again
                triggers.note(context, tables);
            }
        } else {
            begin(context, target, sql, triggers, tables);
        }
        target.loadedTables(context).forEach(table -> ZonedTable.warnOfUtc(context, table));
        triggers.drop();
        SuspendedTriggers.requireNone(context, sql, target, tables);
        if (target.mayEmpty(context)) {
            sql.run("SET SESSION foreign_key_checks = 0");
            if (!TargetCounters.noted(sql, target.temporaryName())) {
                TargetCounters.note(sql, target.temporaryName(), tables);
            }
            tables.empty(sql, table -> TargetCounters.raise(sql, target.temporaryName(), target.name(), table));
            TargetCounters.keep(sql, target.temporaryName(), target.name(), context::warn);
        }
    }

    private static void begin(
            RestoreContext context, RestoreTarget target, Sql sql, SuspendedTriggers triggers, TargetTables tables) {
        Databases.dropTemporary(sql, target.temporaryName());
        Databases.createLike(sql, target.temporaryName(), target.name());
        sql.run("USE " + Quoting.identifier(target.temporaryName()));
        try {
            Markers.createTable(sql, target.temporaryName());
            Markers.sign(sql, target.temporaryName(), target.name());
            // of two that signed at the same time at least one sees the other
            DataPreflight.requireAlone(context, target, sql);
            triggers.note(context, tables);
        } catch (BackupException e) {
            if (!e.code().retryable() && !TriggerRecord.exists(sql, target.temporaryName())) {
                Databases.dropTemporary(sql, target.temporaryName());
            }
            throw e;
        }
    }
}
