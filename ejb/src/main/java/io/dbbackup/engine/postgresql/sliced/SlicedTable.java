package io.dbbackup.engine.postgresql.sliced;

import io.dbbackup.engine.postgresql.CopyFormat;
import io.dbbackup.engine.postgresql.Quoting;
import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.model.BackupException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A table that has rows which COPY cannot read: finds them, reads the others, and reads each of them in slices. Its
 * statements are for sessions with {@code search_path = pg_catalog}.
 *
 * @param from the table behind FROM, with or without ONLY
 * @param encoding of the bytes of text
 */
public record SlicedTable(
        String from, CopyFormat format, String encoding, SliceSizes sizes, List<SlicedColumn> columns) {
    private static final String COLUMNS = """
            SELECT a.attname, t.oid, tn.nspname, t.typname, t.typlen < 0, fn.nspname, f.proname, coalesce(sn.nspname, ''),
                   coalesce(s.proname, ''), a.attstorage = 'e'
            FROM unnest(?::text[]) WITH ORDINALITY w (name, n)
            JOIN pg_attribute a ON a.attrelid = ?::oid AND a.attname = w.name
            CROSS JOIN LATERAL (
                WITH RECURSIVE base AS (
                    SELECT oid, typtype, typbasetype FROM pg_type WHERE oid = a.atttypid
                    UNION ALL
                    SELECT p.oid, p.typtype, p.typbasetype FROM base d JOIN pg_type p ON p.oid = d.typbasetype
                    WHERE d.typtype = 'd')
                SELECT oid FROM base WHERE typtype <> 'd') b
            JOIN pg_type t ON t.oid = b.oid
            JOIN pg_namespace tn ON tn.oid = t.typnamespace
            JOIN pg_proc f ON f.oid = t.typoutput
            JOIN pg_namespace fn ON fn.oid = f.pronamespace
            LEFT JOIN pg_proc s ON s.oid = t.typsend
            LEFT JOIN pg_namespace sn ON sn.oid = s.pronamespace
            ORDER BY w.n
            """;

    public SlicedTable {
        columns = List.copyOf(columns);
    }

    /** Where a row is, in the table or in one of its partitions. */
    public record Place(long table, String row) {
        String condition() {
            return "t.tableoid = " + table + "::oid AND t.ctid = '" + row + "'::tid";
        }
    }

    /**
     * Rows of the table.
     *
     * @param with common table expressions, or empty
     * @param conditions that all hold
     */
    public record Choice(String with, List<String> conditions) {
        public Choice {
            conditions = List.copyOf(conditions);
        }

        public static Choice all() {
            return new Choice("", List.of());
        }

        String where(List<String> more) {
            List<String> every = new ArrayList<>(conditions);
            every.addAll(more);
            return every.isEmpty() ? "" : " WHERE (" + String.join(") AND (", every) + ")";
        }
    }

    /**
     * Looks the columns up.
     *
     * @param table its oid
     * @param columns their names in the order of the parts
     * @throws BackupException of the server
     */
    public static SlicedTable of(
            Sql sql, long table, String from, CopyFormat format, String encoding, SliceSizes sizes, List<String> columns) {
        return new SlicedTable(from, format, encoding, sizes, sql.list(
                COLUMNS,
                row -> new SlicedColumn(
                        row.getString(1),
                        SlicedColumn.Kind.of(format, row.getLong(2), row.getBoolean(5)),
                        Quoting.qualified(row.getString(3), row.getString(4)),
                        Quoting.qualified(row.getString(6), row.getString(7)),
                        Quoting.qualified(row.getString(8), row.getString(9)),
                        row.getBoolean(5),
                        row.getBoolean(10)),
                columns.toArray(String[]::new), table));
    }

    /**
     * The rows that may be too large for a COPY message. Looks at the sizes that the table itself holds, and only where these
     * do not suffice at values; in text format every character may have to be escaped.
     *
     * @throws BackupException ROW_TOO_LARGE when a single value is larger than what PostgreSQL can give away
     */
    public List<Place> find(Sql sql, Choice choice) {
        long limit = switch (format) {
            case BINARY -> sizes.row();
            case TEXT -> sizes.row() / 2;
        };
        String large = "CASE WHEN " + sum(columns.stream().map(SlicedColumn::bound).toList()) + " < " + limit
                + " THEN false ELSE " + sum(columns.stream().map(column -> column.exact(format)).toList()) + " >= " + limit
                + " END";
        return sql.list(
                choice.with() + " SELECT t.tableoid, t.ctid::text FROM " + from + " t" + choice.where(List.of(large)),
                row -> new Place(row.getLong(1), row.getString(2)));
    }

    private static String sum(List<String> numbers) {
        return Stream.concat(Stream.of("0::int8"), numbers.stream().filter(number -> !number.equals("0")))
                .collect(Collectors.joining(" + "));
    }

    /** Reads the rows of the choice without those that are read in slices. */
    public String readOthers(Choice choice, List<Place> large) {
        return "COPY (" + choice.with() + " SELECT "
                + columns.stream().map(column -> Quoting.identifier(column.name())).collect(Collectors.joining(", "))
                + " FROM " + from + " t"
                + choice.where(large.stream().map(place -> "NOT (" + place.condition() + ")").toList()) + ") TO STDOUT"
                + options();
    }

    /** Looks which columns of a row are to be cut. */
    public SlicedRow row(Sql sql, Place place) {
        String worth = columns.stream().map(column -> column.worth(sizes)).collect(Collectors.joining(", "));
        List<Boolean> cut = sql.first(
                        "SELECT ARRAY[" + worth + "] FROM " + from + " t WHERE " + place.condition(),
                        row -> List.of((Boolean[]) row.getArray(1).getArray()))
                .orElseThrow(() -> new IllegalStateException("row " + place + " of " + from + " is gone"));
        return new SlicedRow(
                this, place, IntStream.range(0, columns.size()).filter(cut::get).boxed().toList());
    }

    String options() {
        return switch (format) {
            case BINARY -> " (FORMAT binary)";
            case TEXT -> " (FORMAT text, ENCODING " + Quoting.literal(encoding) + ")";
        };
    }
}
