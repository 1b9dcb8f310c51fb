package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.postgresql.Quoting;
import io.dbbackup.model.BackupException;
import io.dbbackup.spi.RestoreContext;
import java.util.Set;
import java.util.TreeSet;

/**
 * Providers of security labels that the target's server has not loaded. No catalog lists those that are; each is tried on
 * an object of the session's own, in a transaction that comes to nothing.
 */
record LabelProviders(Set<String> names) implements AutoCloseable {
    static final String KEY = "pg.restore.labels/";
    private static final String TRIED = "dbbackup_label";

    static LabelProviders missing(RestoreContext context, Set<String> providers) {
        Set<String> missing = new TreeSet<>();
        try (TargetSession session = TargetSession.maintenance(context, "restore")) {
            for (String provider : providers) {
                try {
                    session.transaction(() -> {
                        session.sql().run("CREATE TEMP TABLE " + TRIED + " () ON COMMIT DROP");
                        session.sql().run("SECURITY LABEL FOR " + Quoting.identifier(provider) + " ON TABLE pg_temp."
                                + TRIED + " IS NULL");
                    });
                } catch (BackupException e) {
                    if (e.code().retryable()) {
                        throw e;
                    }
                    missing.add(provider);
                }
            }
        }
        return new LabelProviders(Set.copyOf(missing));
    }

    @Override
    public void close() {}
}
