package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.model.BackupException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Statements that add foreign keys, as a set has them: one per table, and what they refer to. Stateless. */
final class ForeignKeys {
    private static final String NEXT = ", ADD CONSTRAINT ";
    private static final String REFERENCES = " REFERENCES ";
    private static final String NAME = "`((?:[^`]|``)*+)`";
    /** A table of another database: one of the same is named alone. */
    private static final Pattern ELSEWHERE = Pattern.compile(NAME + "\\." + NAME);

    /** "Missing unique key": MySQL 8.4 takes others only where {@link LenientTables} could set that. */
    private static final int NO_UNIQUE_KEY = 6125;

    private ForeignKeys() {}

    /**
     * Why something that follows the rows is not there, and what is to be done before its statement is executed.
     *
     * @param broken whether the source would not take it either
     */
    static String remedy(BackupException e, boolean broken) {
        return e.getCause() instanceof SQLException origin && origin.getErrorCode() == NO_UNIQUE_KEY
                ? ". The source takes such keys, here restrict_fk_on_non_standard_key is ON, and the account may not turn that off for its"
                        + " sessions (SESSION_VARIABLES_ADMIN). Turn it off"
                : (broken ? ". The source keeps it although it is broken there" : ". The target does not take it") + ". Mend what the message names";
    }

    /** A definition for each key of one. */
    static List<Definition> split(Definition keys) {
        return split(keys.statement()).stream().map(statement -> keys.with(keys.written().with(statement))).toList();
    }

    /** What the statement for a key begins with. */
    static String beginning(String table, String name) {
        return "ALTER TABLE " + Quoting.identifier(table) + " ADD CONSTRAINT " + Quoting.identifier(name) + " FOREIGN KEY ";
    }

    /** A statement for each key; names, which stand in backticks, may look like anything. */
    static List<String> split(String statement) {
        List<String> parts = new ArrayList<>();
        boolean quoted = false;
        int from = 0;
        for (int at = 0; at < statement.length(); at++) {
            if (statement.charAt(at) == '`') {
                quoted = !quoted;
            } else if (!quoted && statement.startsWith(NEXT, at)) {
                parts.add(statement.substring(from, at));
                from = at + 2;
            }
        }
        parts.add(statement.substring(from));
        String first = parts.get(0);
        String table = first.substring(0, afterTable(first));
        List<String> statements = new ArrayList<>(List.of(first));
        parts.subList(1, parts.size()).forEach(key -> statements.add(table + key));
        return statements;
    }

    /** A table of another database that a key refers to. */
    record Reference(String database, String table) {}

    /** What the keys of a statement refer to outside of their own database. */
    static List<Reference> elsewhere(String statement) {
        List<Reference> references = new ArrayList<>();
        forEach(statement, found -> references.add(new Reference(found.group(1).replace("``", "`"), found.group(2).replace("``", "`"))));
        return references;
    }

    /**
     * The same keys to tables of other databases.
     *
     * @param others the name that takes the place of a database's, in backquotes; empty to leave it
     */
    static String with(String statement, Function<String, Optional<String>> others) {
        StringBuilder text = new StringBuilder();
        int[] from = new int[1];
        forEach(statement, found -> others.apply(found.group(1).replace("``", "`")).ifPresent(other -> {
            text.append(statement, from[0], found.start()).append(other);
            from[0] = found.end(1) + 1;
        }));
        return text.append(statement, from[0], statement.length()).toString();
    }

    private static void forEach(String statement, Consumer<Matcher> each) {
        String masked = Quoting.masked(statement);
        Matcher matcher = ELSEWHERE.matcher(statement);
        for (int at = masked.indexOf(REFERENCES); at >= 0; at = masked.indexOf(REFERENCES, at + 1)) {
            if (matcher.region(at + REFERENCES.length(), statement.length()).lookingAt()) {
                each.accept(matcher);
            }
        }
    }

    /** Behind ALTER TABLE and the name of the table. */
    private static int afterTable(String statement) {
        boolean quoted = false;
        for (int at = 0; at < statement.length(); at++) {
            if (statement.charAt(at) == '`') {
                quoted = !quoted;
            } else if (!quoted && statement.startsWith("ADD ", at)) {
                return at;
            }
        }
        throw new IllegalArgumentException("adds no key: " + statement);
    }
}
