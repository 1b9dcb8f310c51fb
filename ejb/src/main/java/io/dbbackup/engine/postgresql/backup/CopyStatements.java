package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.postgresql.CopyFormat;
import io.dbbackup.engine.postgresql.Quoting;
import io.dbbackup.engine.postgresql.sliced.SlicedTable;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The COPY statements of one table. They do not depend on the session's settings except those of all our sessions. */
record CopyStatements(TableDefinition table, String encoding) {
    /** Reads all rows of the table as the manifest knows it, here or from a restored copy. */
    String readBack() {
        return table.routed() ? select(target(), "") : readAll();
    }

    /** Reads all rows of this table. */
    String readAll() {
        if (table.condition().isEmpty()) {
            return "COPY " + name() + columnList() + " TO STDOUT" + options();
        }
        return select("ONLY " + name(), table.condition());
    }

    /** Reads the rows on the pages {@code from} (inclusive) to {@code to} (exclusive); -1 is the end of the table. */
    String readPages(long from, long to) {
        if (from == 0 && to < 0) {
            return readAll();
        }
        return select("ONLY " + name(), "WHERE " + String.join(" AND ", pages(from, to)));
    }

    private static List<String> pages(long from, long to) {
        return Stream.of(from == 0 ? "" : "ctid >= '(" + from + ",0)'", to < 0 ? "" : "ctid < '(" + to + ",0)'")
                .filter(bound -> !bound.isEmpty())
                .toList();
    }

    /** The same rows as {@link #readPages}, for statements of another kind. */
    SlicedTable.Choice choice(long from, long to) {
        return new SlicedTable.Choice("", table.condition().isEmpty()
                ? pages(from, to)
                // a condition is any text behind FROM
                : List.of("ctid IN (SELECT ctid FROM ONLY " + name() + " " + table.condition() + ")"));
    }

    /**
     * Reads chosen rows of this table.
     *
     * @param with common table expressions
     * @param chosen query for the {@code ctid}s of the rows
     */
    String readChosen(String with, String chosen) {
        return "COPY (" + with + " SELECT " + columns() + " FROM ONLY " + name() + " WHERE ctid IN (" + chosen + ")) TO STDOUT"
                + options();
    }

    /** Loads bytes that one of the reading statements yielded. */
    String load() {
        return "COPY " + target() + columnList() + " FROM STDIN" + options();
    }

    private String select(String from, String where) {
        return "COPY (SELECT " + columns() + " FROM " + from + " " + where + ") TO STDOUT" + options();
    }

    String target() {
        return Quoting.qualified(table.target().schema(), table.target().name());
    }

    String name() {
        return Quoting.qualified(table.schema(), table.name());
    }

    private String columns() {
        return table.columns().stream().map(Quoting::identifier).collect(Collectors.joining(", "));
    }

    /** A table without columns, or with generated ones only, must do without the list: an empty one is no syntax. */
    private String columnList() {
        return table.columns().isEmpty() ? "" : " (" + columns() + ")";
    }

    private String options() {
        return switch (table.format()) {
            case BINARY -> " (FORMAT binary)";
            case TEXT -> " (FORMAT text, ENCODING '" + encoding + "')";
        };
    }

    CopyFormat format() {
        return table.format();
    }
}
