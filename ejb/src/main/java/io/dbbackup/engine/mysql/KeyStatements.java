package io.dbbackup.engine.mysql;

import java.util.ArrayList;
import java.util.List;

/**
 * The statements that add keys to a table. MySQL's InnoDB builds one FULLTEXT key per statement (error 1795), so there is one for each,
 * and the first has all other keys: what builds them is one pass over the rows. Each adds all of its keys or none. Stateless.
 */
public final class KeyStatements {
    private static final String ADD = " ADD ";
    private static final String NEXT = "," + ADD;
    private static final String WORDS = "FULLTEXT ";

    private KeyStatements() {}

    /**
     * @param table its name
     * @param keys as in CREATE TABLE, at least one
     */
    public static List<String> of(String table, List<String> keys) {
        return statements("ALTER TABLE " + Quoting.identifier(table) + ADD, keys);
    }

    /** @param statement adds keys, as sets of older versions have it: all at once */
    public static List<String> split(String statement) {
        int from = outside(statement, ADD, 0);
        if (from < 0 || !statement.contains(NEXT + WORDS)) {
            return List.of(statement);
        }
        from += ADD.length();
        String begin = statement.substring(0, from);
        List<String> keys = new ArrayList<>();
        for (int next = outside(statement, NEXT, from); next >= 0; next = outside(statement, NEXT, from)) {
            keys.add(statement.substring(from, next));
            from = next + NEXT.length();
        }
        keys.add(statement.substring(from));
        return statements(begin, keys);
    }

    private static List<String> statements(String begin, List<String> keys) {
        List<String> first = new ArrayList<>();
        List<String> later = new ArrayList<>();
        for (String key : keys) {
            boolean another = key.startsWith(WORDS) && first.stream().anyMatch(each -> each.startsWith(WORDS));
            (another ? later : first).add(key);
        }
        List<String> statements = new ArrayList<>(List.of(begin + String.join(NEXT, first)));
        later.forEach(key -> statements.add(begin + key));
        return statements;
    }

    /** Where something stands that is in no quotes, from there on; below 0 for nowhere. A doubled quote opens the next piece at once. */
    private static int outside(String text, String wanted, int from) {
        for (int at = from; at < text.length(); at++) {
            if (text.startsWith(wanted, at)) {
                return at;
            }
            char quote = text.charAt(at);
            if (quote == '`' || quote == '\'' || quote == '"') {
                for (at++; at < text.length() && text.charAt(at) != quote; at++) {
                    at += text.charAt(at) == '\\' && quote != '`' ? 1 : 0;
                }
            }
        }
        return -1;
    }
}
