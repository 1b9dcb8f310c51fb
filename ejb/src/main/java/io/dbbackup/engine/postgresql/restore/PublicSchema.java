package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.postgresql.DatabaseProperties;
import io.dbbackup.engine.postgresql.PgTools;
import io.dbbackup.spi.RestoreContext;
import java.util.List;

/**
 * Makes the schema {@code public} of a new database what the archive takes it for. pg_dump says nothing about a schema
 * that was dropped, and tells privileges as differences to what a new database of its own version has: since 15 not
 * everybody may create objects there.
 */
final class PublicSchema {
    private static final int CLOSED = 15;

    private PublicSchema() {}

    static void prepare(RestoreContext context, TargetSession session, DatabaseProperties properties) {
        TargetDatabase.applyOrWarn(context, session.sql(), statements(
                properties.publicDropped(),
                context.spec().owners(),
                PgTools.archiveMajor(context.set().manifest().server()),
                session.major()));
    }

    private static List<String> statements(boolean dropped, boolean privileges, int archive, int target) {
        if (dropped) {
            return List.of("DROP SCHEMA IF EXISTS public");
        }
        if (!privileges || archive < CLOSED == target < CLOSED) {
            return List.of();
        }
        return List.of(target < CLOSED
                ? "REVOKE CREATE ON SCHEMA public FROM PUBLIC"
                : "GRANT CREATE ON SCHEMA public TO PUBLIC");
    }
}
