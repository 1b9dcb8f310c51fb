package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Account;
import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.Grant;
import io.dbbackup.engine.mysql.MissingPrivileges;
import io.dbbackup.engine.mysql.Privileges;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.Vendor;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.RestoreContext;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the restoring account lacks to make the accounts of a set, and to hand on what these are granted. It is refused for what it lacks
 * in databases and for handing on anything at all. Privileges on the whole server that it does not have itself are advised: managed servers
 * give some of them to nobody, and the other accounts come back there, too. Not thread-safe.
 */
final class AccountPrivileges {
    /** Names in a remedy. */
    private static final int SHOWN = 20;
    private static final String SERVER = "*.*";
    private static final String CREATE = "CREATE USER";
    private static final String ROLES = "ROLE_ADMIN";
    private static final Set<String> GIVE_ROLES = Set.of(ROLES, "SUPER");
    private static final List<String> ON_TABLES = List.of(
            "SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "REFERENCES", "INDEX", "ALTER", "CREATE VIEW", "SHOW VIEW", "TRIGGER");
    private static final List<String> ON_DATABASES = List.of(
            "CREATE TEMPORARY TABLES", "LOCK TABLES", "EXECUTE", "CREATE ROUTINE", "ALTER ROUTINE", "EVENT");
    /** Who may act as these may act as everybody. */
    private static final Set<String> ANYBODY = Set.of("``@`%`", "``@``");
    /** MariaDB's, in databases and tables. */
    private static final String HISTORY = "DELETE HISTORY";
    /** A database or a pattern, a table or a routine, as SHOW GRANTS writes them. */
    private static final Pattern PLACE = Pattern.compile("(?:[A-Z ]+ )?`((?:[^`]|``)+)`\\.(?:\\*|`((?:[^`]|``)+)`)");
    private static final String ELSE = "without them accounts of the set do not get all of theirs, with a warning for each that is refused";

    private final RestoreContext context;
    private final Sql sql;
    private final Vendor vendor;
    private final Privileges server;
    private final MissingPrivileges required;
    private final MissingPrivileges advised;
    /** Roles of MariaDB's and whom accounts may act as, as statements with the account left out; advised, too. */
    private final List<String> others = new ArrayList<>();
    /** Roles of MariaDB's that the target may have. */
    private final Set<String> perhaps = new TreeSet<>();
    /** Whether the account does not see which accounts there are. */
    private boolean unseen;

    AccountPrivileges(RestoreContext context, Sql sql, Vendor vendor, Privileges server) {
        this.context = context;
        this.sql = sql;
        this.vendor = vendor;
        this.server = server;
        advised = new MissingPrivileges(sql);
        // a restart must not be refused for what is done; what is still to be given becomes a warning then
        required = done() ? advised : new MissingPrivileges(sql);
    }

    private boolean done() {
        boolean[] done = new boolean[1];
        context.results("", RestoreKind.ACCOUNTS, result -> done[0] = true);
        return done[0];
    }

    /** Looks at the accounts that this run creates or changes, or has begun with. */
    void look() {
        if (!AccountsItem.wanted(context)) {
            return;
        }
        Set<String> existing = existing();
        AccountsItem.Chosen now = AccountsItem.choose(context, sql, existing);
        Set<String> chosen = new HashSet<>(now.accounts());
        chosen.addAll(AccountsItem.chosen(context));
        if (now.accounts().stream().anyMatch(name -> !existing.contains(name))) {
            requireInServersTables("INSERT");
        }
        if (now.accounts().stream().anyMatch(existing::contains)) {
            requireInServersTables("UPDATE");
        }
        // of accounts that it does not see nothing is known
        GrantedRoles held = new GrantedRoles(sql, vendor == Vendor.MARIADB && !unseen ? existing : Set.of());
        grants(chosen, held).forEach((on, whats) -> {
            context.cancellation().check();
            if (on.isEmpty()) {
                giveRoles(whats, existing);
            } else if (on.equals(SERVER)) {
                handOn(whats);
            } else {
                handOn(on, whats);
            }
        });
    }

    /** Those of the target; where it may not see them, the ones that are on every server. */
    private Set<String> existing() {
        try {
            return AccountsItem.existing(sql);
        } catch (BackupException e) {
            if (e.code() != ErrorCode.DATABASE_PRIVILEGE_MISSING) {
                throw e;
            }
            unseen = true;
            required.on(required.place("mysql"), Set.of("SELECT"));
            Set<String> probable = AccountsItem.names(context);
            probable.removeIf(name -> !AccountOptions.isServers(name));
            return probable;
        }
    }

    /** @param instead what does in the place of CREATE USER, in the tables that keep the accounts */
    private void requireInServersTables(String instead) {
        if (!server.held().contains(CREATE) && !Privileges.of(sql, "mysql").held().contains(instead)) {
            required.onServer(Set.of(CREATE));
        }
    }

    /** What these accounts are to be granted, by what it is granted on, in the server's words. */
    private Map<String, Set<String>> grants(Set<String> accounts, GrantedRoles held) {
        Map<String, Set<String>> all = new TreeMap<>();
        Map<String, AccountsItem.Place> places = new HashMap<>();
        AccountsItem.read(context, definition -> {
            Optional<Grant> grant = definition.kind() == Definition.Kind.ACCOUNT
                    ? Optional.empty()
                    : Grant.of(definition.statement()).filter(found -> accounts.contains(found.grantee()));
            if (grant.isEmpty() || held.contain(definition) || definition.kind() == Definition.Kind.OBJECT_GRANT
                    && places.computeIfAbsent(definition.name(), name -> AccountsItem.place(context, sql, name)) == AccountsItem.Place.NOWHERE) {
                return;
            }
            if (definition.statement().startsWith("SET DEFAULT ROLE ") && vendor == Vendor.MARIADB) {
                required.inDatabase("mysql", Set.of("UPDATE"));
            }
            ExcessPrivileges.privileges(List.of(grant.get())).keySet().stream()
                    // who may act for everybody is the server's own business, and what that takes is among no privileges
                    .filter(privilege -> !privilege.what().equals("PROXY") || !AccountOptions.isServers(grant.get().grantee()))
                    .forEach(privilege -> all.computeIfAbsent(privilege.on(), on -> new TreeSet<>()).add(privilege.what()));
        });
        return all;
    }

    private void giveRoles(Set<String> granted, Set<String> existing) {
        if (vendor == Vendor.MYSQL) {
            if (GIVE_ROLES.stream().noneMatch(server.held()::contains)) {
                required.onServer(Set.of(ROLES));
            }
            return;
        }
        Set<String> own = new HashSet<>(sql.list(
                "SELECT role_name FROM information_schema.applicable_roles WHERE is_grantable = 'YES'", row -> Quoting.identifier(row.getString(1))));
        if (unseen) {
            perhaps.addAll(granted);
            return;
        }
        granted.stream().filter(existing::contains).filter(role -> !own.contains(role))
                .forEach(role -> others.add(role + " TO %s WITH ADMIN OPTION"));
    }

    /** On the whole server. */
    private void handOn(Collection<String> whats) {
        if (!whats.stream().allMatch(Privileges::dynamic)) {
            required.onServer(server.missing(Set.of(Privileges.GRANT_OPTION)));
        }
        for (String what : whats) {
            if (what.equals(MissingPrivileges.ALL)) {
                if (sql.shown("SHOW GRANTS").stream().noneMatch(line -> line.startsWith("GRANT " + MissingPrivileges.ALL + " ON *.* "))) {
                    advised.onServer(Set.of(what));
                }
            } else if (what.equals(Privileges.GRANT_OPTION)) {
                // it is required above
                continue;
            } else if (!Privileges.dynamic(what)) {
                advised.onServer(server.missing(Set.of(what)));
            } else if (!server.held().contains(Privileges.handedOn(what))) {
                advised.onServer(Set.of(what, Privileges.GRANT_OPTION));
            }
        }
    }

    /** In a database, in several, or in one of its tables or routines; or as somebody else. */
    private void handOn(String on, Set<String> whats) {
        Matcher place = PLACE.matcher(on);
        if (place.matches()) {
            String database = place.group(1).replace("``", "`");
            if (on.endsWith(".*")) {
                inDatabases(database, plain(whats));
            } else {
                inDatabase(database, Optional.of(place.group(2).replace("``", "`")).filter(table -> on.startsWith("`")), plain(whats));
            }
        } else if (!mayProxy(on)) {
            others.add("PROXY ON " + on + " TO %s WITH GRANT OPTION");
        }
    }

    /** Without columns, which follow in parentheses. */
    private static Set<String> plain(Set<String> whats) {
        Set<String> plain = new TreeSet<>();
        whats.forEach(what -> plain.add(what.replaceFirst("(?s) \\(.*", "")));
        plain.add(Privileges.GRANT_OPTION);
        return plain;
    }

    /** @param written a name or a pattern, as GRANT takes it */
    private void inDatabases(String written, Set<String> needed) {
        boolean all = needed.contains(MissingPrivileges.ALL);
        Set<String> each = all ? all(false) : needed;
        if (server.missing(each).isEmpty()) {
            return;
        }
        MissingPrivileges here = new MissingPrivileges(sql);
        here.where(written, each);
        if (!here.isEmpty()) {
            required.where(written, needed);
        }
    }

    /** @param table empty for a routine */
    private void inDatabase(String database, Optional<String> table, Set<String> needed) {
        Set<String> each = new TreeSet<>(needed);
        if (each.remove(MissingPrivileges.ALL)) {
            each.addAll(all(true));
        }
        Set<String> lacking = server.missing(each);
        if (!lacking.isEmpty()) {
            required.inDatabase(database, table.map(name -> Privileges.of(sql, database, name).missing(each)).orElse(lacking));
        }
    }

    /** What ALL PRIVILEGES stands for. */
    private Set<String> all(boolean table) {
        Set<String> all = new TreeSet<>(ON_TABLES);
        all.add(Privileges.GRANT_OPTION);
        if (!table) {
            all.addAll(ON_DATABASES);
        }
        if (vendor == Vendor.MARIADB) {
            all.add(HISTORY);
        }
        return all;
    }

    private boolean mayProxy(String account) {
        try {
            String self = sql.text("SELECT current_user()");
            int at = self.lastIndexOf('@');
            Set<String> own = new HashSet<>(sql.list(
                    "SELECT proxied_user, proxied_host FROM mysql.proxies_priv WHERE user = ? AND host = ? AND with_grant",
                    row -> new Account(row.getString(1), row.getString(2), false).quoted(), self.substring(0, at), self.substring(at + 1)));
            return own.contains(account) || ANYBODY.stream().anyMatch(own::contains);
        } catch (BackupException e) {
            if (e.code() != ErrorCode.DATABASE_PRIVILEGE_MISSING) {
                throw e;
            }
            return false;
        }
    }

    /** Whether it is refused. */
    boolean lacking() {
        return !required.isEmpty();
    }

    /** For people: what it is refused for; empty when it is not. */
    String text() {
        return required.isEmpty() ? "" : "for the accounts of the set " + required.text();
    }

    /** Statements on lines of their own, each group with what it is for. */
    List<String> remedy() {
        List<String> remedy = new ArrayList<>();
        if (!required.isEmpty()) {
            remedy.add("For the accounts of the set (not with globals none):\n" + required.grants());
        }
        if (!advised.isEmpty() || !others.isEmpty()) {
            remedy.add("Recommended for them (" + ELSE + "):\n" + statements());
        }
        if (!perhaps.isEmpty()) {
            remedy.add("Grant it WITH ADMIN OPTION, too, which of these roles the target has: "
                    + perhaps.stream().limit(SHOWN).collect(Collectors.joining(", ")) + (perhaps.size() > SHOWN ? ", …" : "") + ".");
        }
        return remedy;
    }

    /** What it would be well to grant, where nothing is refused. */
    Optional<String> advice() {
        return advised.isEmpty() && others.isEmpty()
                ? Optional.empty()
                : Optional.of("privileges that it would have to hand on; " + ELSE + ".\n" + statements());
    }

    private String statements() {
        String self = Quoted.currentUser(sql);
        return Stream.concat(
                        advised.isEmpty() ? Stream.empty() : Stream.of(advised.grants()),
                        others.stream().map(statement -> "GRANT " + statement.replace("%s", self) + ";"))
                .collect(Collectors.joining("\n"));
    }
}
