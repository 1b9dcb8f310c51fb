package io.dbbackup.throwaway;

import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The content of one database, table by table.
 *
 * @param fingerprints from "table s.t", "sequence …" or "large object …" to its state
 * @param tables number of tables among them
 * @param rows rows of all tables
 */
record DatabaseContent(Map<String, String> fingerprints, int tables, long rows) {

    /** Makes values' texts independent of the settings of server, database and role. */
    private static final String SETTINGS = """
            SET search_path = '';
            SET timezone = 'UTC';
            SET datestyle = 'ISO, YMD';
            SET intervalstyle = 'postgres';
            SET extra_float_digits = 3;
            SET bytea_output = 'hex';
            SET xmloption = 'content';
            SET statement_timeout = 0;
            SET client_min_messages = error;
            """;

    /**
     * For every table one statement: count and the sums of both halves of the md5 of each row's text. A sum does not depend on
     * the order of rows and, unlike XOR, sees a row that is there twice. Partitioned tables count as a whole, since a restored row
     * may rightly be in another hash partition. {@code (r.*)} and not {@code r}: a column may have that name.
     */
    private static final String TABLES = """
            SELECT format($f$SELECT %L, count(*),
                coalesce(sum(('x' || left(h, 16))::bit(64)::bigint), 0), coalesce(sum(('x' || right(h, 16))::bit(64)::bigint), 0)
                FROM (SELECT pg_catalog.md5((r.*)::text) AS h FROM %s %I.%I AS r) AS hashes$f$,
                'table ' || to_json(n.nspname || '.' || c.relname), CASE WHEN c.relkind = 'r' THEN 'ONLY' ELSE '' END, n.nspname, c.relname)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition AND c.relispopulated AND c.relpersistence <> 't'
                AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
            ORDER BY n.nspname, c.relname \\gexec
            SELECT 'unpopulated ' || to_json(n.nspname || '.' || c.relname) || '|'
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'm' AND NOT c.relispopulated;
            """;

    private static final String SEQUENCES = """
            SELECT format('SELECT %L, last_value, is_called FROM %I.%I', 'sequence ' || to_json(n.nspname || '.' || c.relname), n.nspname, c.relname)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'S' AND c.relpersistence <> 't' ORDER BY 1 \\gexec
            """;

    private static final String LARGE_OBJECTS = """
            SELECT 'large object ' || m.oid, length(lo_get(m.oid)), md5(lo_get(m.oid)), to_json(pg_get_userbyid(m.lomowner)::text),
                to_json(coalesce(obj_description(m.oid, 'pg_largeobject'), '')),
                to_json(array(SELECT pg_get_userbyid(a.grantor) || '>' || CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END
                        || ':' || a.privilege_type || a.is_grantable
                    FROM aclexplode(coalesce(m.lomacl, acldefault('L', m.lomowner))) AS a ORDER BY 1))
            FROM pg_largeobject_metadata m ORDER BY m.oid;
            """;

    static DatabaseContent read(PostgresEndpoint server, String database) {
        String output = server.psql(database, SETTINGS + TABLES + SEQUENCES + LARGE_OBJECTS);
        Map<String, String> fingerprints = new TreeMap<>();
        int tables = 0;
        long rows = 0;
        for (String line : output.lines().toList()) {
            int separator = endOfName(line);
            String state = line.substring(separator + 1);
            fingerprints.put(line.substring(0, separator), state);
            if (line.startsWith("table ")) {
                tables++;
                rows += Long.parseLong(state.substring(0, state.indexOf('|')));
            }
        }
        return new DatabaseContent(fingerprints, tables, rows);
    }

    static TreeSet<String> databases(PostgresEndpoint server) {
        String names = server.psql("postgres",
                "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY 1");
        return new TreeSet<>(names.lines().toList());
    }

    /** Names are JSON strings, on one line therefore, but may hold the separator. */
    private static int endOfName(String line) {
        int i = line.indexOf('"');
        if (i < 0 || i > line.indexOf('|') && line.indexOf('|') >= 0) {
            return line.indexOf('|');
        }
        for (i++; line.charAt(i) != '"'; i++) {
            if (line.charAt(i) == '\\') {
                i++;
            }
        }
        return i + 1;
    }
}
