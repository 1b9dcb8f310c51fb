package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.postgresql.PgProcess;
import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;
import java.util.Set;

/**
 * Creates the database under its temporary name and everything in it that comes before the data. Idempotent by starting
 * again: a database without this item's marker is dropped, which is safe since nobody but this run knows its name.
 *
 * <p>Not one transaction: a database of ten thousand tables would exhaust the server's table of locks. Statements
 * commit without waiting for the disk; the commit of the marker is synchronous and covers them all.
 */
final class SchemaItem {
    ItemResult execute(RestoreContext context, WorkItem item) {
        RestoreTarget target = RestoreTarget.of(context, item.payload(DatabaseTask.class).database());
        SetDatabase database = SetDatabase.of(context, target.source());
        try (TargetSession maintenance = TargetSession.maintenance(context, "restore")) {
            long oid = TargetDatabase.oid(maintenance.sql(), target.temporaryName());
            if (oid != 0 && complete(context, target, item)) {
                return ItemResult.of(new CreatedDatabase(target.temporaryName(), oid));
            }
            TargetDatabase.dropTemporary(maintenance.sql(), target.temporaryName());
            TargetDatabase.create(context, maintenance, target, database.properties());
            fill(context, item, target, maintenance.major());
            return ItemResult.of(new CreatedDatabase(
                    target.temporaryName(), TargetDatabase.oid(maintenance.sql(), target.temporaryName())));
        }
    }

    private static boolean complete(RestoreContext context, RestoreTarget target, WorkItem item) {
        try (TargetSession session = TargetSession.open(context, target.temporaryName(), "restore")) {
            return Markers.tablesExist(session.sql()) && Markers.present(session.sql(), item.id(), 0);
        }
    }

    private static void fill(RestoreContext context, WorkItem item, RestoreTarget target, int major) {
        SchemaArchive archive = SchemaArchive.of(context, target.source());
        try (TargetSession session = TargetSession.open(context, target.temporaryName(), "restore")) {
            PublicSchema.prepare(
                    context, session, SetDatabase.of(context, target.source()).properties());
        }
        Definitions definitions = new Definitions(context, target, item);
        Set<String> missing = definitions.missingTablespaces(archive);
        if (!missing.isEmpty()) {
            context.warn("the target has no tablespace " + String.join(", ", missing) + ": everything of database \""
                    + target.source() + "\" goes to its default tablespace");
        }
        Set<String> providers = definitions.missingLabelProviders(archive);
        if (!providers.isEmpty()) {
            context.warn("the target has not loaded the security label provider " + String.join(", ", providers)
                    + ": database \"" + target.source() + "\" was restored without security labels");
        }
        try (PgProcess script = archive.section("pre-data", definitions.options(archive))) {
            new ScriptRun(context, archive.tools(), target.temporaryName(), item.label())
                    .execute(Definitions.settings(context, target, major, false), script, "");
        }
        try (TargetSession session = TargetSession.open(context, target.temporaryName(), "restore")) {
            Sql sql = session.sql();
            session.transaction(() -> {
                Markers.createTables(sql);
                CheckConstraints.putAside(sql);
                Markers.take(sql, item.id(), 0, 0);
            });
        }
    }
}
