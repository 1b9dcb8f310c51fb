package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Grant;
import io.dbbackup.engine.mysql.MissingPrivileges;
import io.dbbackup.engine.mysql.Privileges;
import io.dbbackup.engine.mysql.Quoting;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What an account is granted beyond what a set says, as the statements that would take it away. Stateless. */
final class ExcessPrivileges {
    private static final String ALL = MissingPrivileges.ALL;
    private static final String GRANT_OPTION = Privileges.GRANT_OPTION;
    private static final String SERVER = "*.*";
    /** As drivers take what is called latin1. */
    private static final Charset LATIN1 = Charset.forName("windows-1252");

    private ExcessPrivileges() {}

    /**
     * One privilege, also on a column, the right to act as another, or a role.
     *
     * @param on what it is about, in the server's words; empty for a role
     */
    record Privilege(String what, String on) {
        String revoke(String account) {
            return "REVOKE " + what + scope() + " FROM " + account;
        }

        String grant(String account) {
            return "GRANT " + what + scope() + " TO " + account;
        }

        /** Whether who has it may hand on this one alone, and not all that is granted on the same. */
        boolean handedOnAlone() {
            return on.isEmpty() || what.equals("PROXY") || dynamic();
        }

        boolean dynamic() {
            return on.equals(SERVER) && Privileges.dynamic(what);
        }

        private String scope() {
            return on.isEmpty() ? "" : " ON " + on;
        }
    }

    /** @return REVOKE statements, each followed by what they would take too much of; empty when there is nothing */
    static List<String> revocations(String account, Collection<Grant> target, Collection<Grant> set) {
        Map<Privilege, Boolean> here = privileges(target);
        Map<Privilege, Boolean> there = privileges(set);
        addGarbled(there, here.keySet());
        Map<String, Set<String>> plain = new LinkedHashMap<>();
        List<String> single = new ArrayList<>();
        List<Privilege> stale = new ArrayList<>();
        boolean roles = false;
        for (Map.Entry<Privilege, Boolean> entry : here.entrySet()) {
            Privilege privilege = entry.getKey();
            boolean handedOn = entry.getValue() && !there.getOrDefault(privilege, false);
            if (handedOn && privilege.dynamic()) {
                stale.add(privilege);
            } else if (!there.containsKey(privilege)) {
                boolean option = privilege.what().equals(GRANT_OPTION);
                if (privilege.what().equals(ALL)) {
                    single.add(privilege.revoke(account));
                    there.keySet().stream()
                            .filter(kept -> kept.on().equals(privilege.on()) && !kept.what().equals(GRANT_OPTION))
                            .forEach(kept -> single.add(kept.grant(account)));
                } else if (privilege.on().isEmpty() || option) {
                    single.add(privilege.revoke(account));
                } else if (!there.containsKey(new Privilege(ALL, privilege.on()))) {
                    plain.computeIfAbsent(privilege.on(), on -> new LinkedHashSet<>()).add(privilege.what());
                }
            } else if (handedOn) {
                single.add(privilege.revoke(account));
                single.add(privilege.grant(account));
                roles |= privilege.on().isEmpty();
            }
        }
        List<String> statements = new ArrayList<>();
        plain.forEach((on, whats) -> statements.add(new Privilege(String.join(", ", whats), on).revoke(account)));
        statements.addAll(single);
        if (!stale.isEmpty()) {
            // MySQL 8.0.12 goes on with those that could be handed on until it reads its tables again, and takes no GRANT of them
            statements.add(new Privilege(whats(stale), SERVER).revoke(account));
            statements.add("FLUSH PRIVILEGES");
            stale.retainAll(there.keySet());
            if (!stale.isEmpty()) {
                statements.add(new Privilege(whats(stale), SERVER).grant(account));
            }
        }
        statements.addAll(defaultRoles(account, target, set, roles));
        return statements.stream().map(ExcessPrivileges::executable).toList();
    }

    /** A packages' statement is none in MariaDB's usual mode, and what follows it may be none in Oracle's. */
    private static String executable(String statement) {
        return Grant.of(statement).filter(grant -> !grant.mode("").isEmpty()).isPresent()
                ? "SET SESSION sql_mode = 'ORACLE'; " + statement + "; SET SESSION sql_mode = DEFAULT"
                : statement;
    }

    private static String whats(List<Privilege> privileges) {
        return privileges.stream().map(Privilege::what).collect(Collectors.joining(", "));
    }

    /** Roles that are active from the beginning: where the set names some, a restore has set these, and a REVOKE above may undo it. */
    private static List<String> defaultRoles(String account, Collection<Grant> target, Collection<Grant> set, boolean again) {
        List<String> wanted = set.stream().map(Grant::statement).filter(ExcessPrivileges::isDefault).toList();
        if (!wanted.isEmpty()) {
            return again ? wanted : List.of();
        }
        return target.stream().map(Grant::statement).filter(ExcessPrivileges::isDefault).limit(1)
                .map(line -> "SET DEFAULT ROLE NONE" + (Quoting.masked(line).contains(" FOR ") ? " FOR " : " TO ") + account).toList();
    }

    private static boolean isDefault(String statement) {
        return statement.startsWith("SET DEFAULT ROLE ");
    }

    /** Each with whether the account may hand it on; REVOKE, by which MySQL shows exceptions, gives nothing. */
    static Map<Privilege, Boolean> privileges(Collection<Grant> grants) {
        Map<Privilege, Boolean> all = new LinkedHashMap<>();
        for (Grant grant : grants) {
            String statement = grant.statement();
            String masked = Quoting.masked(statement);
            int to = masked.indexOf(" TO ");
            if (!statement.startsWith("GRANT ") || to < 0) {
                continue;
            }
            boolean option = masked.endsWith(" OPTION");
            int on = masked.substring(0, to).indexOf(" ON ");
            String scope = on < 0 ? "" : statement.substring(on + " ON ".length(), to);
            for (String what : listed(statement.substring("GRANT ".length(), on < 0 ? to : on))) {
                Privilege privilege = new Privilege(what, scope);
                boolean alone = privilege.handedOnAlone();
                if (!what.equals("USAGE")) {
                    all.merge(privilege, option && alone, Boolean::logicalOr);
                }
                if (option && !alone) {
                    all.put(new Privilege(GRANT_OPTION, scope), false);
                }
            }
        }
        return all;
    }

    /**
     * Adds what sets of older versions say for names that they garbled, by the names on the target: MariaDB calls what it says of accounts
     * latin1, and it is UTF-8. Somebody would revoke what the account has rightly.
     */
    private static void addGarbled(Map<Privilege, Boolean> there, Collection<Privilege> here) {
        Map<String, String> names = new HashMap<>();
        here.stream().flatMap(privilege -> Stream.of(privilege.what(), privilege.on())).forEach(name ->
                names.put(new String(name.getBytes(StandardCharsets.UTF_8), LATIN1), name));
        new LinkedHashMap<>(there).forEach((said, option) -> there.merge(
                new Privilege(names.getOrDefault(said.what(), said.what()), names.getOrDefault(said.on(), said.on())), option, Boolean::logicalOr));
    }

    /** Privileges on several columns are one for each column. */
    private static List<String> listed(String list) {
        List<String> all = new ArrayList<>();
        for (String item : split(list)) {
            int columns = Quoting.masked(item).indexOf(" (");
            if (columns < 0) {
                all.add(item);
            } else {
                split(item.substring(columns + 2, item.length() - 1))
                        .forEach(column -> all.add(item.substring(0, columns) + " (" + column + ")"));
            }
        }
        return all;
    }

    /** By commas that are in no quotes and no parentheses. */
    private static List<String> split(String list) {
        List<String> items = new ArrayList<>();
        String masked = Quoting.masked(list);
        int depth = 0;
        int from = 0;
        for (int i = 0; i < masked.length(); i++) {
            char c = masked.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (c == ',' && depth == 0) {
                items.add(list.substring(from, i).strip());
                from = i + 1;
            }
        }
        items.add(list.substring(from).strip());
        return items;
    }
}
