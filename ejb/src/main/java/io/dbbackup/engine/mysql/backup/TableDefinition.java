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
 * @param prefixed whether that has only the beginning of its first column
 * @param keys keys that are built when the rows are in
 * @param counts whether a column counts up (AUTO_INCREMENT)
 * @param zoned generated columns that are not to be computed in UTC
 * @param computed STORED generated columns that depend on other settings of a session
 * @param created when this table of that name was created or came by it, as the server says; perhaps empty
 * @param form see {@link TableText#form()}
 * @param partitions names of its partitions, quoted, where the first column of the primary key has to do with them; otherwise none
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
        boolean prefixed,
        List<String> keys,
        boolean counts,
        Optional<ZonedColumns> zoned,
        Optional<ComputedColumns> computed,
        String created,
        String form,
        List<String> partitions,
        Spread spread) {
    private static final Set<String> BYTES = Set.of("binary", "varbinary");
    private static final Set<String> TEXTS = Set.of("char", "varchar");
    /** What their text, in which there is never a quote, means in an SQL constant. */
    private static final Set<String> WORDS = Set.of("decimal", "date", "datetime", "uuid");
    /** Not those whose digits are more than a byte each: LOAD DATA would have to read a number of them as bytes. */
    private static final Predicate<String> ASCII_IN_BYTES = set -> !set.matches("ucs2|utf16|utf16le|utf32");
    private static final String HISTORY = " FOR SYSTEM_TIME ALL";
    private static final Set<String> INTEGERS = Set.of("tinyint", "smallint", "mediumint", "int", "bigint");

    TableDefinition {
        columns = List.copyOf(columns);
        primaryKey = List.copyOf(primaryKey);
        keys = List.copyOf(keys);
        partitions = List.copyOf(partitions);
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

        /**
         * Whether a CHAR is in another order in its key, where it has spaces at its end, than in comparisons, where it has none. Where spaces count,
         * 'a' with a tab is before 'a' in the key of MariaDB and behind it otherwise, and in no range that begins or ends with 'a'; its collations
         * of MySQL's names (since 11.4.5) are such, too. In Thai the marks above a letter come last in both vendors, behind these spaces.
         */
        private boolean padded(Vendor vendor) {
            return type.equals("char") && (collation.startsWith("tis620_thai_")
                    || vendor == Vendor.MARIADB && (collation.contains("_nopad_") || collation.contains("_0900_")));
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
                vendor, name, engine, rows, other, versioned, columns, primaryKey, prefixed, keys, counts, zoned, computed, created, form,
                partitions, spread);
    }

    boolean transactional() {
        return StorageEngines.transactional(engine);
    }

    /**
     * The column whose ranges cut the table into parts, if there is one that can. Not a text of which the key has only the beginning: what is cut off
     * there may have another order than the whole ('straß' is behind 'stras', and 'straße 1' before 'strasse 2'), and the servers look for a range of
     * the whole where the beginnings of its bounds are.
     */
    Optional<Column> rangeColumn() {
        return transactional() && !versioned
                ? primaryKey.stream().limit(1)
                        .filter(column -> column.ordered() && !column.padded(vendor) && !(prefixed && TEXTS.contains(column.type()))).findFirst()
                : Optional.empty();
    }

    /** Whether it is cut in an order that a collation makes. */
    boolean rangedByText() {
        return rangeColumn().filter(column -> TEXTS.contains(column.type())).isPresent();
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
        return readAll("");
    }

    private String readAll(String some) {
        return "SELECT " + (columns.isEmpty() ? "1" : columns.stream().map(TableDefinition::selected).collect(Collectors.joining(", ")))
                + " FROM " + Quoting.identifier(name) + (some.isEmpty() ? "" : " PARTITION (" + some + ")") + (versioned ? HISTORY : "");
    }

    /**
     * Reads the rows of a part.
     *
     * @param some partitions; empty text for all
     * @param lower begin of a range of the first column of the primary key, as {@code upper} empty for none
     */
    String read(String some, String lower, String upper) {
        List<String> bounds = new ArrayList<>();
        rangeColumn().map(column -> Quoting.identifier(column.name())).ifPresent(column -> {
            if (!lower.isEmpty()) {
                bounds.add(column + " >= " + lower);
            }
            if (!upper.isEmpty()) {
                bounds.add(column + " < " + upper);
            }
        });
        return readAll(some) + byPrimaryKey() + (bounds.isEmpty() ? "" : " WHERE " + String.join(" AND ", bounds)) + inOrder();
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
        return Quoting.identifier(name) + (versioned ? HISTORY : "");
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

    /** As text a FLOAT is cut to six digits; as a DOUBLE it has all that it needs to be the same FLOAT again. Added to 0, -0 (MySQL) would be 0. */
    private static String selected(Column column) {
        String name = Quoting.identifier(column.name());
        if (!column.nameless().isEmpty()) {
            return "IF(" + name + " + 0 = 0, '" + column.nameless() + "', " + name + ") AS " + name;
        }
        if (!column.mask().isEmpty()) {
            return "CONCAT('" + column.mask() + "', CAST(" + name + " AS UNSIGNED)) AS " + name;
        }
        return column.type().equals("float") ? name + " * 1e0 AS " + name : name;
    }
}
