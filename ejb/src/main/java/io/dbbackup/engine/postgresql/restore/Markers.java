package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.postgresql.RestoreMarks;
import io.dbbackup.engine.postgresql.Sql;
import java.util.OptionalLong;

/**
 * The table in the database under restoration that says which items it has taken. Written in the same transaction as
 * the item's work, before it: a second attempt waits for the first one to end and then finds the row, so that nothing
 * is done twice and nothing is lost, whatever was killed when.
 *
 * <p>The schema also keeps the CHECK constraints that are put aside while data is loaded. It is dropped when the
 * database is finished.
 */
final class Markers {
    static final String SCHEMA = RestoreMarks.SCHEMA;

    private Markers() {}

    static void createTables(Sql sql) {
        sql.run("CREATE SCHEMA " + SCHEMA);
        sql.run("CREATE TABLE " + SCHEMA + ".item (item bigint, batch int, rows bigint NOT NULL,"
                + " at timestamptz NOT NULL DEFAULT pg_catalog.now(), PRIMARY KEY (item, batch))");
        sql.run("CREATE TABLE " + SCHEMA + ".deferred_check (position int PRIMARY KEY, name text NOT NULL,"
                + " add_sql text NOT NULL, validate_sql text, comment_sql text)");
    }

    static boolean tablesExist(Sql sql) {
        return sql.truth("SELECT pg_catalog.to_regclass('" + SCHEMA + ".item') IS NOT NULL");
    }

    /** Whether the item, or a batch of it, was committed. */
    static boolean present(Sql sql, long item, int batch) {
        return sql.truth("SELECT EXISTS (SELECT FROM " + SCHEMA + ".item WHERE item = ? AND batch = ?)", item, batch);
    }

    /** Whether anything of the item was committed. */
    static boolean begun(Sql sql, long item) {
        return sql.truth("SELECT EXISTS (SELECT FROM " + SCHEMA + ".item WHERE item = ?)", item);
    }

    /**
     * Takes the item for the current transaction, waiting for another transaction that has it.
     *
     * @return false when the item was committed before
     */
    static boolean take(Sql sql, long item, int batch, long rows) {
        return sql.update(
                "INSERT INTO " + SCHEMA + ".item (item, batch, rows) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                item, batch, rows) == 1;
    }

    /** The same as a statement for psql, which fails when the item was committed before. */
    static String takeStatement(long item, int batch) {
        return "INSERT INTO " + SCHEMA + ".item (item, batch, rows) VALUES (" + item + ", " + batch + ", 0);\n";
    }

    /** Rows loaded so far; empty when the marker tables are gone. */
    static OptionalLong rows(Sql sql) {
        return tablesExist(sql)
                ? OptionalLong.of(sql.number("SELECT coalesce(sum(rows), 0)::bigint FROM " + SCHEMA + ".item"))
                : OptionalLong.empty();
    }
}
