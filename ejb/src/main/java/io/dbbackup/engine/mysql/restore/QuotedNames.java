package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Quoting;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * The names in backquotes of a view as SHOW CREATE writes it, where they are the names of databases: in front of a table, a function or
 * a sequence. An alias of a table in front of a column looks the same. Immutable.
 */
final class QuotedNames {
    private static final List<String> BEFORE_TABLE = List.of("from", "join", "nextval", "lastval", "setval");

    private final String statement;
    private final List<Name> names = new ArrayList<>();

    QuotedNames(String statement) {
        this.statement = statement;
        for (int at = 0; at < statement.length(); ) {
            char c = statement.charAt(at);
            int end = c == '\'' || c == '`' ? Quoting.end(statement, at) : at + 1;
            if (c == '`') {
                names.add(new Name(at, end, statement.substring(at + 1, end - 1).replace("``", "`")));
            }
            at = end;
        }
    }

    /** Between backquotes. */
    private record Name(int from, int end, String text) {}

    /**
     * The statement with other databases.
     *
     * @param others the name that takes the place of a database's, in backquotes; empty to leave it
     */
    String with(Function<String, Optional<String>> others) {
        StringBuilder text = new StringBuilder();
        int from = 0;
        for (Name name : names) {
            Optional<String> other = first(name) && !ambiguous(name.text) ? others.apply(name.text) : Optional.empty();
            if (other.isPresent()) {
                text.append(statement, from, name.from).append(other.get());
                from = name.end;
            }
        }
        return text.append(statement, from, statement.length()).toString();
    }

    /** Whether that is also the name of something else here, as of a table, by which columns may go: nobody can tell one from the other. */
    boolean ambiguous(String database) {
        return names.stream().anyMatch(name -> name.text.equalsIgnoreCase(database) && alone(name));
    }

    /** Those that certainly are databases. */
    List<String> databases() {
        return names.stream().filter(name -> first(name) && (callsOrGoesOn(name) || isTable(name))).map(Name::text).distinct().toList();
    }

    /** Whether something belongs to it, and it to nothing else. */
    private boolean first(Name name) {
        return statement.startsWith(".", name.end) && !before(name).endsWith(".");
    }

    /** No column's, account's or view's own name. */
    private boolean alone(Name name) {
        String before = before(name);
        return !statement.startsWith(".", name.end) && !statement.startsWith("@", name.end)
                && !before.endsWith("@") && !before.endsWith(" AS ") && !before.endsWith(" VIEW ");
    }

    /** In {@code database.function(} and {@code database.table.column}. */
    private boolean callsOrGoesOn(Name name) {
        int end = statement.startsWith("`", name.end + 1) ? Quoting.end(statement, name.end + 1) : statement.length();
        return statement.startsWith("(", end) || statement.startsWith(".", end);
    }

    /** Where a table is named, or a sequence. */
    private boolean isTable(Name name) {
        String before = statement.substring(Math.max(0, name.from - 100), name.from).replaceFirst("[( ]+$", "").toLowerCase(Locale.ROOT);
        return BEFORE_TABLE.stream().anyMatch(before::endsWith);
    }

    private String before(Name name) {
        return statement.substring(Math.max(0, name.from - " VIEW ".length()), name.from);
    }
}
