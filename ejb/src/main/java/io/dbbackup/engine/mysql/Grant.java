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
    /** Empty for a line of another form. */
    public static Optional<Grant> of(String line) {
        String masked = Quoting.masked(line);
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

    /** The {@code sql_mode} in which the server takes the statement: MariaDB knows packages in the mode of Oracle alone. */
    public String mode(String usual) {
        return Quoting.masked(statement).contains(" ON PACKAGE ") ? usual + ",ORACLE" : usual;
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
}
