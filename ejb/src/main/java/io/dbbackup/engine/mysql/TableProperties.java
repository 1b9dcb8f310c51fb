package io.dbbackup.engine.mysql;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Optional;

/**
 * What a restore needs to know about a table beyond its rows: the {@code properties} of its manifest.
 *
 * @param engine storage engine
 * @param transactional whether its rows belong to the snapshot and are loaded in transactions; false for MyISAM, Aria and the
 *     like, whose rows are those of the moment in which they were read
 * @param versioned whether the parts hold the history of a system-versioned table, too
 * @param insert inserts one row, with a question mark for each field of a part's lines, where LOAD DATA LOCAL is off
 * @param keys keys that are built when the rows are in, as in CREATE TABLE, one perhaps with what drops the key that a column counted by
 *     until then; they are also in the blob with the definitions that follow the rows
 * @param columns columns of the rows, in their order
 * @param counts whether a column counts up (AUTO_INCREMENT); false in sets of older versions
 * @param zoned generated columns that are not to be computed in UTC; empty in sets of older versions, too
 * @param computed STORED generated columns whose values depend on other settings of a session than its time zone; empty in sets of
 *     older versions, too
 * @param historyRows after how many rows history goes on in the next partition ({@code PARTITION BY SYSTEM_TIME LIMIT}); the rows
 *     are in the order in which they became history then. 0 for other tables and in sets of older versions
 * @param historyPartitions how many partitions it has for these; 0 where {@code historyRows} is
 */
public record TableProperties(
        String engine, boolean transactional, boolean versioned, String insert, List<String> keys, List<Column> columns,
        boolean counts, @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<ZonedColumns> zoned,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<ComputedColumns> computed,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) long historyRows,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) int historyPartitions) {
    public TableProperties {
        keys = List.copyOf(keys);
        // absent in sets of older versions
        columns = columns == null ? List.of() : List.copyOf(columns);
        zoned = zoned == null ? Optional.empty() : zoned;
        computed = computed == null ? Optional.empty() : computed;
    }

    /**
     * @param shape see {@link TableProperties#shape}
     * @param nameless how the rows say that an ENUM has its value number 0, which has no name and which the server shows as '';
     *     empty for other columns and in sets of older versions
     * @param members the type of an ENUM or SET whose rows may hold digits (see {@link Members#numbered}); empty for other columns and
     *     in sets of older versions
     * @param nullable whether it may be NULL; absent in sets of older versions
     */
    public record Column(
            String name, String shape, @JsonInclude(JsonInclude.Include.NON_EMPTY) String nameless,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) String members,
            @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Boolean> nullable) {
        public Column {
            nameless = nameless == null ? "" : nameless;
            members = members == null ? "" : members;
            nullable = nullable == null ? Optional.empty() : nullable;
        }
    }

    /** Whether the set says of all its columns which may be NULL. */
    public boolean saysNullable() {
        return !columns.isEmpty() && columns.stream().allMatch(column -> column.nullable().isPresent());
    }

    /**
     * Expression over {@code information_schema.columns} for those that make a NULL a value of their own without a word: TIMESTAMP takes
     * the time, AUTO_INCREMENT a number.
     */
    public static final String REPLACES_NULL =
            "(is_nullable = 'NO' AND (data_type = 'timestamp' OR extra LIKE '%auto_increment%'))";

    /**
     * Expression over {@code information_schema.columns} for what the server silently cuts, rounds or pads values by: fractions
     * of seconds, places behind the point, the length of BINARY. What does not fit any other length is a warning of its.
     */
    public static final String DETAIL = """
            CASE WHEN data_type IN ('datetime', 'timestamp', 'time') THEN coalesce(datetime_precision, 0)
                 WHEN data_type = 'binary' THEN character_maximum_length
                 WHEN data_type IN ('decimal', 'float', 'double') THEN concat('scale ', coalesce(numeric_scale, 'any'))
                 ELSE '' END\
            """;

    /**
     * What a column must be so that it takes a field's bytes as what they were: its type without a length that does not
     * matter, and how its text is encoded.
     *
     * @param type as in {@code information_schema.columns.data_type}
     * @param detail see {@link #DETAIL}
     * @param characterSet empty for what is no text
     */
    public static String shape(String type, String detail, String characterSet) {
        return type + (detail.isEmpty() ? "" : "(" + detail + ")") + (characterSet.isEmpty() ? "" : " CHARACTER SET " + characterSet);
    }

    /** Whether a column takes values of another one. Shapes in sets of older versions have no details. */
    public static boolean takes(String here, String set) {
        return here.equals(set) || here.replaceFirst("\\([^)]*\\)", "").equals(set);
    }
}
