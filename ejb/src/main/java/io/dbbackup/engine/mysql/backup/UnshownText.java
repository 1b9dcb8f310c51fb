package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Sql;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds what SHOW CREATE TABLE does not say: both vendors write question marks for characters of four bytes in constant defaults
 * and in members of ENUM and SET (MySQL bug 110291, seen with MySQL 8.0.12 and MariaDB 10.11), and MariaDB does so for members of
 * bytes, which MySQL does not take (error 3507). Stateless.
 */
final class UnshownText {
    private static final Set<String> WIDE = Set.of("utf8mb4", "utf16", "utf16le", "utf32", "gb18030", "binary");
    private static final String CONSTANT = "'(?:[^'\\\\]|''|\\\\.)*+'";
    private static final Pattern MEMBERS =
            Pattern.compile("^`(?:[^`]|``)++` (?:enum|set)\\((" + CONSTANT + "(?:," + CONSTANT + ")*+)\\)", Pattern.DOTALL);
    private static final Pattern DEFAULT = Pattern.compile(" DEFAULT (" + CONSTANT + ")", Pattern.DOTALL);

    private UnshownText() {}

    /**
     * @param element a column in SHOW CREATE TABLE
     * @param readable whether rows of the table may be looked at
     * @return what is wrong with it, for people; a default is known to be, or may be, as members may
     */
    static Set<String> of(Sql sql, String table, TableDefinition.Column column, String element, boolean readable) {
        Set<String> found = new TreeSet<>();
        if (!WIDE.contains(column.characterSet()) || element.indexOf('?') < 0) {
            return found;
        }
        Matcher members = MEMBERS.matcher(element);
        if (members.find() && members.group(1).indexOf('?') >= 0) {
            found.add("perhaps members of " + column.name());
        }
        Matcher constant = DEFAULT.matcher(element);
        if (constant.find() && constant.group(1).indexOf('?') >= 0) {
            Optional<String> value = value(sql, table, column, readable);
            if (value.isEmpty() || wide(value.get())) {
                found.add((value.isEmpty() ? "perhaps " : "") + "the default of " + column.name());
            }
        }
        return found;
    }

    /** The default itself, whatever is in the table; that of a column that must have a value only a row says. */
    private static Optional<String> value(Sql sql, String table, TableDefinition.Column column, boolean readable) {
        if (column.required() && !readable) {
            return Optional.empty();
        }
        return sql.first(
                "SELECT DEFAULT(" + Quoting.identifier(column.name()) + ") FROM "
                        + (column.required()
                                ? Quoting.identifier(table) + " LIMIT 1"
                                : "(SELECT 1) one LEFT JOIN " + Quoting.identifier(table) + " ON false"),
                row -> row.getString(1));
    }

    private static boolean wide(String text) {
        return text.codePoints().anyMatch(Character::isSupplementaryCodePoint);
    }
}
