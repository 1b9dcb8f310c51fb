package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.postgresql.CopyFingerprint;
import io.dbbackup.engine.postgresql.CopyFormat;
import io.dbbackup.engine.postgresql.CopyRows;
import io.dbbackup.engine.postgresql.PgErrors;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.TableComparison;
import io.dbbackup.spi.WorkItem;
import java.sql.SQLException;
import java.util.List;

/** Reads a restored table in the format of its parts and compares its fingerprint with the set's. Changes nothing. */
final class CompareItem {
    /** Bytes between two words about the progress. */
    private static final int STEP = 256 * 1024;

    ItemResult execute(RestoreContext context, WorkItem item, Progress progress) {
        CompareTask task = item.payload(CompareTask.class);
        RestoreTarget target = RestoreTarget.of(context, task.database());
        TableManifest table = SetDatabase.of(context, task.database()).manifest().tables().get(task.table());
        CopyFingerprint fingerprint = new CopyFingerprint(CopyFormat.of(table.parts().get(0).format()));
        try (TargetSession session = TargetSession.open(context, target.name(), "compare")) {
            long bytes = read(context, session, table, fingerprint, progress);
            Fingerprint found = fingerprint.result();
            return new ItemResult(
                    // no rows: the run's count is that of the rows restored
                    bytes, 0, 0,
                    new TableComparison(task.database(), table.schema(), table.name(), table.content(), found),
                    List.of());
        } catch (RuntimeException e) {
            context.cancellation().check();
            throw e;
        }
    }

    private static long read(
            RestoreContext context,
            TargetSession session,
            TableManifest table,
            CopyFingerprint fingerprint,
            Progress progress) {
        long bytes = 0;
        try {
            CopyRows rows = CopyRows.begin(session.connection(), List.of(table.readStatement()));
            rows.nextStatement();
            long told = 0;
            while (rows.nextRow()) {
                fingerprint.add(rows.bytes(), rows.offset(), rows.length());
                bytes += rows.length();
                if (bytes - told >= STEP) {
                    progress.bytes(bytes - told);
                    told = bytes;
                    context.cancellation().check();
                }
            }
            progress.bytes(bytes - told);
            return bytes;
        } catch (SQLException e) {
            throw PgErrors.translate(
                    e, session.sql().endpoint(), "reading table " + table.schema() + "." + table.name());
        }
    }
}
