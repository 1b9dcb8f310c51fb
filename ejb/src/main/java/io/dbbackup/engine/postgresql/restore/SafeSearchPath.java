package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.RestoreContext;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/**
 * Since PostgreSQL 17 whatever builds an index or fills a materialized view does so with {@code search_path = pg_catalog,
 * pg_temp} (release notes of 17, "Change functions to use a safe search_path during maintenance operations"). A function
 * that finds its tables by the database's search_path worked there on the source and cannot on such a target, whoever
 * restores: the object is left out with a warning, and everything else is restored. Only what says that a name was not found
 * is taken for that; whatever else keeps an index from being built fails the restore.
 */
final class SafeSearchPath {
    private static final int SINCE = 17;
    /** Unknown schema, table, column, function or operator, and type or other object. */
    private static final Set<String> UNKNOWN_NAME = Set.of("3F000", "42P01", "42703", "42883", "42704");
    private static final String NOT_POPULATED = "55000";

    private SafeSearchPath() {}

    /** Whether the target has that rule and the source had not. */
    static boolean newSince(RestoreContext context) {
        return context.set().manifest().server().major() < SINCE
                && context.hold(TargetMajor.KEY, TargetMajor.class, () -> TargetMajor.ask(context)).major() >= SINCE;
    }

    static boolean mayFail(List<TocEntry> batch) {
        return batch.size() == 1 && mayFail(batch.get(0));
    }

    static boolean mayFail(TocEntry entry) {
        return entry.is("MATERIALIZED VIEW DATA") || entry.isIndexOrConstraint() && entry.is("INDEX")
                || entry.is("COMMENT") && entry.text().contains(" INDEX ");
    }

    /** @param leftOut whether something else of the database was left out, which a materialized view may read */
    static boolean explains(BackupException e, boolean leftOut) {
        return e.code() == ErrorCode.DATABASE_STATEMENT_FAILED
                && e.getCause() instanceof SQLException sql
                && (UNKNOWN_NAME.contains(sql.getSQLState()) || leftOut && NOT_POPULATED.equals(sql.getSQLState()));
    }

    static void warn(RestoreContext context, RestoreTarget target, TocEntry entry, BackupException e) {
        context.warn("database \"" + target.source() + "\": " + entry.text() + " was left out: " + e.problem().cause()
                + ". Functions in indexes and materialized views must have a search_path of their own since PostgreSQL "
                + SINCE + ": ALTER FUNCTION … SET search_path = …, then create the index or refresh the view");
    }

    /** Asked once per execution. */
    private record TargetMajor(int major) implements AutoCloseable {
        private static final String KEY = "pg.restore.major";

        static TargetMajor ask(RestoreContext context) {
            try (TargetSession session = TargetSession.maintenance(context, "restore")) {
                return new TargetMajor(session.major());
            }
        }

        @Override
        public void close() {}
    }
}
