package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;

/**
 * Takes the place of {@link SchemaItem} for a data-only set: makes the markers, which are in the temporary database here, too,
 * and when that was confirmed deletes what the tables hold. Repeatable: nothing is loaded before it is done.
 */
final class DataPrepareItem {
    private DataPrepareItem() {}

    static ItemResult execute(RestoreContext context, WorkItem item) {
        RestoreTarget target = RestoreTarget.of(context, item.payload(RestoreKind.DatabaseTask.class).database());
        try (Session server = Session.open(context.target(), "", "restore")) {
            if (Databases.exists(server.sql(), target.temporaryName())
                    && Markers.present(server.sql(), target.temporaryName(), item.id())) {
                return ItemResult.nothing();
            }
            Databases.dropTemporary(server.sql(), target.temporaryName());
            server.sql().run("CREATE DATABASE " + Quoting.identifier(target.temporaryName()));
        }
        try (Session session = Session.open(context.target(), target.temporaryName(), "restore");
                Cancellation.Registration stop = session.endWith(context.cancellation())) {
            Sql sql = session.sql();
            Markers.createTable(sql);
            Markers.sign(sql, target.name());
            if (context.spec().clean() && context.spec().confirmed().contains(target.name())) {
                sql.run("SET SESSION foreign_key_checks = 0");
                TargetTables.read(sql, target.name(), target.manifest(context).tables()).empty(sql);
            }
            Markers.take(sql, target.temporaryName(), item.id(), Markers.NO_ROWS);
            return ItemResult.nothing();
        } catch (RuntimeException e) {
            context.cancellation().check();
            throw e;
        }
    }
}
