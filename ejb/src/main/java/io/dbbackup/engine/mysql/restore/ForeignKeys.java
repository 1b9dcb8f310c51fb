package io.dbbackup.engine.mysql.restore;

import java.util.ArrayList;
import java.util.List;

/** Statements that add foreign keys, as a set has them: one per table. Stateless. */
final class ForeignKeys {
    private static final String NEXT = ", ADD CONSTRAINT ";

    private ForeignKeys() {}

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
