package io.dbbackup.engine.postgresql.sliced;

import io.dbbackup.engine.postgresql.CopyFormat;
import io.dbbackup.engine.postgresql.Quoting;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.manifest.Assembly;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One row in slices. It travels as rows of a helper table: one with field 0 that holds the columns which are not cut, and behind it
 * the slices of the columns that are, in order.
 *
 * <p>PostgreSQL can hold a row of more than 1 GiB but not form it at once. The helper table takes the columns one after the
 * other by UPDATE; each then is a reference to values kept apart (TOAST), and a single INSERT … SELECT moves references into the
 * table, so that constraints see a complete row and nothing has to be put aside for it.
 *
 * @param cut positions of the columns that are cut, from 0
 */
public record SlicedRow(SlicedTable table, SlicedTable.Place place, List<Integer> cut) {
    private static final String HELPER = "pg_temp.dbbackup_row";
    private static final String SUFFIX = "-sliced";

    public SlicedRow {
        cut = List.copyOf(cut);
    }

    /** The name of the part's format in the manifest. */
    public String manifestFormat() {
        return table.format().manifestName() + SUFFIX;
    }

    /** Whether a part is a row in slices. */
    public static boolean isFormat(String manifestFormat) {
        return manifestFormat.endsWith(SUFFIX);
    }

    /**
     * Finds the row in the plain bytes of a part.
     *
     * @throws BackupException MANIFEST_INVALID when there is no such format
     */
    public static SlicedRowScanner scanner(String manifestFormat) {
        return new SlicedRowScanner(
                CopyFormat.of(manifestFormat.substring(0, manifestFormat.length() - SUFFIX.length())));
    }

    /** @throws BackupException ROW_TOO_LARGE when none of its columns can be cut */
    public void requireCut(String name) {
        if (cut.isEmpty()) {
            throw new BackupException(
                    ErrorCode.ROW_TOO_LARGE,
                    "a row of table " + name + " is too large for COPY and has no column that can be read in slices",
                    "Exclude the rows of this table (--exclude-table-data), or make the row smaller.");
        }
    }

    /** The COPY that sends the rows of the helper table. */
    public String readStatement() {
        List<String> queries = new ArrayList<>();
        queries.add("SELECT 0::int4, NULL::pg_catalog.text, NULL::int8, NULL::int8, NULL::pg_catalog.bytea, "
                + columns(position -> cut.contains(position)
                        ? nothing(position)
                        : table.columns().get(position).value())
                + source());
        for (int position : cut) {
            SlicedColumn column = table.columns().get(position);
            // OFFSET 0 keeps the value from being computed anew for every slice
            queries.add("SELECT " + (position + 1) + ", '" + column.kind().form()
                    + "'::pg_catalog.text, octet_length(f.v)::int8, s.at::int8, substr(f.v, s.at + 1, " + table.sizes().slice()
                    + "), " + columns(this::nothing) + " FROM (SELECT " + column.bytes(table.encoding()) + " AS v" + source()
                    + " OFFSET 0) f, LATERAL generate_series(0, octet_length(f.v) - 1, " + table.sizes().slice() + ") s (at)");
        }
        return "COPY (" + String.join("\nUNION ALL ", queries) + ") TO STDOUT" + table.options();
    }

    private String source() {
        return " FROM " + table.from() + " t WHERE " + place.condition();
    }

    private String nothing(int position) {
        return "NULL::" + table.columns().get(position).type();
    }

    private String columns(java.util.function.IntFunction<String> each) {
        List<String> values = new ArrayList<>();
        for (int i = 0; i < table.columns().size(); i++) {
            values.add(each.apply(i));
        }
        return String.join(", ", values);
    }

    /** The COPY that takes what the other one sent. */
    public String loadStatement() {
        return "COPY " + HELPER + " FROM STDIN" + table.options();
    }

    /**
     * What makes a row of the helper table's rows.
     *
     * @param target the table that takes the row
     */
    public Assembly assembly(String target) {
        List<String> before = new ArrayList<>();
        before.add("CREATE TEMP TABLE dbbackup_row (field pg_catalog.int4 NOT NULL, form pg_catalog.text, total pg_catalog.int8,"
                + " start pg_catalog.int8, bytes pg_catalog.bytea, "
                + columns(position -> helperColumn(position) + " " + table.columns().get(position).type())
                + ") ON COMMIT DROP");
        before.add("ALTER TABLE " + HELPER + " ALTER bytes SET STORAGE EXTERNAL"
                + cut.stream()
                        .filter(position -> table.columns().get(position).external())
                        .map(position -> ", ALTER " + helperColumn(position) + " SET STORAGE EXTERNAL")
                        .collect(Collectors.joining()));
        List<String> after = new ArrayList<>();
        for (int position : cut) {
            String bytes = "pg_catalog.string_agg(bytes, ''::pg_catalog.bytea ORDER BY start)";
            after.add("UPDATE " + HELPER + " SET " + helperColumn(position) + " = (SELECT "
                    + table.columns().get(position).assembled(bytes, table.encoding()) + " FROM " + HELPER + " WHERE field = "
                    + (position + 1) + ") WHERE field = 0");
        }
        after.add("INSERT INTO " + target + " ("
                + columns(position -> Quoting.identifier(table.columns().get(position).name()))
                + ") OVERRIDING SYSTEM VALUE SELECT " + columns(SlicedRow::helperColumn) + " FROM " + HELPER
                + " WHERE field = 0");
        return new Assembly(before, after);
    }

    private static String helperColumn(int position) {
        return "c" + (position + 1);
    }
}
