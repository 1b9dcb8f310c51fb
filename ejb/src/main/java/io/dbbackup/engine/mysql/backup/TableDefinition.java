package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.ComputedColumns;
import io.dbbackup.engine.mysql.Members;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.StorageEngines;
import io.dbbackup.engine.mysql.TableProperties;
import io.dbbackup.engine.mysql.Vendor;
import io.dbbackup.engine.mysql.ZonedColumns;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
 * @param counts whether a column counts up (AUTO_INCREMENT)
 * @param zoned generated columns that are not to be computed in UTC
 * @param computed STORED generated columns that depend on other settings of a session
 * @param created when this table of that name was created or came by it, as the server says; perhaps empty
 * @param form see {@link TableText#form()}
 * @param partitioned whether servers leave out partitions in which they do not look for the rows of a range
 * @param spread how its history is spread over partitions
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
        List<String> keys,
        boolean counts,
        Optional<ZonedColumns> zoned,
        Optional<ComputedColumns> computed,
        String created,
        String form,
        boolean partitioned,
        Spread spread) {
    private static final Set<String> BYTES = Set.of("binary", "varbinary");
    private static final Set<String> TEXTS = Set.of("char", "varchar");
    /** What their text, in which there is never a quote, means in an SQL constant. */
    private static final Set<String> WORDS = Set.of("decimal", "date", "datetime", "uuid");
    /** Not those whose digits are more than a byte each: LOAD DATA would have to read a number of them as bytes. */
    private static final Predicate<String> ASCII_IN_BYTES = set -> !set.matches("ucs2|utf16|utf16le|utf32");
    private static final Set<String> DATES = Set.of("date", "datetime");
    private static final Pattern DAY = Pattern.compile("(\\d{4})-(\\d\\d)-(\\d\\d).*");
    /** How far a day that no month has, such as the 31st of February, goes into the next one. */
    private static final int SPILLED = 3;
    private static final int SHORTEST_MONTH = 28;
    private static final int MONTHS = 12;
    private static final int LAST_YEAR = 9999;
    private static final Set<String> INTEGERS = Set.of("tinyint", "smallint", "mediumint", "int", "bigint");

    TableDefinition {
        columns = List.copyOf(columns);
        primaryKey = List.copyOf(primaryKey);
        keys = List.copyOf(keys);
    }

    /**
     * A column.
     *
     * @param type as in {@code information_schema.columns.data_type}, in lower case
     * @param detail see {@link TableProperties#DETAIL}
     * @param required whether it is NOT NULL
     * @param characterSet of a text, empty for other types
     * @param collation of a text, empty for other types
     * @param columnType as in {@code information_schema.columns.column_type}; empty where nobody asks
     */
    record Column(
            String name, String type, String detail, boolean required, String characterSet, String collation, String columnType) {
        Column {
            type = type.toLowerCase(Locale.ROOT);
        }

        /** A column that is no text. */
        Column(String name, String type, boolean required) {
            this(name, type, "", required, "", "", "");
        }

        /**
         * How the rows say that an ENUM has its value number 0, which the server shows as '' (manuals, "The ENUM Type": what a
         * server that is not strict stores for what is no member). LOAD DATA takes '' with a warning only, but digits that
         * are no member's name for the member's number (Field_enum::store of both vendors), and 0 for no member.
         *
         * @return empty where it stays ''
         */
        String nameless() {
            if (!columnType.toLowerCase(Locale.ROOT).startsWith("enum(") || !ASCII_IN_BYTES.test(characterSet)) {
                return "";
            }
            return Stream.of("0", "00", "000", "0000", "00000").filter(zero -> !columnType.contains("'" + zero + "'")).findFirst().orElse("");
        }

        /** See {@link Members#mask}; empty, too, where digits would need an encoding. */
        String mask() {
            return ASCII_IN_BYTES.test(characterSet) ? Members.mask(columnType) : "";
        }

        boolean integer() {
            return INTEGERS.contains(type);
        }

        /** Whether the values can be cut into ranges. */
        boolean ordered() {
            return integer() || BYTES.contains(type) || WORDS.contains(type) || TEXTS.contains(type) && !collation.isEmpty();
        }

        /** Query expression whose text {@link #constant} understands. */
        String asText() {
            String quoted = Quoting.identifier(name);
            return integer() || WORDS.contains(type) ? quoted : "hex(" + quoted + ")";
        }

        /** A constant that compares with the column as its own values do, without a conversion that would hide its index. */
        String constant(String text) {
            if (integer()) {
                return text;
            }
            if (type.equals("decimal")) {
                // not quoted: what is compared with a text may become floating point, and rows near a bound be in no part
                return new BigDecimal(text).toPlainString();
            }
            if (BYTES.contains(type)) {
                return "x'" + text + "'";
            }
            return WORDS.contains(type) ? "'" + text + "'" : "_" + characterSet + " x'" + text + "' COLLATE " + collation;
        }
    }

    /**
     * How history is spread over partitions where each takes a number of rows ({@code PARTITION BY SYSTEM_TIME LIMIT}).
     *
     * @param end column that says until when a version of a row was valid; empty for other tables
     */
    record Spread(String end, long rows, int partitions) {
        static final Spread NONE = new Spread("", 0, 0);
    }

    /** The same, of which so many bytes are read. */
    TableDefinition sized(long other) {
        return new TableDefinition(
                vendor, name, engine, rows, other, versioned, columns, primaryKey, keys, counts, zoned, computed, created, form, partitioned, spread);
    }

    boolean transactional() {
        return StorageEngines.transactional(engine);
    }

    /** The column whose ranges cut the table into parts, if there is one that can. */
    Optional<Column> rangeColumn() {
        return transactional() && !versioned
                ? primaryKey.stream().limit(1).filter(Column::ordered).findFirst()
                : Optional.empty();
    }

    /**
     * The value from which on another part may begin, that of a row or one behind it. Of partitions by {@code to_days} and the like the
     * servers leave out those of other days than a range has; the 31st of February is a day of March to that function, and comes before March in
     * every comparison, so that it would be in no part where one begins with the 1st of March.
     *
     * @return empty where there is none
     */
    Optional<String> bound(Column range, String value) {
        Matcher day = DAY.matcher(value);
        if (!partitioned || !DATES.contains(range.type()) || !day.matches()) {
            return Optional.of(value);
        }
        int year = Integer.parseInt(day.group(1));
        int month = Math.max(1, Integer.parseInt(day.group(2)));
        int number = month > Integer.parseInt(day.group(2)) ? 0 : Integer.parseInt(day.group(3));
        if (number > SPILLED && number <= SHORTEST_MONTH) {
            return Optional.of(value);
        }
        month += number > SHORTEST_MONTH ? 1 : 0;
        year += month > MONTHS ? 1 : 0;
        return Optional.of(String.format(Locale.ROOT, "%04d-%02d-%02d", year, month > MONTHS ? 1 : month, SPILLED + 1))
                .filter(next -> next.compareTo(LAST_YEAR + "-99") < 0);
    }

    /** What a table must have that these rows are loaded into. */
    List<TableProperties.Column> shapes() {
        return columns.stream()
                .map(column -> new TableProperties.Column(column.name(),
                        TableProperties.shape(column.type(), column.detail(), column.characterSet()), column.nameless(),
                        Members.numbered(column.columnType()) ? column.columnType() : "", Optional.of(!column.required())))
                .toList();
    }

    /** Reads all rows, here or from a restored copy; of those without a value of their own, that they are there. */
    String readAll() {
        return "SELECT " + (columns.isEmpty() ? "1" : columns.stream().map(TableDefinition::selected).collect(Collectors.joining(", ")))
                + " FROM " + from();
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
        return readAll() + byPrimaryKey() + (bounds.isEmpty() ? "" : " WHERE " + String.join(" AND ", bounds)) + inOrder();
    }

    /** What ends a query whose rows are loaded into partitions in turn: the oldest first, current ones at the end. */
    String inOrder() {
        return spread.end().isEmpty() ? "" : " ORDER BY " + Quoting.identifier(spread.end());
    }

    /** The rows come in the order in which loading them is cheapest. */
    String byPrimaryKey() {
        return transactional() && !primaryKey.isEmpty() ? " FORCE INDEX (PRIMARY)" : "";
    }

    String from() {
        return Quoting.identifier(name) + (versioned ? " FOR SYSTEM_TIME ALL" : "");
    }

    /** Loads what one of the reading statements yielded; the name of the file means nothing. */
    String load(int longestField) {
        boolean inserted = longestField > vendor.longestLoadedField()
                || columns.stream().anyMatch(column -> vendor.insertsOnly(column.type(), column.required()));
        return inserted ? insert() : load();
    }

    /** The same, row by row. */
    String insert() {
        return "INSERT INTO " + Quoting.identifier(name) + " ("
                + columns.stream().map(column -> Quoting.identifier(column.name())).collect(Collectors.joining(", "))
                + ") VALUES ("
                + columns.stream().map(column -> vendor.insertsAsText(column.type()) ? "CONVERT(? USING utf8mb4)" : "?")
                        .collect(Collectors.joining(", "))
                + ")";
    }

    private String load() {
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
        if (columns.isEmpty()) {
            targets.add("@v0");
        }
        return "LOAD DATA LOCAL INFILE '/dev/stdin' INTO TABLE " + Quoting.identifier(name)
                + " CHARACTER SET binary FIELDS TERMINATED BY '\\t' ENCLOSED BY '' ESCAPED BY '\\\\'"
                + " LINES STARTING BY '' TERMINATED BY '\\n' (" + String.join(", ", targets) + ")"
                + (conversions.isEmpty() ? "" : " SET " + String.join(", ", conversions));
    }

    /** As text a FLOAT is cut to six digits; as a DOUBLE it has all that it needs to be the same FLOAT again. */
    private static String selected(Column column) {
        String name = Quoting.identifier(column.name());
        if (!column.nameless().isEmpty()) {
            return "IF(" + name + " + 0 = 0, '" + column.nameless() + "', " + name + ") AS " + name;
        }
        if (!column.mask().isEmpty()) {
            return "CONCAT('" + column.mask() + "', CAST(" + name + " AS UNSIGNED)) AS " + name;
        }
        return column.type().equals("float") ? name + " + 0e0 AS " + name : name;
    }
}
