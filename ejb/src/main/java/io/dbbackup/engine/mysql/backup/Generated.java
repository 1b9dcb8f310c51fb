package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.Quoting;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A generated column and what a session asks of its values.
 *
 * @param stored whether rows have the value
 */
record Generated(TableDefinition.Column column, String expression, boolean stored) {
    /** With backticks. */
    String name() {
        return Quoting.identifier(column.name());
    }

    static List<String> names(Collection<Generated> all) {
        return all.stream().map(each -> each.column.name()).sorted().toList();
    }

    /** Whether all of them have, in a row, what this session would compute. */
    static String allSame(Collection<Generated> all) {
        return all.stream().map(Generated::same).collect(Collectors.joining(" AND "));
    }

    /** Whether a column has what its expression yields, after the conversion that storing it is. */
    private String same() {
        String value = "(" + expression + ")";
        String detail = column.detail();
        return switch (column.type()) {
            case "date" -> sameInstant(value, "DATE");
            case "datetime", "timestamp" -> sameInstant(value, "DATETIME(" + detail + ")");
            case "time" -> name() + " <=> CAST(" + value + " AS TIME(" + detail + "))";
            case "tinyint", "smallint", "mediumint", "int", "bigint", "year" -> name() + " <=> CAST(" + value + " AS DECIMAL(65, 0))";
            case "decimal" -> name() + " <=> CAST(" + value + " AS DECIMAL(65, " + detail.replaceAll("\\D", "") + "))";
            case "float", "double" -> name() + " <=> " + value + " + 0e0";
            default -> column.characterSet().isEmpty()
                    ? "CAST(" + name() + " AS CHAR) <=> CAST(" + value + " AS CHAR)"
                    : "CAST(" + name() + " AS BINARY) <=> CAST(CONVERT(" + value + " USING " + column.characterSet() + ") AS BINARY)";
        };
    }

    /** What cannot be stored as a date becomes zero, where a cast yields NULL. */
    private String sameInstant(String value, String type) {
        String cast = "CAST(" + value + " AS " + type + ")";
        // NULL <=> CAST('none' AS DATE) is false on MariaDB
        return "(coalesce(" + name() + " = " + cast + ", " + name() + " IS NULL AND " + cast + " IS NULL) OR " + cast + " IS NULL AND " + value
                + " IS NOT NULL AND " + name() + " + 0 = 0)";
    }

    /**
     * Query for a digest of values: it adds up a hash of each row's values and primary key, so that it takes no memory and the order
     * does not matter.
     */
    static String digest(ZonedValues.Table table, Collection<Generated> all) {
        String values = Stream.concat(table.primaryKey().stream(), all.stream().map(Generated::column)).distinct()
                .map(column -> "coalesce(sha2(CAST(" + Quoting.identifier(column.name()) + " AS BINARY), 256), '-')")
                .collect(Collectors.joining(", "));
        return "SELECT concat(count(*), ' ', coalesce(sum(CAST(conv(left(sha2(concat(" + values + ", ''), 256), 15), 16, 10) AS UNSIGNED)), 0))"
                + " FROM " + table.rows();
    }
}
