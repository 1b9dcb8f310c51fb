package io.dbbackup.engine.mysql;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What the account of a session lacks, by what it is to be granted on, and the statements that grant it. Not thread-safe. */
public final class MissingPrivileges {
    /** Takes the place of all others in a statement. */
    public static final String ALL = "ALL PRIVILEGES";

    private static final String SERVER = "*.*";

    private final Sql sql;
    private final Map<String, Set<String>> lacking = new TreeMap<>();
    /** What a statement has to repeat. */
    private final Map<String, Set<String>> repeated = new TreeMap<>();

    public MissingPrivileges(Sql sql) {
        this.sql = sql;
    }

    public void onServer(Collection<String> privileges) {
        on(SERVER, privileges);
    }

    /** @param place as GRANT takes it */
    public void on(String place, Collection<String> privileges) {
        if (!privileges.isEmpty()) {
            lacking.computeIfAbsent(place, key -> new TreeSet<>()).addAll(privileges);
        }
    }

    /** Of these what is lacking in that database, which need not exist. */
    public void inDatabase(String database, Collection<String> needed) {
        matching(escaped(database), database, place(database), needed);
    }

    /**
     * Of these what is lacking in databases that a run makes up.
     *
     * @param prefix of all their names
     * @param one of them
     */
    public void inDatabases(String prefix, String one, Collection<String> needed) {
        String pattern = escaped(prefix) + '%';
        matching(pattern, one, Privileges.literally(sql) ? SERVER : Quoting.identifier(pattern) + ".*", needed);
    }

    private void matching(String pattern, String database, String place, Collection<String> needed) {
        lacking(pattern, database, place, Privileges.of(sql, database).missing(needed));
    }

    private void lacking(String pattern, String database, String place, Set<String> missing) {
        on(place, missing);
        if (!missing.isEmpty()) {
            // the more precise grant takes the place of the others
            repeated.put(place, Privileges.byPattern(sql, database, pattern));
        }
    }

    /**
     * Of these what is lacking where somebody is granted something.
     *
     * @param written the database as GRANT takes it, or a pattern of several
     */
    public void where(String written, Collection<String> needed) {
        if (Privileges.literally(sql)) {
            inDatabase(written, needed);
        } else if (!Privileges.pattern(written)) {
            inDatabase(Privileges.unescaped(written), needed);
        } else {
            String place = Quoting.identifier(written) + ".*";
            lacking(written, Privileges.any(written), place, Privileges.onPattern(sql, written).missing(needed));
        }
    }

    /** The database as GRANT takes it. */
    public String place(String database) {
        return Quoting.identifier(Privileges.literally(sql) ? database : escaped(database)) + ".*";
    }

    private static String escaped(String name) {
        return name.replaceAll("([_%\\\\])", "\\\\$1");
    }

    public boolean isEmpty() {
        return lacking.isEmpty();
    }

    /** For people: {@code EVENT, TRIGGER on `shop`.*}. */
    public String text() {
        return lacking.entrySet().stream().map(each -> String.join(", ", each.getValue()) + " on " + each.getKey())
                .collect(Collectors.joining(", "));
    }

    /** The statements, each on a line of its own and with its semicolon, so that they can be taken out of what is said around them. */
    public String grants() {
        String account = sql.text("SELECT current_user()");
        int at = account.lastIndexOf('@');
        String to = Quoting.identifier(account.substring(0, at)) + "@" + Quoting.identifier(account.substring(at + 1));
        return lacking.entrySet().stream().map(each -> statement(each.getKey(), each.getValue(), to)).collect(Collectors.joining("\n"));
    }

    private String statement(String place, Set<String> privileges, String to) {
        Set<String> all = new TreeSet<>(privileges);
        all.addAll(repeated.getOrDefault(place, Set.of()));
        // MySQL gives it to dynamic privileges only behind them
        boolean option = all.remove(Privileges.GRANT_OPTION);
        String whats = all.contains(ALL) ? ALL : all.isEmpty() ? "USAGE" : String.join(", ", all);
        return "GRANT " + whats + " ON " + place + " TO " + to + (option ? " WITH " + Privileges.GRANT_OPTION : "") + ";";
    }
}
