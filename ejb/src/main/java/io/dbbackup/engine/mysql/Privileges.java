package io.dbbackup.engine.mysql;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the account of a session may do on a whole server or in one database, by itself and by the roles that are active.
 *
 * @param held as {@code information_schema.user_privileges} calls them
 * @param unlisted whether it may have more: MySQL does not list what comes from roles
 */
public record Privileges(Set<String> held, boolean unlisted) {
    public Privileges {
        held = Set.copyOf(held);
    }

    public static Privileges of(Sql sql) {
        return listed(sql, "SELECT privilege_type FROM information_schema.user_privileges WHERE grantee = ?");
    }

    /** With those that hold for that database alone; it need not exist. */
    public static Privileges of(Sql sql, String database) {
        Set<String> all = new HashSet<>(of(sql).held);
        Privileges here = listed(
                sql, "SELECT privilege_type FROM information_schema.schema_privileges WHERE grantee = ? AND ? LIKE table_schema",
                database);
        all.addAll(here.held);
        return new Privileges(all, here.unlisted);
    }

    private static Privileges listed(Sql sql, String query, String... more) {
        Vendor vendor = ServerRelease.of(sql).vendor();
        Set<String> held = new HashSet<>();
        for (String grantee : grantees(sql, vendor)) {
            Object[] parameters = new Object[1 + more.length];
            parameters[0] = grantee;
            System.arraycopy(more, 0, parameters, 1, more.length);
            held.addAll(sql.list(query, row -> row.getString(1), parameters));
        }
        boolean unlisted = vendor == Vendor.MYSQL && !sql.text("SELECT current_role()").equals("NONE");
        return new Privileges(held, unlisted);
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
