package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.Quoting;
import java.nio.charset.Charset;
import java.util.List;

/**
 * The text of a view as SHOW CREATE writes it in the view's own database: names of tables are without it, but MariaDB leaves it
 * at columns and functions where the author named it, and it may have another name when it is restored. Stateless.
 */
final class ViewText {
    private static final List<String> SEQUENCE_FUNCTIONS = List.of("nextval(", "lastval(", "setval(");

    private ViewText() {}

    /**
     * Without the database in {@code database.table.column}, {@code database.function(} and {@code nextval(database.sequence)}; what is
     * in quotes stays.
     */
    static String here(String statement, String database) {
        String prefix = Quoting.identifier(database) + ".";
        StringBuilder text = new StringBuilder(statement.length());
        for (int at = 0; at < statement.length(); ) {
            char c = statement.charAt(at);
            if (c != '\'' && c != '`') {
                text.append(c);
                at++;
            } else if (c == '`' && statement.startsWith(prefix + "`", at) && !endsWithDot(text)
                    && (ofSequence(text) || qualifies(statement, Quoting.end(statement, at + prefix.length())))) {
                at += prefix.length();
            } else {
                int end = Quoting.end(statement, at);
                text.append(statement, at, end);
                at = end;
            }
        }
        return text.toString();
    }

    /**
     * Without the backslash that MySQL's SHOW CREATE puts behind every character of a literal whose last byte is one (in GBK, say),
     * as it does for a backslash.
     *
     * @param definition what {@code information_schema.views} says, in which there are none of these
     */
    static String singleBackslashes(String statement, Charset charset, String definition) {
        if (backslashes(statement) <= backslashes(definition)) {
            return statement;
        }
        StringBuilder text = new StringBuilder(statement.length());
        char quote = 0;
        for (int at = 0; at < statement.length(); at++) {
            char c = statement.charAt(at);
            text.append(c);
            if (quote == 0) {
                quote = c == '\'' || c == '`' ? c : 0;
            } else if (c == quote) {
                quote = 0;
            } else if (quote == '\'' && statement.startsWith("\\", at + (c == '\\' ? 0 : 1))) {
                if (c == '\\') {
                    at++;
                    text.append(statement.charAt(at));
                } else if (endsWithBackslash(c, charset)) {
                    at++;
                }
            }
        }
        return text.toString();
    }

    private static long backslashes(String text) {
        return text.chars().filter(c -> c == '\\').count();
    }

    private static boolean endsWithBackslash(char c, Charset charset) {
        byte[] bytes = String.valueOf(c).getBytes(charset);
        return bytes.length > 1 && bytes[bytes.length - 1] == '\\';
    }

    private static boolean endsWithDot(StringBuilder text) {
        return !text.isEmpty() && text.charAt(text.length() - 1) == '.';
    }

    /** Whether the next name is that of a sequence: functions of these names that somebody has made are in quotes. */
    private static boolean ofSequence(StringBuilder text) {
        return SEQUENCE_FUNCTIONS.stream().anyMatch(function ->
                text.length() >= function.length() && text.indexOf(function, text.length() - function.length()) >= 0);
    }

    /** Whether what ends there can only be a table before its column, or a function. */
    private static boolean qualifies(String statement, int end) {
        return statement.startsWith(".`", end) || statement.startsWith("(", end);
    }
}
