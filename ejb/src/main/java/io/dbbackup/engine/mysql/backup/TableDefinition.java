package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Vendor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A table with rows.
 *
 * @param engine storage engine
 * @param rows estimated rows
 * @param bytes estimated bytes of its rows
 * @param versioned whether it keeps the history of its rows
 * @param columns columns that have values of their own, in their order
 * @param primaryKey columns of the primary key; empty when it has none
 * @param keys keys that are built when the rows are in
 */
record TableDefinition(
        Vendor vendor,
        String name,
        String engine,
        long rows,
        long bytes,
        boolean versioned,
        List<Column> columns,
        List<Column> primaryKey,
        List<String> keys) {
    private static final Set<String> INTEGERS = Set.of("tinyint", "smallint", "mediumint", "int", "bigint");

    TableDefinition {
        columns = List.copyOf(columns);
        primaryKey = List.copyOf(primaryKey);
        keys = List.copyOf(keys);
    }

    /** @param type as in {@code information_schema.columns.data_type}, in lower case */
    record Column(String name, String type) {
        Column {
            type = type.toLowerCase(Locale.ROOT);
        }

        boolean integer() {
            return INTEGERS.contains(type);
        }
    }

    boolean transactional() {
        return engine.equalsIgnoreCase("InnoDB");
    }

    /** The column whose ranges cut the table into parts, if there is one that can. */
    Optional<Column> rangeColumn() {
        return transactional() && !versioned ? primaryKey.stream().limit(1).filter(Column::integer).findFirst() : Optional.empty();
    }

    /** Reads all rows, here or from a restored copy. */
    String readAll() {
        return "SELECT " + columns.stream().map(TableDefinition::selected).collect(Collectors.joining(", ")) + " FROM " + from();
    }

    /** Reads the rows of a range of the first column of the primary key; empty text is no bound. */
    String read(String lower, String upper) {
        List<String> bounds = new ArrayList<>();
        rangeColumn().map(column -> Quoting.identifier(column.name())).ifPresent(column -> {
            if (!lower.isEmpty()) {
                bounds.add(column + " >= " + lower);
            }
            if (!upper.isEmpty()) {
                bounds.add(column + " < " + upper);
            }
        });
        return readAll() + byPrimaryKey() + (bounds.isEmpty() ? "" : " WHERE " + String.join(" AND ", bounds));
    }

    /** The rows come in the order in which loading them is cheapest. */
    String byPrimaryKey() {
        return transactional() && !primaryKey.isEmpty() ? " FORCE INDEX (PRIMARY)" : "";
    }

    String from() {
        return Quoting.identifier(name) + (versioned ? " FOR SYSTEM_TIME ALL" : "");
    }

    /** Loads what one of the reading statements yielded; the name of the file means nothing. */
    String load() {
        List<String> targets = new ArrayList<>();
        List<String> conversions = new ArrayList<>();
        for (Column column : columns) {
            String name = Quoting.identifier(column.name());
            if (vendor.loadsAsText(column.type())) {
                String variable = "@v" + targets.size();
                targets.add(variable);
                conversions.add(name + " = CONVERT(" + variable + " USING utf8mb4)");
            } else {
                targets.add(name);
            }
        }
        return "LOAD DATA LOCAL INFILE '/dev/stdin' INTO TABLE " + Quoting.identifier(name)
                + " CHARACTER SET binary FIELDS TERMINATED BY '\\t' ENCLOSED BY '' ESCAPED BY '\\\\'"
                + " LINES STARTING BY '' TERMINATED BY '\\n' (" + String.join(", ", targets) + ")"
                + (conversions.isEmpty() ? "" : " SET " + String.join(", ", conversions));
    }

    /** As text a FLOAT is cut to six digits; as a DOUBLE it has all that it needs to be the same FLOAT again. */
    private static String selected(Column column) {
        String name = Quoting.identifier(column.name());
        return column.type().equals("float") ? name + " + 0e0 AS " + name : name;
    }
}
