package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.MysqlErrors;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.TsvRows;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.TableComparison;
import io.dbbackup.spi.WorkItem;
import java.sql.SQLException;
import java.util.List;

/** Reads a restored table as the backup has read it and compares its fingerprint with the set's. Changes nothing. */
final class CompareItem {
    private static final int STEP = 256 * 1024;

    private CompareItem() {}

    static ItemResult execute(RestoreContext context, WorkItem item, Progress progress) {
        RestoreKind.TableTask task = item.payload(RestoreKind.TableTask.class);
        RestoreTarget target = RestoreTarget.of(context, task.database());
        TableManifest table = target.manifest(context).tables().get(task.table());
        try (Sessions.Lease lease = Sessions.borrow(context, target.name(), "compare")) {
            long[] bytes = {0};
            Fingerprint content = read(context, lease.session(), table, more -> {
                bytes[0] += more;
                progress.bytes(more);
            });
            lease.keep();
            return new ItemResult(
                    // no rows: the run's count is that of the rows restored
                    bytes[0], 0, 0,
                    new TableComparison(task.database(), table.schema(), table.name(), table.content(), content),
                    List.of());
        }
    }

    /** What the rows of a table are; the session is of no use when this fails. */
    static Fingerprint read(RestoreContext context, Session session, TableManifest table, Progress progress) {
        try (TsvRows rows = TsvRows.of(session.connection(), table.readStatement())) {
            long bytes = 0;
            while (rows.next()) {
                bytes += rows.length();
                if (bytes >= STEP) {
                    context.cancellation().check();
                    progress.bytes(bytes);
                    bytes = 0;
                }
            }
            progress.bytes(bytes);
            return rows.content();
        } catch (SQLException e) {
            throw MysqlErrors.translate(e, context.target(), "reading table " + table.name());
        }
    }
}
