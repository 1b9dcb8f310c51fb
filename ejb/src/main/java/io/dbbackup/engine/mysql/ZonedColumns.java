package io.dbbackup.engine.mysql;

import java.util.List;

/**
 * Generated columns of a table whose values are not those that sessions in UTC would compute, as ours are: the server computes them in the
 * time zone of the session that writes the row, and neither vendor keeps that.
 *
 * @param columns their names; empty where keys alone have such values, by expressions of their own
 * @param stored whether some are STORED, so that the table has to be rebuilt for them; what is VIRTUAL has values in keys alone
 * @param zone the {@code time_zone} in which they are to be computed
 * @param system what SYSTEM is on the source
 * @param query yields a text that is the same for the same values of the same rows; empty where nothing is to be compared
 * @param values what it yielded on the snapshot
 */
public record ZonedColumns(List<String> columns, boolean stored, String zone, String system, String query, String values) {
    public static final String UTC = "+00:00";

    public ZonedColumns {
        columns = List.copyOf(columns);
    }

    /** The same in another time zone. */
    public ZonedColumns in(String other) {
        return new ZonedColumns(columns, stored, other, system, query, values);
    }

    /** Whether the rows have other values than loading them in UTC gives them. */
    public boolean rebuilt() {
        return stored && !zone.equals(UTC);
    }

    /** What computes the values of the rows anew in the session's time zone; a rebuild in place would copy them. */
    public static String rebuild(String table) {
        return "ALTER TABLE " + Quoting.identifier(table) + " FORCE, ALGORITHM=COPY";
    }

    /** The statement that makes a session compute in a time zone. */
    public static String enter(String zone) {
        return "SET SESSION time_zone = " + Quoting.literal(zone);
    }

    /** For people. */
    public String shown() {
        return columns.isEmpty() ? "a key by an expression" : "generated column " + String.join(", ", columns);
    }
}
