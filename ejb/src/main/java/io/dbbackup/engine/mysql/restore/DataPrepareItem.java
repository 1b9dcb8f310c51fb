package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;

/**
 * Takes the place of {@link SchemaItem} for a data-only set: makes the markers, which are in the temporary database here, too,
 * and when that was confirmed deletes what the tables hold. Repeatable: nothing is loaded before it is done. A lock of the
 * server's, which goes with the session, keeps an attempt that was given up for lost from deleting what others have loaded.
 */
final class DataPrepareItem {
    private static final int SECONDS = 1;

    private DataPrepareItem() {}

    static ItemResult execute(RestoreContext context, WorkItem item) {
        RestoreTarget target = RestoreTarget.of(context, item.payload(RestoreKind.DatabaseTask.class).database());
        try (Session session = Session.open(context.target(), "", "restore");
                Cancellation.Registration stop = session.endWith(context.cancellation())) {
            Sql sql = session.sql();
            if (!sql.truth("SELECT GET_LOCK(?, ?)", target.temporaryName(), SECONDS)) {
                throw new BackupException(
                        ErrorCode.DATABASE_TABLE_LOCKED,
                        "another attempt prepares database \"" + target.name() + "\" on " + context.target(),
                        "Wait until its session on the server has ended, then restart the run.");
            }
            if (!Markers.exist(sql, target.temporaryName())
                    || !Markers.present(sql, target.temporaryName(), item.id())) {
                prepare(context, target, sql);
                Markers.take(sql, target.temporaryName(), item.id(), Markers.NO_ROWS);
            }
            return ItemResult.nothing();
        } catch (RuntimeException e) {
            context.cancellation().check();
            throw e;
        }
    }

    private static void prepare(RestoreContext context, RestoreTarget target, Sql sql) {
        Databases.dropTemporary(sql, target.temporaryName());
        sql.run("CREATE DATABASE " + Quoting.identifier(target.temporaryName()));
        sql.run("USE " + Quoting.identifier(target.temporaryName()));
        Markers.createTable(sql);
        Markers.sign(sql, target.name());
        try {
            // of two that signed at the same time at least one sees the other
            DataPreflight.requireAlone(context, target, sql);
        } catch (BackupException e) {
            if (!e.code().retryable()) {
                Databases.dropTemporary(sql, target.temporaryName());
            }
            throw e;
        }
        if (target.mayEmpty(context)) {
            sql.run("SET SESSION foreign_key_checks = 0");
            TargetTables.read(sql, target.name(), target.loadedTables(context)).empty(sql);
        }
    }
}
