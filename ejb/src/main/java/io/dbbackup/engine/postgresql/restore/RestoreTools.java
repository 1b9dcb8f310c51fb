package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.postgresql.PgTools;
import io.dbbackup.spi.RestoreContext;

/** The programs that restore this set into this target, looked for once per execution. */
record RestoreTools(PgTools tools) implements AutoCloseable {
    private static final String KEY = "pg.restore.tools";

    /** @throws io.dbbackup.model.BackupException TOOL_MISSING, TOOL_TOO_OLD, of the connection */
    static PgTools of(RestoreContext context) {
        return context.hold(KEY, RestoreTools.class, () -> find(context)).tools;
    }

    private static RestoreTools find(RestoreContext context) {
        try (TargetSession session = TargetSession.maintenance(context, "restore")) {
            return new RestoreTools(PgTools.find(
                    context.target(), PgTools.archiveMajor(context.set().manifest().server()), session.major()));
        }
    }

    @Override
    public void close() {}
}
