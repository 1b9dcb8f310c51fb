package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.postgresql.PgErrors;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.pipeline.RowScanner;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.TableComparison;
import io.dbbackup.spi.WorkItem;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;
import org.postgresql.copy.CopyOut;
import org.postgresql.jdbc.PgConnection;

/** Reads a restored table in the format of its parts and compares its fingerprint with the set's. Changes nothing. */
final class CompareItem {
    private final Function<String, RowScanner> scanners;

    CompareItem(Function<String, RowScanner> scanners) {
        this.scanners = scanners;
    }

    ItemResult execute(RestoreContext context, WorkItem item, Progress progress) {
        CompareTask task = item.payload(CompareTask.class);
        RestoreTarget target = RestoreTarget.of(context, task.database());
        TableManifest table = SetDatabase.of(context, task.database()).manifest().tables().get(task.table());
        RowScanner scanner = scanners.apply(table.parts().get(0).format());
        try (TargetSession session = TargetSession.open(context, target.name(), "compare")) {
            long bytes = read(context, session, table, scanner, progress);
            Fingerprint found = scanner.result();
            return new ItemResult(
                    bytes, 0, found.rows(),
                    new TableComparison(task.database(), table.schema(), table.name(), table.content(), found),
                    List.of());
        } catch (RuntimeException e) {
            context.cancellation().check();
            throw e;
        }
    }

    private static long read(
            RestoreContext context, TargetSession session, TableManifest table, RowScanner scanner, Progress progress) {
        long bytes = 0;
        try {
            CopyOut copy = ((PgConnection) session.connection()).getCopyAPI().copyOut(table.readStatement());
            for (byte[] row = copy.readFromCopy(); row != null; row = copy.readFromCopy()) {
                scanner.accept(row, 0, row.length);
                bytes += row.length;
                progress.bytes(row.length);
                context.cancellation().check();
            }
            return bytes;
        } catch (SQLException e) {
            throw PgErrors.translate(
                    e, session.sql().endpoint(), "reading table " + table.schema() + "." + table.name());
        }
    }
}
