package io.dbbackup.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A pattern of tables: {@code table}, {@code schema.table} or {@code database.schema.table}, in which {@code *} stands for
 * any characters and {@code ?} for one. Where a database has no schemas (MySQL, MariaDB), the schema is the database. A part in
 * double quotes is meant as it is written. Upper and lower case differ.
 */
public final class TablePattern {
    /** What a pattern may be, as a remedy. */
    public static final String ALLOWED = "Give table, schema.table or database.schema.table (MySQL and MariaDB: table"
            + " or database.table), with * and ? for any characters; put a name with dots, stars or blanks in double quotes.";

    private final String text;
    private final Optional<Pattern> database;
    private final Optional<Pattern> schema;
    private final Pattern table;

    private TablePattern(String text, List<Pattern> parts) {
        this.text = text;
        int last = parts.size() - 1;
        table = parts.get(last);
        schema = last > 0 ? Optional.of(parts.get(last - 1)) : Optional.empty();
        database = last > 1 ? Optional.of(parts.get(0)) : Optional.empty();
    }

    /** Empty when it is none. */
    public static Optional<TablePattern> parse(String text) {
        List<Pattern> parts = new ArrayList<>();
        StringBuilder expression = new StringBuilder();
        boolean quoted = false;
        boolean any = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"') {
                if (quoted && i + 1 < text.length() && text.charAt(i + 1) == '"') {
                    expression.append(Pattern.quote("\""));
                    i++;
                } else {
                    quoted = !quoted;
                }
                any = true;
            } else if (!quoted && c == '.') {
                if (!any) {
                    return Optional.empty();
                }
                parts.add(compile(expression));
                expression.setLength(0);
                any = false;
            } else {
                expression.append(quoted ? Pattern.quote(Character.toString(c)) : wild(c));
                any = true;
            }
        }
        if (quoted || !any || parts.size() > 2) {
            return Optional.empty();
        }
        parts.add(compile(expression));
        return Optional.of(new TablePattern(text, parts));
    }

    private static String wild(char c) {
        return switch (c) {
            case '*' -> ".*";
            case '?' -> ".";
            default -> Pattern.quote(Character.toString(c));
        };
    }

    private static Pattern compile(StringBuilder expression) {
        return Pattern.compile(expression.toString(), Pattern.DOTALL);
    }

    public boolean matches(String databaseName, String schemaName, String tableName) {
        return database.map(pattern -> pattern.matcher(databaseName).matches()).orElse(true)
                && schema.map(pattern -> pattern.matcher(schemaName).matches()).orElse(true)
                && table.matcher(tableName).matches();
    }

    @Override
    public String toString() {
        return text;
    }
}
