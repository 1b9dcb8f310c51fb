package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.postgresql.Quoting;
import io.dbbackup.engine.postgresql.RestoreMarks;
import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Selection;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds, before any work is done, everything in the chosen databases that the role cannot read in full. */
final class PrivilegeCheck {
    /** What is shown of each kind per database; the number is always told. */
    private static final int SHOWN = 50;

    private static final String MINE = " AND" + RestoreMarks.OTHERS + """
             AND NOT EXISTS (SELECT FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
                             WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                               AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
                               AND NOT coalesce(c.oid = ANY (e.extconfig), false))
            """;

    private static final String RELATIONS = """
            SELECT CASE c.relkind WHEN 'S' THEN 'sequence ' ELSE 'table ' END || format('%I.%I', n.nspname, c.relname)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'S') AND c.relpersistence <> 't'
              AND CASE c.relkind WHEN 'S' THEN NOT has_sequence_privilege(c.oid, 'SELECT')
                       ELSE NOT has_table_privilege(c.oid, 'SELECT') END
              AND NOT c.oid = ANY (?::oid[])
              AND NOT EXISTS (SELECT FROM pg_depend o WHERE o.classid = 'pg_class'::regclass AND o.objid = c.oid
                              AND c.relkind = 'S' AND o.refclassid = 'pg_class'::regclass AND o.deptype IN ('a', 'i')
                              AND o.refobjid = ANY (?::oid[]))
            """ + MINE + " ORDER BY 1";

    private static final String SCHEMAS = """
            SELECT format('schema %I', n.nspname) FROM pg_namespace n
            WHERE""" + RestoreMarks.OTHERS + """
              AND NOT has_schema_privilege(n.oid, 'USAGE')
              AND EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'S'))
            ORDER BY 1
            """;

    private static final String LARGE_OBJECTS = """
            SELECT format('large object %s', m.oid) FROM pg_largeobject_metadata m
            WHERE current_setting('lo_compat_privileges') = 'off'
              AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
              AND NOT pg_has_role(m.lomowner, 'USAGE')
              AND NOT EXISTS (SELECT FROM aclexplode(m.lomacl) a WHERE a.privilege_type = 'SELECT'
                              AND (a.grantee = 0 OR pg_has_role(a.grantee, 'USAGE')))
            ORDER BY m.oid
            """;

    private static final String ROW_SECURITY = """
            SELECT 'table ' || format('%I.%I', n.nspname, c.relname)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p') AND c.relrowsecurity AND row_security_active(c.oid)
              AND NOT c.oid = ANY (?::oid[])
            """ + MINE + " ORDER BY 1";

    /** What reads each kind of thing, by the word that its name begins with here. */
    private static final List<Map.Entry<String, String>> READING = List.of(
            Map.entry("schema ", "USAGE ON SCHEMA "),
            Map.entry("table ", "SELECT ON TABLE "),
            Map.entry("sequence ", "SELECT ON SEQUENCE "),
            Map.entry("large object ", "SELECT ON LARGE OBJECT "));
    /** First version with a role that may read everything. */
    private static final int READS_ALL = 14;

    private final String user;
    private final int major;
    private final Selection selection;
    private final List<String> unreadable = new ArrayList<>();
    /** Statements for any database. */
    private final List<String> connecting = new ArrayList<>();
    /** Statements, each group with the database that they are for. */
    private final List<String> grants = new ArrayList<>();
    private final List<String> hidden = new ArrayList<>();

    /** @param major of the server's version */
    PrivilegeCheck(String user, int major, Selection selection) {
        this.user = user;
        this.major = major;
        this.selection = selection;
    }

    /** Looks at one database. */
    void look(String database, Sql sql) {
        Optional<TableChoice> choice = TableChoice.of(sql, database, selection);
        Long[] out = choice.map(chosen -> chosen.out().toArray(Long[]::new)).orElse(new Long[0]);
        List<String> found = new ArrayList<>(sql.list(SCHEMAS, row -> row.getString(1)));
        found.addAll(sql.list(RELATIONS, row -> row.getString(1), (Object) out, (Object) out));
        if (TableChoice.largeObjects(selection)) {
            found.addAll(sql.list(LARGE_OBJECTS, row -> row.getString(1)));
        }
        note(unreadable, database, found);
        grant(database, found);
        if (selection.sections() != Selection.Sections.SCHEMA) {
            Set<Long> unread = new HashSet<>(choice.map(TableChoice::out).orElse(Set.of()));
            unread.addAll(choice.map(TableChoice::rowless).orElse(Set.of()));
            note(hidden, database, sql.list(
                    ROW_SECURITY, row -> row.getString(1), (Object) unread.toArray(Long[]::new)));
        }
    }

    /** A database that the role may not even connect to. */
    void closed(String database) {
        unreadable.add("database \"" + database + "\": the privilege CONNECT");
        connecting.add("GRANT CONNECT ON DATABASE " + Quoting.identifier(database) + " TO " + Quoting.identifier(user) + ";");
    }

    /** Each kind is read by a privilege of its own. */
    private void grant(String database, List<String> found) {
        List<String> statements = new ArrayList<>();
        boolean more = false;
        for (Map.Entry<String, String> reading : READING) {
            String kind = reading.getKey();
            List<String> names = found.stream().filter(each -> each.startsWith(kind)).map(each -> each.substring(kind.length())).toList();
            if (!names.isEmpty()) {
                statements.add("GRANT " + reading.getValue() + String.join(", ", names.subList(0, Math.min(SHOWN, names.size()))) + " TO "
                        + Quoting.identifier(user) + ";");
                more |= names.size() > SHOWN;
            }
        }
        if (!statements.isEmpty()) {
            grants.add("Execute in database \"" + database + "\"" + (more ? " (the first " + SHOWN + " of a kind; the others likewise)" : "")
                    + ":\n" + String.join("\n", statements));
        }
    }

    private static void note(List<String> notes, String database, List<String> found) {
        if (!found.isEmpty()) {
            String shown = String.join(", ", found.subList(0, Math.min(SHOWN, found.size())));
            notes.add("database \"" + database + "\": " + shown
                    + (found.size() > SHOWN ? " and " + (found.size() - SHOWN) + " more" : ""));
        }
    }

    /** @throws BackupException DATABASE_PRIVILEGE_MISSING, DATABASE_ROW_SECURITY naming everything that was found */
    void judge() {
        if (!unreadable.isEmpty()) {
            if (!connecting.isEmpty()) {
                grants.add("Execute in any database:\n" + String.join("\n", connecting));
            }
            throw new BackupException(
                    ErrorCode.DATABASE_PRIVILEGE_MISSING,
                    "the role \"" + user + "\" cannot read " + String.join("; ", unreadable)
                            + (hidden.isEmpty() ? "" : "; row security hides rows of " + String.join("; ", hidden)),
                    String.join("\n", grants)
                            + (major < READS_ALL ? "" : "\nAll of it at once, but for CONNECT and large objects:\nGRANT pg_read_all_data TO "
                                    + Quoting.identifier(user) + ";")
                            + "\nOr use a superuser.");
        }
        if (!hidden.isEmpty()) {
            throw new BackupException(
                    ErrorCode.DATABASE_ROW_SECURITY,
                    "row security hides rows from the role \"" + user + "\": " + String.join("; ", hidden),
                    "Execute as a superuser:\nALTER ROLE " + Quoting.identifier(user) + " BYPASSRLS;\nOr use a superuser for the backup.");
        }
    }
}
