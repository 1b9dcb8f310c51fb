package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Sql;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Foreign keys in what SHOW CREATE TABLE says. MariaDB 11.4.5 does not double the backquotes in their names and in those of their columns
 * (10.11 does, and so do both in every other name), so that nobody could execute what it says, or it meant other names. Stateless.
 */
final class ShownReferences {
    private static final String BEGIN = "\n  CONSTRAINT ";
    private static final String COLUMNS = "\\((?:`[^`]++`(?:, )?)++\\)";
    /** Names without backquotes say what they mean on every server. */
    private static final Pattern PLAIN = Pattern.compile(
            "`[^`]++` (?:CHECK |FOREIGN KEY " + COLUMNS + " REFERENCES (?:`[^`]++`\\.)?`[^`]++` " + COLUMNS + ")");

    private ShownReferences() {}

    /**
     * @param table in the current database
     * @param shown what SHOW CREATE TABLE says of it
     * @return the same with every name quoted
     */
    static String quoted(Sql sql, String table, String shown) {
        if (plain(shown)) {
            return shown;
        }
        return quoted(
                sql.listAll(
                        "SELECT table_name, constraint_name, column_name, referenced_column_name FROM information_schema.key_column_usage"
                                + " WHERE table_schema = database() AND table_name = ? AND referenced_table_name IS NOT NULL"
                                + " ORDER BY constraint_name, ordinal_position",
                        row -> new Pair(row.getString(1), row.getString(2), row.getString(3), row.getString(4)),
                        table)
                        // the comparison of the server may ignore case
                        .stream().filter(pair -> pair.table.equals(table)).toList(),
                shown);
    }

    private static boolean plain(String shown) {
        Matcher plain = PLAIN.matcher(shown);
        for (int at = shown.indexOf(BEGIN); at >= 0; at = shown.indexOf(BEGIN, at + 1)) {
            if (!plain.region(at + BEGIN.length(), shown.length()).lookingAt()) {
                return false;
            }
        }
        return true;
    }

    /** @param pairs of all foreign keys of the table, in the order of their columns */
    static String quoted(List<Pair> pairs, String shown) {
        List<Key> keys = pairs.stream().collect(Collectors.groupingBy(Pair::key)).entrySet().stream()
                .map(key -> new Key(
                        key.getKey(), key.getValue().stream().map(Pair::column).toList(),
                        key.getValue().stream().map(Pair::referenced).toList()))
                .toList();
        // a name in one of the two forms may be another name in the other one, but a server writes all of them alike
        if (keys.stream().allMatch(key -> key.find(shown, Quoting::identifier).isPresent())) {
            return shown;
        }
        String result = shown;
        for (Key key : keys) {
            Optional<Place> place = key.find(result, name -> '`' + name + '`');
            if (place.isPresent()) {
                result = result.substring(0, place.get().at) + key.head(Quoting::identifier)
                        + result.substring(place.get().table, place.get().behind) + key.tail(Quoting::identifier)
                        + result.substring(place.get().end);
            }
        }
        return result;
    }

    /** A column of a foreign key and the one that it refers to. */
    record Pair(String table, String key, String column, String referenced) {}

    /** Its columns and those that they refer to, in order. */
    private record Key(String name, List<String> columns, List<String> referenced) {
        Optional<Place> find(String shown, UnaryOperator<String> quote) {
            String head = head(quote);
            int at = shown.indexOf(head);
            if (at < 0) {
                return Optional.empty();
            }
            int table = at + head.length();
            int behind = Quoting.end(shown, table);
            if (shown.startsWith(".`", behind)) {
                behind = Quoting.end(shown, behind + 1);
            }
            String tail = tail(quote);
            return shown.startsWith(tail, behind)
                    ? Optional.of(new Place(at, table, behind, behind + tail.length())) : Optional.empty();
        }

        /** All before the table that it refers to, which every server quotes. */
        String head(UnaryOperator<String> quote) {
            return BEGIN + quote.apply(name) + " FOREIGN KEY " + list(columns, quote) + " REFERENCES ";
        }

        String tail(UnaryOperator<String> quote) {
            return " " + list(referenced, quote);
        }

        private static String list(List<String> names, UnaryOperator<String> quote) {
            return names.stream().map(quote).collect(Collectors.joining(", ", "(", ")"));
        }
    }

    /**
     * Where a foreign key is in the text.
     *
     * @param table where the name of the table begins that it refers to
     * @param behind end of that name
     */
    private record Place(int at, int table, int behind, int end) {}
}
