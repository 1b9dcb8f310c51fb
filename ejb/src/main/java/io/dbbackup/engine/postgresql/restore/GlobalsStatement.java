package io.dbbackup.engine.postgresql.restore;

import java.util.ArrayList;
import java.util.List;

/**
 * A statement of the globals and what it is about.
 *
 * @param kind what it does
 * @param subject name of the role or tablespace that it creates or changes; of a membership or privilege the role that
 *     gets it
 * @param other of a membership the role that is granted, else empty
 * @param sql the statement; may hold a password's hash and is never shown
 */
record GlobalsStatement(Kind kind, String subject, String other, String sql) {
    enum Kind {
        CREATE_ROLE,
        ROLE_ATTRIBUTES,
        ROLE_DETAIL,
        MEMBERSHIP,
        CREATE_TABLESPACE,
        TABLESPACE_DETAIL,
        PARAMETER_PRIVILEGE,
        SESSION_SETTING,
        OTHER
    }

    static GlobalsStatement of(String sql) {
        List<String> words = words(sql);
        String first = word(words, 0);
        String second = word(words, 1);
        String third = word(words, 2);
        String fourth = word(words, 3);
        return switch (first) {
            case "SET", "SELECT" -> new GlobalsStatement(Kind.SESSION_SETTING, "", "", sql);
            case "CREATE" -> switch (second) {
                case "ROLE", "USER", "GROUP" -> new GlobalsStatement(Kind.CREATE_ROLE, name(words, 2), "", sql);
                case "TABLESPACE" -> new GlobalsStatement(Kind.CREATE_TABLESPACE, name(words, 2), "", sql);
                default -> new GlobalsStatement(Kind.OTHER, "", "", sql);
            };
            case "ALTER" -> switch (second) {
                case "ROLE", "USER" -> new GlobalsStatement(
                        fourth.equals("WITH") ? Kind.ROLE_ATTRIBUTES : Kind.ROLE_DETAIL, name(words, 2), "", sql);
                case "TABLESPACE" -> new GlobalsStatement(Kind.TABLESPACE_DETAIL, name(words, 2), "", sql);
                default -> new GlobalsStatement(Kind.OTHER, "", "", sql);
            };
            case "COMMENT" -> detail(third, name(words, 3), sql);
            case "SECURITY" -> label(words, sql);
            case "GRANT", "REVOKE" -> privilege(words, sql);
            default -> new GlobalsStatement(Kind.OTHER, "", "", sql);
        };
    }

    private static GlobalsStatement detail(String type, String name, String sql) {
        return switch (type) {
            case "ROLE" -> new GlobalsStatement(Kind.ROLE_DETAIL, name, "", sql);
            case "TABLESPACE" -> new GlobalsStatement(Kind.TABLESPACE_DETAIL, name, "", sql);
            default -> new GlobalsStatement(Kind.OTHER, name, "", sql);
        };
    }

    private static GlobalsStatement label(List<String> words, String sql) {
        int on = upper(words).indexOf("ON");
        return detail(word(words, on + 1), name(words, on + 2), sql);
    }

    private static GlobalsStatement privilege(List<String> words, String sql) {
        List<String> upper = upper(words);
        int to = Math.max(upper.lastIndexOf("TO"), upper.lastIndexOf("FROM"));
        int on = upper.indexOf("ON");
        if (on < 0) {
            return new GlobalsStatement(Kind.MEMBERSHIP, name(words, to + 1), name(words, 1), sql);
        }
        return switch (word(words, on + 1)) {
            case "TABLESPACE" -> new GlobalsStatement(Kind.TABLESPACE_DETAIL, name(words, on + 2), "", sql);
            case "PARAMETER" -> new GlobalsStatement(Kind.PARAMETER_PRIVILEGE, name(words, to + 1), "", sql);
            default -> new GlobalsStatement(Kind.OTHER, "", "", sql);
        };
    }

    /** The statement without {@code GRANTED BY}, for targets where that role may not grant. */
    GlobalsStatement withoutGrantor() {
        return new GlobalsStatement(
                kind, subject, other, sql.replaceFirst("(?s) GRANTED BY (\"(?:[^\"]|\"\")*\"|[^\\s\";]+)$", ""));
    }

    private static List<String> upper(List<String> words) {
        return words.stream().map(w -> w.startsWith("\"") ? w : w.toUpperCase(java.util.Locale.ROOT)).toList();
    }

    private static String word(List<String> words, int i) {
        return i >= 0 && i < words.size() ? upper(words).get(i) : "";
    }

    private static String name(List<String> words, int i) {
        if (i < 0 || i >= words.size()) {
            return "";
        }
        String word = words.get(i);
        return word.startsWith("\"") ? word.substring(1, word.length() - 1).replace("\"\"", "\"") : word;
    }

    /** Words and quoted identifiers (with their quotes); strings and punctuation are of no interest and left out. */
    private static List<String> words(String sql) {
        List<String> words = new ArrayList<>();
        int i = 0;
        while (i < sql.length() && words.size() < 64) {
            char c = sql.charAt(i);
            int end = i + 1;
            if (c == '"') {
                end = closing(sql, i);
                words.add(sql.substring(i, end));
            } else if (c == '\'') {
                end = closing(sql, i);
            } else if (wordPart(c)) {
                while (end < sql.length() && wordPart(sql.charAt(end))) {
                    end++;
                }
                words.add(sql.substring(i, end));
            }
            i = end;
        }
        return words;
    }

    private static int closing(String sql, int open) {
        char quote = sql.charAt(open);
        int i = open + 1;
        while (i < sql.length()) {
            if (sql.charAt(i) == quote) {
                if (i + 1 < sql.length() && sql.charAt(i + 1) == quote) {
                    i++;
                } else {
                    return i + 1;
                }
            }
            i++;
        }
        return sql.length();
    }

    private static boolean wordPart(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '$' || c == '.' || c > 127;
    }
}
