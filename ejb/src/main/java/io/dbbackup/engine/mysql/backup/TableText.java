package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.ColumnDefault;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.StorageEngines;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The text of SHOW CREATE TABLE in its pieces.
 *
 * @param begin up to the opening parenthesis and the line feed behind it
 * @param elements columns, keys and constraints, without the comma behind them
 * @param end from the line feed before the closing parenthesis on
 */
record TableText(String begin, List<String> elements, String end) {
    private static final String INDENT = "  ";
    private static final Pattern COUNTER = Pattern.compile("^(" + StorageEngines.BEFORE_COUNTER + ") AUTO_INCREMENT=(\\d+)");

    private static final String GENERATED = " GENERATED ALWAYS AS (";
    private static final String DEFAULT = " DEFAULT ";
    private static final Pattern NAME = Pattern.compile("`(?:[^`]|``)*`");
    /** In comments there is never a line break. */
    private static final Pattern HISTORY = Pattern.compile("^\\n\\)[^\\n]*\\n PARTITION BY SYSTEM_TIME LIMIT (\\d+)");

    private static final Pattern PARTITIONED = Pattern.compile("\\n(?: |/\\*!\\d+ )PARTITION BY ");

    private static final Pattern PARTITION = Pattern.compile("\\bPARTITION (?!BY )(`(?:[^`]|``)++`|[^\\s`]+)");
    private static final Pattern PARTITIONS = Pattern.compile("\\bPARTITIONS (\\d+)");

    private static final Pattern QUOTED = Pattern.compile("`[^`]*+`|'(?:[^'\\\\]|''|\\\\.)*+'");
    /** Those whose names begin like this are in every server. */
    private static final Pattern OUTSIDE =
            Pattern.compile("\\bTABLESPACE (?:= )?`(?!innodb_)(?:[^`]|``)++`|\\b(?:DATA|INDEX) DIRECTORY ?= ?''");

    TableText {
        elements = List.copyOf(elements);
    }

    /** @throws IllegalArgumentException for a text of another form */
    static TableText of(String statement) {
        Scan scan = new Scan(statement);
        int open = scan.find("(\n", 0);
        int from = open + 2;
        List<String> elements = new ArrayList<>();
        while (true) {
            int comma = scan.find(",\n", from);
            int close = scan.find("\n)", from);
            if (open < 0 || close < 0) {
                throw new IllegalArgumentException("not what SHOW CREATE TABLE says: " + statement);
            }
            if (comma < 0 || close < comma) {
                elements.add(statement.substring(from, close).strip());
                return new TableText(statement.substring(0, open + 2), elements, statement.substring(close));
            }
            elements.add(statement.substring(from, comma).strip());
            from = comma + 2;
        }
    }

    String statement(List<String> kept) {
        return begin + INDENT + String.join(",\n" + INDENT, kept) + end;
    }

    /**
     * A digest of what the rows depend on: columns and their order, options, partitions; without keys and where counting goes on.
     * Equal texts have the same.
     */
    String form() {
        String text = withoutCounter().statement(elements.stream().filter(TableText::isColumn).toList());
        return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8)).toString();
    }

    static boolean isForeignKey(String element) {
        return element.startsWith("CONSTRAINT `") && afterName(element, "CONSTRAINT ").startsWith("FOREIGN KEY ");
    }

    /** The name of a foreign key. */
    static String foreignKeyName(String element) {
        String quoted = element.substring("CONSTRAINT ".length(), nameEnd(element, "CONSTRAINT ".length()));
        return quoted.substring(1, quoted.length() - 1).replace("``", "`");
    }

    /** The same without where its AUTO_INCREMENT column goes on. */
    TableText withoutCounter() {
        return new TableText(begin, elements, COUNTER.matcher(end).replaceFirst("$1"));
    }

    /** Where its AUTO_INCREMENT column goes on, if it has one that has been used. */
    Optional<String> counter() {
        Matcher matcher = COUNTER.matcher(end);
        return matcher.find() ? Optional.of(matcher.group(2)) : Optional.empty();
    }

    /** How many rows each partition for history takes; 0 where that is no matter of rows. */
    long historyRows() {
        Matcher matcher = HISTORY.matcher(end);
        return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    }

    /**
     * Names of the partitions, quoted, in their order.
     *
     * @param column by which they may be; perhaps found where it is not meant
     * @return none where there are no partitions, or that column has nothing to do with them
     */
    List<String> partitions(String column) {
        Matcher begin = PARTITIONED.matcher(end);
        if (!begin.find()) {
            return List.of();
        }
        String plain = withoutConstants(end.substring(begin.start()));
        String by = plain.split("\\(PARTITION ", 2)[0];
        // KEY () is by the primary key
        if (!by.toLowerCase(Locale.ROOT).contains(column.replace("`", "``").toLowerCase(Locale.ROOT)) && !by.contains("()")) {
            return List.of();
        }
        List<String> named = PARTITION.matcher(plain).results()
                .map(found -> found.group(1).startsWith("`") ? found.group(1) : Quoting.identifier(found.group(1))).toList();
        Matcher count = PARTITIONS.matcher(by);
        return !named.isEmpty() ? named
                : count.find() ? IntStream.range(0, Integer.parseInt(count.group(1))).mapToObj(i -> "`p" + i + "`").toList() : List.of("`p0`");
    }

    /** Names may have apostrophes in them. */
    private static String withoutConstants(String text) {
        return QUOTED.matcher(text).replaceAll(found -> found.group().startsWith("`") ? Matcher.quoteReplacement(found.group()) : "''");
    }

    /** What the server has to have, beside the database, for this table to be created: general tablespaces, directories. */
    List<String> needs() {
        String plain = withoutConstants(end);
        return OUTSIDE.matcher(plain).results().map(found -> found.group().replaceAll("\\s*=?\\s*(''|\\z)", "")).distinct().toList();
    }

    /** A key other than the primary one. */
    static boolean isKey(String element) {
        return element.startsWith("KEY ") || element.startsWith("UNIQUE KEY ") || element.startsWith("FULLTEXT KEY ")
                || element.startsWith("SPATIAL KEY ");
    }

    static boolean isPrimaryKey(String element) {
        return element.startsWith("PRIMARY KEY ");
    }

    /** Neither unique, nor of words or places. */
    static boolean isPlainKey(String element) {
        return element.startsWith("KEY ");
    }

    static boolean isUnique(String element) {
        return element.startsWith("UNIQUE KEY ");
    }

    /** The first column of a key, with its backticks; empty for an expression. */
    static String firstColumn(String key) {
        Scan scan = new Scan(key);
        int open = scan.find("(", 0);
        String columns = key.substring(open + 1);
        return columns.startsWith("`") ? columns.substring(0, nameEnd(columns, 0)) : "";
    }

    static boolean isColumn(String element) {
        return element.startsWith("`");
    }

    /** A column's name with its backticks. */
    static String columnName(String element) {
        return element.substring(0, nameEnd(element, 0));
    }

    /** How a generated column is computed; empty for other elements. */
    static Optional<Generation> generation(String element) {
        if (!isColumn(element)) {
            return Optional.empty();
        }
        Scan scan = new Scan(element);
        int begin = scan.find(GENERATED, nameEnd(element, 0));
        if (begin < 0) {
            return Optional.empty();
        }
        int open = begin + GENERATED.length();
        int close = scan.find(")", open);
        return Optional.of(new Generation(element.substring(open, close), element.startsWith(" STORED", close + 1)));
    }

    /** @param stored whether rows have the value */
    record Generation(String expression, boolean stored) {}

    /** A column's default that is computed, and the column without it; empty for other elements. */
    static Optional<Computed> computedDefault(String element) {
        if (!isColumn(element)) {
            return Optional.empty();
        }
        Scan scan = new Scan(element);
        int begin = scan.find(DEFAULT, nameEnd(element, 0));
        int open = begin < 0 ? -1 : scan.find("(", begin);
        // behind a constant there may be a CHECK
        if (open < 0 || element.substring(begin + DEFAULT.length(), open).matches("(?s).*[\\s'].*")) {
            return Optional.empty();
        }
        int end = scan.find(")", open + 1) + 1;
        String rest = element.substring(end);
        String type = element.substring(nameEnd(element, 0), begin);
        boolean needed = type.contains(" NOT NULL") && type.contains(" INVISIBLE");
        return Optional.of(new Computed(
                element.substring(0, begin) + (needed ? DEFAULT + ColumnDefault.STAND_IN : "") + rest,
                element.substring(begin + DEFAULT.length(), end)));
    }

    /** @param column the definition without the default, or with one in its place where no server takes the column without any (4106) */
    record Computed(String column, String expression) {}

    /** Whether a key has a value that is computed for it alone (MySQL 8.0.13). */
    static boolean hasExpression(String key) {
        return NAME.matcher(key).replaceAll("x").matches("[^(]*\\((?:.*,)?\\(.*");
    }

    private static String afterName(String element, String keyword) {
        return element.substring(nameEnd(element, keyword.length())).stripLeading();
    }

    /** Behind the closing backtick of the name that begins at {@code from}. */
    private static int nameEnd(String text, int from) {
        int at = from + 1;
        while (at < text.length()) {
            if (text.charAt(at) == '`') {
                if (at + 1 == text.length() || text.charAt(at + 1) != '`') {
                    return at + 1;
                }
                at++;
            }
            at++;
        }
        return text.length();
    }

    /** Finds text that is neither inside quotes nor inside parentheses opened after the start. */
    private record Scan(String text) {
        int find(String wanted, int from) {
            int depth = 0;
            for (int at = from; at < text.length(); at++) {
                if (depth == 0 && text.startsWith(wanted, at)) {
                    return at;
                }
                char c = text.charAt(at);
                switch (c) {
                    case '`', '\'', '"' -> at = quoteEnd(at, c);
                    case '(' -> depth++;
                    case ')' -> depth--;
                    default -> { }
                }
            }
            return -1;
        }

        /** The closing quote; a doubled one opens the next piece at once, which comes to the same. */
        private int quoteEnd(int open, char quote) {
            int at = open + 1;
            while (at < text.length() && text.charAt(at) != quote) {
                at += text.charAt(at) == '\\' && quote != '`' ? 2 : 1;
            }
            return at;
        }
    }
}
