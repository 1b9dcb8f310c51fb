package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.postgresql.Quoting;
import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.spi.RestoreContext;
import java.util.List;

/**
 * Puts aside CHECK constraints (of tables and domains) that call functions or operators which are not built in: such a
 * function may look into a table that is not loaded yet, or find it by a search path, and the rows would be refused.
 * They come back after all data, first without looking at the rows and then validated. Rows that violate a constraint
 * which the source called valid stay, with a warning: they are the source's rows.
 */
final class CheckConstraints {
    /** Constraints without a parent among the tables; removing them removes those of their children too. */
    private static final String FIND = """
            SELECT c.oid, c.conname, pg_catalog.pg_get_constraintdef(c.oid), c.convalidated,
                   pg_catalog.obj_description(c.oid, 'pg_constraint'),
                   CASE WHEN c.contypid = 0
                        THEN 'TABLE ' || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(r.relname)
                        ELSE 'DOMAIN ' || pg_catalog.quote_ident(dn.nspname) || '.' || pg_catalog.quote_ident(d.typname)
                   END
            FROM pg_catalog.pg_constraint c
            LEFT JOIN pg_catalog.pg_class r ON r.oid = c.conrelid
            LEFT JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
            LEFT JOIN pg_catalog.pg_type d ON d.oid = c.contypid
            LEFT JOIN pg_catalog.pg_namespace dn ON dn.oid = d.typnamespace
            WHERE c.contype = 'c' AND c.coninhcount = 0
              AND EXISTS (SELECT FROM pg_catalog.pg_depend p
                          WHERE p.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND p.objid = c.oid
                            AND p.refclassid IN ('pg_catalog.pg_proc'::pg_catalog.regclass,
                                                 'pg_catalog.pg_operator'::pg_catalog.regclass)
                            AND p.refobjid >= 16384)
              AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                              WHERE e.deptype = 'e' AND e.objid = coalesce(nullif(c.conrelid, 0), c.contypid))
            ORDER BY c.oid
            """;

    private record Found(String name, String definition, boolean validated, String comment, String owner) {}

    private record Deferred(int position, String name, String add, String validate, String comment) {}

    private CheckConstraints() {}

    /** Removes them, remembering how they come back. In the caller's transaction. */
    static void putAside(Sql sql) {
        int position = 0;
        for (List<Found> some = find(sql); !some.isEmpty(); some = find(sql)) {
            // a child's own constraint of the same name shows up only after its parent's is gone: hence the loop
            for (Found found : some) {
                String alter = "ALTER " + found.owner + " ";
                String name = "CONSTRAINT " + Quoting.identifier(found.name);
                String definition = found.definition.replaceFirst(" NOT VALID$", "");
                sql.run(alter + "DROP " + name);
                sql.update(
                        "INSERT INTO " + Markers.SCHEMA + ".deferred_check VALUES (?, ?, ?, ?, ?)",
                        position++,
                        found.name + " on " + found.owner.substring(found.owner.indexOf(' ') + 1),
                        alter + "ADD " + name + " " + definition + " NOT VALID",
                        found.validated ? alter + "VALIDATE " + name : null,
                        found.comment == null ? null : comment(found));
            }
        }
    }

    private static String comment(Found found) {
        boolean table = found.owner.startsWith("TABLE ");
        return "COMMENT ON CONSTRAINT " + Quoting.identifier(found.name) + " ON "
                + (table ? found.owner.substring("TABLE ".length()) : found.owner) + " IS "
                + Quoting.literal(found.comment);
    }

    private static List<Found> find(Sql sql) {
        return sql.list(FIND, row -> new Found(
                row.getString(2), row.getString(3), row.getBoolean(4), row.getString(5), row.getString(6)));
    }

    /** Brings them back, each in its own transaction: children before their parents, which then merge with them. */
    static void bringBack(RestoreContext context, TargetSession session) {
        Sql sql = session.sql();
        List<Deferred> all = sql.list(
                "SELECT position, name, add_sql, validate_sql, comment_sql FROM " + Markers.SCHEMA
                        + ".deferred_check ORDER BY position DESC",
                row -> new Deferred(
                        row.getInt(1), row.getString(2), row.getString(3), row.getString(4), row.getString(5)));
        for (Deferred check : all) {
            context.cancellation().check();
            try {
                session.transaction(() -> bringBack(sql, check, true));
            } catch (BackupException e) {
                if (check.validate == null || !violated(e)) {
                    throw e;
                }
                session.transaction(() -> bringBack(sql, check, false));
                context.warn("constraint " + check.name + " is not met by the rows of the source; it was left NOT VALID");
            }
        }
    }

    private static boolean violated(BackupException e) {
        return e.getCause() instanceof java.sql.SQLException sql && "23514".equals(sql.getSQLState());
    }

    private static void bringBack(Sql sql, Deferred check, boolean validate) {
        sql.run(check.add);
        if (validate && check.validate != null) {
            sql.run(check.validate);
        }
        if (check.comment != null) {
            sql.run(check.comment);
        }
        sql.update("DELETE FROM " + Markers.SCHEMA + ".deferred_check WHERE position = ?", check.position);
    }
}
