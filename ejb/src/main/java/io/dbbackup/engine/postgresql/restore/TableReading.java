package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.postgresql.CopyFingerprint;
import io.dbbackup.engine.postgresql.CopyFormat;
import io.dbbackup.engine.postgresql.CopyRows;
import io.dbbackup.engine.postgresql.PgErrors;
import io.dbbackup.engine.postgresql.Quoting;
import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.engine.postgresql.TableProperties;
import io.dbbackup.engine.postgresql.sliced.SliceSizes;
import io.dbbackup.engine.postgresql.sliced.SlicedRow;
import io.dbbackup.engine.postgresql.sliced.SlicedRowScanner;
import io.dbbackup.engine.postgresql.sliced.SlicedTable;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.RestoreContext;
import java.sql.SQLException;
import java.util.List;

/** Reads all rows of a restored table in the format of its parts. Not thread-safe. */
final class TableReading {
    /** Bytes between two words about the progress. */
    private static final int STEP = 256 * 1024;

    private final RestoreContext context;
    private final TargetSession session;
    private final TableManifest table;
    private final CopyFormat format;
    private final Progress progress;
    private Fingerprint found = Fingerprint.EMPTY;
    private long bytes;
    private long told;

    TableReading(RestoreContext context, TargetSession session, TableManifest table, Progress progress) {
        this.context = context;
        this.session = session;
        this.table = table;
        this.progress = progress;
        // a part in slices is never the first one
        format = CopyFormat.of(table.parts().get(0).format());
    }

    /** @param encoding of the database that was backed up */
    TableReading read(String encoding) {
        if (table.parts().stream().anyMatch(part -> SlicedRow.isFormat(part.format()))) {
            session.transaction(() -> readInSlices(encoding));
        } else {
            copy(table.readStatement());
        }
        progress.bytes(bytes - told);
        return this;
    }

    Fingerprint found() {
        return found;
    }

    long bytes() {
        return bytes;
    }

    /** With rows among them that COPY cannot read; which ones, the table says and not the set. */
    private void readInSlices(String encoding) {
        Sql sql = session.sql();
        sql.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
        // a parallel plan would mix the slices up
        sql.run("SET LOCAL max_parallel_workers_per_gather = 0");
        String name = Quoting.qualified(table.schema(), table.name());
        long oid = sql.number("SELECT ?::regclass::oid", name);
        boolean partitioned = sql.truth("SELECT relkind = 'p' FROM pg_class WHERE oid = ?::oid", oid);
        SlicedTable sliced = SlicedTable.of(
                sql, oid, partitioned ? name : "ONLY " + name, format, encoding, SliceSizes.USUAL,
                SetDatabase.properties(table).columns().stream().map(TableProperties.Column::name).toList());
        List<SlicedTable.Place> large = sliced.find(sql, SlicedTable.Choice.all());
        copy(sliced.readOthers(SlicedTable.Choice.all(), large));
        for (SlicedTable.Place place : large) {
            SlicedRow row = sliced.row(sql, place);
            row.requireCut(table.schema() + "." + table.name());
            SlicedRowScanner scanner = SlicedRow.scanner(row.manifestFormat());
            read(row.readStatement(), rows -> scanner.accept(rows.bytes(), rows.offset(), rows.length()));
            found = found.plus(scanner.result());
        }
    }

    private void copy(String statement) {
        CopyFingerprint fingerprint = new CopyFingerprint(format);
        read(statement, rows -> fingerprint.add(rows.bytes(), rows.offset(), rows.length(), rows.ends()));
        found = found.plus(fingerprint.result());
    }

    /** Sees what was read. */
    private interface Reader {
        void accept(CopyRows rows);
    }

    private void read(String statement, Reader reader) {
        try {
            CopyRows rows = CopyRows.begin(session.connection(), List.of(statement));
            rows.nextStatement();
            while (rows.next()) {
                reader.accept(rows);
                bytes += rows.length();
                if (bytes - told >= STEP) {
                    progress.bytes(bytes - told);
                    told = bytes;
                    context.cancellation().check();
                }
            }
        } catch (SQLException e) {
            throw PgErrors.translate(
                    e, session.sql().endpoint(), "reading table " + table.schema() + "." + table.name());
        }
    }
}
