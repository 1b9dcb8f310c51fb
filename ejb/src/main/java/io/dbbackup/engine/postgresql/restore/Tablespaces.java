package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.spi.RestoreContext;
import java.util.Set;

/** Tablespaces of the target, read once per execution after the globals were restored. */
record Tablespaces(Set<String> names) implements AutoCloseable {
    static final String KEY = "pg.restore.tablespaces";

    static Tablespaces read(RestoreContext context) {
        try (TargetSession session = TargetSession.maintenance(context, "restore")) {
            return new Tablespaces(Set.copyOf(
                    session.sql().list("SELECT spcname FROM pg_catalog.pg_tablespace", row -> row.getString(1))));
        }
    }

    @Override
    public void close() {}
}
