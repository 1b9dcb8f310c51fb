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
 * @param held as {@code information_schema.user_privileges} calls them; what may be handed on is {@link #GRANT_OPTION} besides, and of MySQL's
 *     dynamic privileges, each of which has that of its own, {@link #handedOn}
 * @param unlisted whether it may have more: MySQL does not list what comes from roles
 */
public record Privileges(Set<String> held, boolean unlisted) {
    /** Lets an account hand on what it has in the same place, but for MySQL's dynamic privileges. */
    public static final String GRANT_OPTION = "GRANT OPTION";

    private static final String WITH_GRANT_OPTION = " WITH " + GRANT_OPTION;
    private static final Pattern WILDCARD = Pattern.compile("(?<!\\\\)[_%]");
    /** In no name: what matches it is a wildcard. */
    private static final String STRANGE = "\u0001";

    public Privileges {
        held = Set.copyOf(held);
    }

    public static Privileges of(Sql sql) {
        Vendor vendor = ServerRelease.of(sql).vendor();
        Set<String> held = new HashSet<>();
        for (String grantee : grantees(sql, vendor)) {
            sql.list(
                    "SELECT privilege_type, is_grantable = 'YES' FROM information_schema.user_privileges WHERE grantee = ?",
                    row -> held.addAll(of(row.getString(1), row.getBoolean(2))), grantee);
        }
        return new Privileges(held, vendor == Vendor.MYSQL && !sql.text("SELECT current_role()").equals("NONE"));
    }

    /** With those that hold for that database alone; it need not exist. */
    public static Privileges of(Sql sql, String database) {
        Privileges server = of(sql);
        Set<String> all = new HashSet<>(server.held);
        boolean literally = literally(sql);
        grantees(sql, ServerRelease.of(sql).vendor())
                .forEach(grantee -> all.addAll(counting(grants(sql, grantee, database), database, literally)));
        return new Privileges(all, server.unlisted);
    }

    /** With those that hold for that table, view or sequence alone; it need not exist. */
    public static Privileges of(Sql sql, String database, String table) {
        Privileges here = of(sql, database);
        Set<String> all = new HashSet<>(here.held);
        grantees(sql, ServerRelease.of(sql).vendor()).forEach(grantee -> sql.list(
                "SELECT privilege_type, is_grantable = 'YES' FROM information_schema.table_privileges"
                        + " WHERE grantee = ? AND table_schema = ? AND table_name = ?",
                row -> all.addAll(of(row.getString(1), row.getBoolean(2))), grantee, database, table));
        return new Privileges(all, here.unlisted);
    }

    /** With those that hold for all databases of a pattern, with wildcards, as GRANT takes it. */
    static Privileges onPattern(Sql sql, String pattern) {
        Privileges server = of(sql);
        Set<String> all = new HashSet<>(server.held);
        String one = any(pattern);
        for (String grantee : grantees(sql, ServerRelease.of(sql).vendor())) {
            Map<String, Set<String>> grants = grants(sql, grantee, one);
            all.addAll(grants.getOrDefault(pattern, counting(grants, one, false)));
        }
        return new Privileges(all, server.unlisted);
    }

    /** The name of a database that a pattern takes, and otherwise only those that take all that it does. */
    static String any(String pattern) {
        return unescaped(WILDCARD.matcher(pattern).replaceAll(STRANGE));
    }

    /** Whether GRANT takes it for a pattern of names. */
    static boolean pattern(String database) {
        return WILDCARD.matcher(database).find();
    }

    /** The name of the one database that it takes for that. */
    static String unescaped(String database) {
        return database.replaceAll("\\\\(.)", "$1");
    }

    private static Set<String> of(String privilege, boolean handedOn) {
        return handedOn ? Set.of(privilege, dynamic(privilege) ? handedOn(privilege) : GRANT_OPTION) : Set.of(privilege);
    }

    /** MySQL's dynamic privileges are the only ones with such a character. */
    public static boolean dynamic(String privilege) {
        return privilege.indexOf('_') >= 0;
    }

    /** What {@link #held} says of a dynamic privilege that the account may hand on. */
    public static String handedOn(String privilege) {
        return privilege + WITH_GRANT_OPTION;
    }

    /**
     * What the account itself has in a database by patterns alone, and would lose there by a more precise grant.
     *
     * @param pattern what that would be granted on
     */
    static Set<String> byPattern(Sql sql, String database, String pattern) {
        Map<String, Set<String>> grants = grants(sql, self(sql), database);
        return literally(sql) || grants.keySet().stream().anyMatch(grant -> grant.equals(pattern) || precise(grant, database, false))
                ? Set.of()
                : counting(grants, database, false);
    }

    private static Map<String, Set<String>> grants(Sql sql, String grantee, String database) {
        Map<String, Set<String>> grants = new HashMap<>();
        sql.list(
                "SELECT table_schema, privilege_type, is_grantable = 'YES' FROM information_schema.schema_privileges"
                        + " WHERE grantee = ? AND ? LIKE table_schema",
                row -> grants.computeIfAbsent(row.getString(1), name -> new HashSet<>()).addAll(of(row.getString(2), row.getBoolean(3))),
                grantee, database);
        return grants;
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
                .filter(grant -> precise(grant.getKey(), database, literally))
                .map(Map.Entry::getValue).toList();
        List<Set<String>> used = precise.isEmpty() && !literally ? List.copyOf(grants.values()) : precise;
        Set<String> counting = new HashSet<>();
        used.forEach(counting::addAll);
        used.forEach(counting::retainAll);
        return counting;
    }

    private static boolean precise(String grant, String database, boolean literally) {
        return literally
                ? unescaped(grant).equalsIgnoreCase(database)
                : !pattern(grant);
    }

    private static String self(Sql sql) {
        String account = sql.text("SELECT current_user()");
        int at = account.lastIndexOf('@');
        return "'" + account.substring(0, at) + "'@'" + account.substring(at + 1) + "'";
    }

    /** Others are listed, too, to whoever may read the server's own tables. */
    private static List<String> grantees(Sql sql, Vendor vendor) {
        String self = self(sql);
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
