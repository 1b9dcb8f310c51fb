package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.postgresql.DatabaseProperties;
import io.dbbackup.engine.postgresql.Sql;
import java.util.List;

/** Reads what pg_dump only gives with {@code --create}: the database itself, for servers of every supported version. */
final class PropertiesCatalog {
    /** By to_jsonb, since the columns differ: the provider came with 15, ICU rules with 16, datlocale with 17. */
    private static final String DATABASE = """
            SELECT pg_encoding_to_char(d.encoding), j ->> 'datcollate', j ->> 'datctype',
                   CASE j ->> 'datlocprovider' WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END,
                   coalesce(j ->> 'datlocale', j ->> 'daticulocale', ''), coalesce(j ->> 'daticurules', ''),
                   coalesce(j ->> 'datcollversion', ''), pg_get_userbyid(d.datdba), s.spcname, d.datconnlimit,
                   d.datistemplate, d.datallowconn, d.datacl IS NULL,
                   coalesce(shobj_description(d.oid, 'pg_database'), ''),
                   NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'public')
            FROM pg_database d
            JOIN pg_tablespace s ON s.oid = d.dattablespace
            CROSS JOIN LATERAL to_jsonb(d) j
            WHERE d.datname = current_database()
            """;

    /** The server does not keep dependencies on its first superuser: tables stand for everything. */
    private static final String ROLES = """
            SELECT pg_get_userbyid(s.refobjid) FROM pg_shdepend s JOIN pg_database d ON d.oid = s.dbid
            WHERE d.datname = current_database() AND s.refclassid = 'pg_authid'::regclass
              AND pg_get_userbyid(s.refobjid) !~ '^pg_'
            UNION
            SELECT pg_get_userbyid(c.relowner) FROM pg_class c
            WHERE c.relowner = 10 AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND c.relpersistence <> 't'
              AND c.oid >= 16384
              AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = c.oid AND e.deptype = 'e')
            ORDER BY 1
            """;

    private PropertiesCatalog() {}

    static DatabaseProperties read(Sql sql) {
        List<DatabaseProperties.Grant> grants = sql.list(
                """
                SELECT CASE a.grantee WHEN 0 THEN '' ELSE pg_get_userbyid(a.grantee) END, pg_get_userbyid(a.grantor),
                       a.privilege_type, a.is_grantable
                FROM pg_database d CROSS JOIN LATERAL aclexplode(d.datacl) a
                WHERE d.datname = current_database()
                """,
                row -> new DatabaseProperties.Grant(
                        row.getString(1), row.getString(2), row.getString(3), row.getBoolean(4)));
        List<DatabaseProperties.SecurityLabel> labels = sql.list(
                """
                SELECT l.provider, l.label FROM pg_shseclabel l JOIN pg_database d ON d.oid = l.objoid
                WHERE l.classoid = 'pg_database'::regclass AND d.datname = current_database()
                """,
                row -> new DatabaseProperties.SecurityLabel(row.getString(1), row.getString(2)));
        List<DatabaseProperties.Setting> settings = sql.list(
                """
                SELECT CASE s.setrole WHEN 0 THEN '' ELSE pg_get_userbyid(s.setrole) END,
                       split_part(v, '=', 1), substr(v, position('=' IN v) + 1)
                FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
                CROSS JOIN LATERAL unnest(s.setconfig) WITH ORDINALITY u (v, n)
                WHERE d.datname = current_database() ORDER BY s.setrole, n
                """,
                row -> new DatabaseProperties.Setting(row.getString(1), row.getString(2), row.getString(3)));
        List<DatabaseProperties.Extension> extensions = sql.list(
                """
                SELECT e.extname, n.nspname, e.extversion
                FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace ORDER BY e.extname
                """,
                row -> new DatabaseProperties.Extension(row.getString(1), row.getString(2), row.getString(3)));
        List<String> roles = sql.list(ROLES, row -> row.getString(1));
        List<String> tablespaces = sql.list(
                "SELECT DISTINCT s.spcname FROM pg_class c JOIN pg_tablespace s ON s.oid = c.reltablespace"
                        + " WHERE c.oid >= 16384 AND s.spcname <> 'pg_global' ORDER BY 1",
                row -> row.getString(1));
        return sql.first(DATABASE, row -> new DatabaseProperties(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                row.getString(6),
                row.getString(7),
                row.getString(8),
                row.getString(9),
                row.getInt(10),
                row.getBoolean(11),
                row.getBoolean(12),
                row.getBoolean(13),
                grants,
                row.getString(14),
                labels,
                settings,
                extensions,
                row.getBoolean(15),
                roles,
                tablespaces)).orElseThrow();
    }
}
