package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.postgresql.PgConnections;
import io.dbbackup.engine.postgresql.PgErrors;
import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Selection;
import io.dbbackup.spi.RestoreContext;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;

/**
 * What is common to the items that load a data-only set into tables that exist. The database keeps its name, so that other
 * sessions see rows appear part by part; the marker tables lie in it until the end and name the run that they are of.
 *
 * <p>Triggers and foreign keys: as with {@code pg_restore --disable-triggers} they do not fire while rows are loaded
 * ({@code session_replication_role = replica}, which needs a superuser or, from PostgreSQL 15 on, GRANT SET on that
 * parameter). Foreign keys are looked at when everything is loaded.
 */
final class DataOnly {
    private static final String ROLE = "session_replication_role";

    private DataOnly() {}

    static boolean is(RestoreContext context) {
        return context.set().manifest().selection()
                .filter(selection -> selection.sections() == Selection.Sections.DATA)
                .isPresent();
    }

    /** Whether the session's role may keep triggers from firing. */
    static boolean mayQuieten(TargetSession session) {
        return session.sql().truth(session.major() >= 15
                ? "SELECT pg_catalog.has_parameter_privilege(current_user, '" + ROLE + "', 'SET')"
                : "SELECT pg_catalog.current_setting('is_superuser') = 'on'");
    }

    /** Keeps triggers and foreign keys from firing in this session, if it may. */
    static void quieten(TargetSession session) {
        if (mayQuieten(session)) {
            session.sql().run("SET " + ROLE + " = replica");
        }
    }

    /** Marks the marker tables as those of a run; in the transaction that creates them. */
    static void sign(Sql sql, UUID run) {
        sql.run("COMMENT ON SCHEMA " + Markers.SCHEMA + " IS 'dbbackup run " + run + "'");
    }

    /** Of which run the marker tables are, as {@link #sign} wrote it; empty text when there are none. */
    static String signature(Sql sql) {
        return sql.text("SELECT coalesce(pg_catalog.obj_description(oid, 'pg_namespace'), 'unknown')"
                + " FROM pg_catalog.pg_namespace WHERE nspname = '" + Markers.SCHEMA + "'");
    }

    static boolean ours(Sql sql, UUID run) {
        return signature(sql).equals("dbbackup run " + run);
    }

    /**
     * Drops the marker tables in a database if they are those of the run; a database that is gone has none.
     *
     * @return whether there were any
     * @throws BackupException DATABASE_STATEMENT_FAILED when an attempt that was given up for lost still works on them; of the
     *     server
     */
    static boolean discard(Endpoint target, UUID run, String database) {
        try (Connection connection = PgConnections.open(target, database, "discard")) {
            Sql sql = new Sql(connection, target);
            if (!ours(sql, run)) {
                return false;
            }
            sql.run("SET lock_timeout = '60s'");
            sql.run("DROP SCHEMA " + Markers.SCHEMA + " CASCADE");
            return true;
        } catch (SQLException e) {
            throw PgErrors.translate(e, target, "dropping the marks of a restore");
        } catch (BackupException e) {
            if (e.code() == ErrorCode.UNKNOWN_DATABASE) {
                return false;
            }
            throw e;
        }
    }
}
