package io.dbbackup.engine.mysql;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * STORED generated columns of a table whose values depend on settings of the session that wrote the row, which neither vendor keeps.
 *
 * @param columns their names
 * @param settings system variables that the sessions of a restore set while they load the rows, with their values
 * @param query yields a text that is the same for the same values of the same rows; empty where nothing is to be compared
 * @param values what it yielded on the snapshot
 */
public record ComputedColumns(List<String> columns, Map<String, String> settings, String query, String values) {
    /** By this flag of sql_mode what is subtracted from an UNSIGNED column may become less than 0. */
    public static final String UNSIGNED = "NO_UNSIGNED_SUBTRACTION";
    /** Flags of sql_mode that decide which texts are dates; values of plain columns as well. */
    public static final Set<String> DATES = Set.of("ALLOW_INVALID_DATES", "NO_ZERO_DATE", "NO_ZERO_IN_DATE");

    public ComputedColumns {
        columns = List.copyOf(columns);
        settings = settings == null ? Map.of() : Map.copyOf(settings);
    }

    /** The {@code sql_mode} in which the table is made: MariaDB refuses to subtract UNSIGNED columns without that flag. */
    public String madeIn() {
        return Definition.SESSION_MODE + (settings.getOrDefault("sql_mode", "").contains(UNSIGNED) ? "," + UNSIGNED : "");
    }

    /** The statement that gives a session one of the settings. */
    public static String enter(String variable, String value) {
        return "SET SESSION " + Quoting.identifier(variable) + " = " + (value.matches("\\d+") ? value : Quoting.literal(value));
    }

    /** The statement that takes {@link #enter} back in one of our sessions, which all have the same {@code sql_mode}. */
    public static String leave(String variable) {
        return variable.equals("sql_mode")
                ? enter(variable, Definition.SESSION_MODE)
                : "SET SESSION " + Quoting.identifier(variable) + " = DEFAULT";
    }

    /** The settings for sessions that need all dates: {@code sql_mode} has no more than what sets no bounds to them. */
    public ComputedColumns withAllDates() {
        Map<String, String> others = new TreeMap<>(settings);
        others.computeIfPresent("sql_mode", (variable, mode) -> Stream.concat(
                        Stream.of(Definition.SESSION_MODE.split(",")), Stream.of(mode.split(",")).filter(flag -> !DATES.contains(flag)))
                .distinct().collect(Collectors.joining(",")));
        return new ComputedColumns(columns, others, query, values);
    }

    /** What matters, and what a restore has: the settings, or else which dates {@code sql_mode} allows. */
    public Map<String, String> given() {
        return settings.isEmpty() ? Map.of("sql_mode", Definition.SESSION_MODE) : new TreeMap<>(settings);
    }
}
