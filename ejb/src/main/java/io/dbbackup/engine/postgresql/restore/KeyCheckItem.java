package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.postgresql.Quoting;
import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;
import java.util.List;

/**
 * Looks at the foreign keys from and to the tables that a data-only set was loaded into, since they were not checked
 * meanwhile. Rows without what they refer to stay, with a warning: they are the rows of the set. Changes nothing.
 */
final class KeyCheckItem {
    /** MATCH SIMPLE, MATCH FULL and rows of partitions alike, as the server itself asks when it validates a key. */
    private static final String KEYS = """
            SELECT k.conname, k.conrelid::pg_catalog.regclass::text, k.confrelid::pg_catalog.regclass::text,
                   c.relkind = 'p', p.relkind = 'p',
                   (SELECT pg_catalog.string_agg(
                        pg_catalog.format('p.%I OPERATOR(%s.%s) c.%I', pa.attname, pg_catalog.quote_ident(pn.nspname),
                                          po.oprname, ca.attname),
                        ' AND ' ORDER BY u.i)
                    FROM unnest(k.conkey, k.confkey, k.conpfeqop) WITH ORDINALITY u (f, t, o, i)
                    JOIN pg_catalog.pg_attribute ca ON ca.attrelid = k.conrelid AND ca.attnum = u.f
                    JOIN pg_catalog.pg_attribute pa ON pa.attrelid = k.confrelid AND pa.attnum = u.t
                    JOIN pg_catalog.pg_operator po ON po.oid = u.o
                    JOIN pg_catalog.pg_namespace pn ON pn.oid = po.oprnamespace),
                   (SELECT pg_catalog.string_agg(
                        pg_catalog.format('c.%I IS NOT NULL', ca.attname),
                        CASE k.confmatchtype WHEN 'f' THEN ' OR ' ELSE ' AND ' END ORDER BY u.i)
                    FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY u (f, i)
                    JOIN pg_catalog.pg_attribute ca ON ca.attrelid = k.conrelid AND ca.attnum = u.f)
            FROM pg_catalog.pg_constraint k
            JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
            JOIN pg_catalog.pg_class p ON p.oid = k.confrelid
            WHERE k.contype = 'f' AND k.conparentid = 0 AND k.convalidated
              AND (k.conrelid IN (SELECT * FROM loaded) OR k.confrelid IN (SELECT * FROM loaded))
            ORDER BY 2, 1
            """;

    /** The loaded tables and the partitioned ones above them. */
    private static final String LOADED = """
            WITH RECURSIVE loaded AS (
                SELECT pg_catalog.unnest(?::oid[]) AS oid
                UNION SELECT i.inhparent FROM loaded l JOIN pg_catalog.pg_inherits i ON i.inhrelid = l.oid)
            """;

    private record Key(String name, String from, String to, String query) {}

    ItemResult execute(RestoreContext context, WorkItem item) {
        String source = item.payload(DatabaseTask.class).database();
        RestoreTarget target = RestoreTarget.of(context, source);
        try (TargetSession session = TargetSession.open(context, target.name(), "check foreign keys")) {
            Sql sql = session.sql();
            TargetTables tables = TargetTables.read(sql, SetDatabase.of(context, source));
            List<Key> keys = sql.list(LOADED + KEYS, row -> new Key(
                    row.getString(1), row.getString(2), row.getString(3),
                    "SELECT EXISTS (SELECT FROM " + only(row.getBoolean(4)) + row.getString(2) + " c LEFT JOIN "
                            + only(row.getBoolean(5)) + row.getString(3) + " p ON " + row.getString(6)
                            + " WHERE p.tableoid IS NULL AND (" + row.getString(7) + "))"),
                    (Object) tables.oids());
            for (Key key : keys) {
                context.cancellation().check();
                if (sql.truth(key.query)) {
                    context.warn("in database \"" + target.name() + "\" rows of " + key.from + " refer to rows of " + key.to
                            + " that are not there (foreign key " + Quoting.identifier(key.name) + ")");
                }
            }
            return ItemResult.nothing();
        }
    }

    private static String only(boolean partitioned) {
        return partitioned ? "" : "ONLY ";
    }
}
