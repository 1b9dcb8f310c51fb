package io.dbbackup.engine.mysql;

import java.util.Optional;

/**
 * One line of SHOW GRANTS.
 *
 * @param statement without passwords and other attributes of the account, which MariaDB repeats there
 * @param grantee who is granted something, as {@link Account#quoted()}
 * @param database whose table, column or routine it is about; empty for a whole database and for the server
 */
public record Grant(String statement, String grantee, Optional<String> database) {
    private static final char MASK = '_';

    /** Empty for a line of another form. */
    public static Optional<Grant> of(String line) {
        String masked = masked(line);
        String before = switch (masked.substring(0, Math.max(0, masked.indexOf(' ')))) {
            case "GRANT" -> " TO ";
            case "REVOKE" -> " FROM ";
            case "SET" -> masked.contains(" FOR ") ? " FOR " : " TO ";
            default -> "";
        };
        int at = before.isEmpty() ? -1 : masked.indexOf(before);
        if (at < 0) {
            return Optional.empty();
        }
        int from = at + before.length();
        int end = masked.indexOf(' ', from) < 0 ? masked.length() : masked.indexOf(' ', from);
        String rest = masked.substring(end);
        String options = (rest.contains(" ADMIN OPTION") ? " WITH ADMIN OPTION" : "")
                + (rest.contains(" GRANT OPTION") ? " WITH GRANT OPTION" : "");
        return Optional.of(new Grant(
                line.substring(0, end) + options, line.substring(from, end), database(line, masked, at)));
    }

    private static Optional<String> database(String line, String masked, int end) {
        int on = masked.indexOf(" ON ");
        int dot = on < 0 || on > end ? -1 : masked.substring(0, end).lastIndexOf('.');
        if (dot < on || dot < 0 || masked.charAt(dot + 1) == '*') {
            return Optional.empty();
        }
        int from = masked.lastIndexOf(' ', dot) + 1;
        return Optional.of(line.substring(from + 1, dot - 1).replace("``", "`"));
    }

    /** The line with everything in quotes, and the quotes, made harmless. */
    private static String masked(String line) {
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
