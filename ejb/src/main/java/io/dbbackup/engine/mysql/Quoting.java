package io.dbbackup.engine.mysql;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Text that is safe inside SQL whatever the names are and whatever sql_mode is. */
public final class Quoting {
    private static final char MASK = '_';

    private Quoting() {}

    /** An identifier in backticks. */
    public static String identifier(String name) {
        return '`' + name.replace("`", "``") + '`';
    }

    /** {@code `database`.`name`}. */
    public static String qualified(String database, String name) {
        return identifier(database) + '.' + identifier(name);
    }

    /** A string constant; as hexadecimal digits unless it is plain, so that no backslash mode can change it. */
    public static String literal(String value) {
        return value.matches("[A-Za-z0-9 _.,:+/-]*")
                ? '\'' + value + '\''
                : "_utf8mb4 X'" + HexFormat.of().formatHex(value.getBytes(StandardCharsets.UTF_8)) + '\'';
    }

    /**
     * Where a constant or a name in quotes ends.
     *
     * @param from where its quote is, an apostrophe or a backquote; in apostrophes a backslash makes the next character harmless
     * @return behind the closing quote; the end of the text where there is none
     */
    public static int end(String text, int from) {
        char quote = text.charAt(from);
        for (int at = from + 1; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '\\' && quote == '\'') {
                at++;
            } else if (c == quote) {
                if (!text.startsWith(String.valueOf(quote), at + 1)) {
                    return at + 1;
                }
                at++;
            }
        }
        return text.length();
    }

    /** A statement with everything in quotes, and the quotes, made harmless, so that words of it can be looked for; of the same length. */
    public static String masked(String line) {
        StringBuilder masked = new StringBuilder(line);
        char quote = 0;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (quote == 0 && (c == '`' || c == '\'')) {
                quote = c;
            } else if (quote == 0) {
                continue;
            } else if (c == quote) {
                quote = 0;
            } else if (c == '\\' && quote == '\'' && i + 1 < line.length()) {
                masked.setCharAt(i, MASK);
                i++;
            }
            masked.setCharAt(i, MASK);
        }
        return masked.toString();
    }
}
