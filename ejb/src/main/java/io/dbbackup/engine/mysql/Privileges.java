package io.dbbackup.engine.mysql;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What the account of a session may do on a whole server or in one database, by itself and by the roles that are active.
 *
 * @param held as {@code information_schema.user_privileges} calls them
 * @param unlisted whether it may have more: MySQL does not list what comes from roles
 */
public record Privileges(Set<String> held, boolean unlisted) {
    private static final Pattern WILDCARD = Pattern.compile("(?<!\\\\)[_%]");

    public Privileges {
        held = Set.copyOf(held);
    }

    public static Privileges of(Sql sql) {
        Vendor vendor = ServerRelease.of(sql).vendor();
        Set<String> held = new HashSet<>();
        for (String grantee : grantees(sql, vendor)) {
            held.addAll(sql.list(
                    "SELECT privilege_type FROM information_schema.user_privileges WHERE grantee = ?", row -> row.getString(1), grantee));
        }
        return new Privileges(held, vendor == Vendor.MYSQL && !sql.text("SELECT current_role()").equals("NONE"));
    }

    /** With those that hold for that database alone; it need not exist. */
    public static Privileges of(Sql sql, String database) {
        Privileges server = of(sql);
        Set<String> all = new HashSet<>(server.held);
        boolean literally = literally(sql);
        for (String grantee : grantees(sql, ServerRelease.of(sql).vendor())) {
            Map<String, Set<String>> grants = new HashMap<>();
            sql.list(
                    "SELECT table_schema, privilege_type FROM information_schema.schema_privileges WHERE grantee = ? AND ? LIKE table_schema",
                    row -> grants.computeIfAbsent(row.getString(1), name -> new HashSet<>()).add(row.getString(2)), grantee, database);
            all.addAll(counting(grants, database, literally));
        }
        return new Privileges(all, server.unlisted);
    }

    /** Whether GRANT takes the name of a database as it is, and not as a pattern. */
    public static boolean literally(Sql sql) {
        // MySQL has it since 8.0.16
        return sql.list("SHOW VARIABLES LIKE 'partial_revokes'", row -> row.getString(2)).contains("ON");
    }

    /**
     * Of several grants the servers use the most precise one alone. That is one that is no pattern; how they rank patterns differs, so of
     * these what all of them give.
     *
     * @param grants privileges by the pattern that they are granted on
     */
    static Set<String> counting(Map<String, Set<String>> grants, String database, boolean literally) {
        List<Set<String>> precise = grants.entrySet().stream()
                .filter(grant -> literally
                        ? grant.getKey().replaceAll("\\\\(.)", "$1").equalsIgnoreCase(database)
                        : !WILDCARD.matcher(grant.getKey()).find())
                .map(Map.Entry::getValue).toList();
        List<Set<String>> used = precise.isEmpty() && !literally ? List.copyOf(grants.values()) : precise;
        Set<String> counting = new HashSet<>();
        used.forEach(counting::addAll);
        used.forEach(counting::retainAll);
        return counting;
    }

    /** Others are listed, too, to whoever may read the server's own tables. */
    private static List<String> grantees(Sql sql, Vendor vendor) {
        String account = sql.text("SELECT current_user()");
        int at = account.lastIndexOf('@');
        String self = "'" + account.substring(0, at) + "'@'" + account.substring(at + 1) + "'";
        if (vendor == Vendor.MYSQL) {
            return List.of(self);
        }
        List<String> all = sql.list(
                "SELECT concat('''', role_name, '''@''''') FROM information_schema.enabled_roles WHERE role_name IS NOT NULL",
                row -> row.getString(1));
        all.add(self);
        return all;
    }

    /** Those of them that it lacks, in alphabetical order. */
    public Set<String> missing(Collection<String> needed) {
        Set<String> missing = new TreeSet<>(needed);
        missing.removeAll(held);
        return missing;
    }
}
