package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Sql;
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
     * @return what is wrong with it, for people; a default is known to be, members may be
     */
    static Set<String> of(Sql sql, String table, TableDefinition.Column column, String element) {
        Set<String> found = new TreeSet<>();
        if (!WIDE.contains(column.characterSet()) || element.indexOf('?') < 0) {
            return found;
        }
        Matcher members = MEMBERS.matcher(element);
        if (members.find() && members.group(1).indexOf('?') >= 0) {
            found.add("perhaps members of " + column.name());
        }
        Matcher constant = DEFAULT.matcher(element);
        if (constant.find() && constant.group(1).indexOf('?') >= 0 && wide(value(sql, table, column.name()))) {
            found.add("the default of " + column.name());
        }
        return found;
    }

    /** The default itself, whatever is in the table. */
    private static String value(Sql sql, String table, String column) {
        return sql.text("SELECT DEFAULT(" + Quoting.identifier(column) + ") FROM (SELECT 1) one LEFT JOIN "
                + Quoting.identifier(table) + " ON false");
    }

    private static boolean wide(String text) {
        return text.codePoints().anyMatch(Character::isSupplementaryCodePoint);
    }
}
