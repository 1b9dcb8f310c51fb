package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.StorageEngines;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;
import java.util.List;
import java.util.Map;

/**
 * Loads what one blob holds exactly once, see {@link Markers}: a part of a table ({@link PartLoad}, or {@link UnsafeLoad} where there
 * are no transactions), or a bundle of small tables ({@link BundleLoad}).
 */
final class DataItem {
    private static final int SHOWN = 10;

    private DataItem() {}

    static ItemResult execute(RestoreContext context, WorkItem item, Progress progress) {
        RestoreKind.DataTask task = item.payload(RestoreKind.DataTask.class);
        RestoreTarget target = RestoreTarget.of(context, task.database());
        List<TableManifest> tables = target.manifest(context).tables();
        List<BlobLoad.Piece> pieces = task.pieces().stream()
                .map(piece -> new BlobLoad.Piece(piece.table(), tables.get(piece.table()), tables.get(piece.table()).parts().get(piece.part())))
                .toList();
        BlobRef blob = target.blob(context, task.blob());
        BlobLoad load = new BlobLoad(context, target, blob, item.id(), progress);
        try (Sessions.Lease lease = Sessions.borrow(context, target.loadedName(context), "restore data")) {
            if (!pieces.get(0).bundled()) {
                part(load, lease, pieces.get(0));
            } else if (RestoreTarget.dataOnly(context)) {
                // triggers of the present, which in MySQL the transaction that loads does not see
                try (Session present = Session.open(context.target(), "", "restore check")) {
                    BundleLoad.load(load, lease, present, pieces);
                }
            } else {
                BundleLoad.load(load, lease, lease.session(), pieces);
            }
            return new ItemResult(
                    blob.plainBytes(), blob.storedBytes(), pieces.stream().mapToLong(BlobLoad.Piece::rows).sum(), Map.of(), List.of());
        } catch (RuntimeException e) {
            // whoever was told to stop asks nobody for locks any more
            context.cancellation().check();
            throw Markers.explained(context, target, LockWaits.explained(
                    context, target, pieces.stream().limit(SHOWN).map(piece -> piece.table().name()).toList(), e));
        }
    }

    private static void part(BlobLoad load, Sessions.Lease lease, BlobLoad.Piece piece) {
        Session session = lease.session();
        EmptyTwin.recover(load, session, piece);
        PieceLoader loader = new PieceLoader(load, session);
        boolean usual = loader.prepare(piece.table());
        load.requireNoTriggers(session, piece.table());
        String engine = load.engine(session, piece.table());
        if (StorageEngines.ownsNone(RestoreTarget.properties(piece.table()).engine())) {
            skip(load, session, piece.table(), engine);
        } else if (StorageEngines.transactional(engine)) {
            PartLoad.load(load, session, loader, piece);
            if (usual && !loader.inserted()) {
                lease.keep();
            }
        } else {
            TargetTables.requireLoadable(load.target(), piece.table(), engine);
            UnsafeLoad.load(load, session, loader, piece);
        }
    }

    /** Rows of a set of an older version that are not the table's own: what shows them here must not be emptied or filled. */
    private static void skip(BlobLoad load, Session session, TableManifest table, String engine) {
        if (load.take(session, 0)) {
            load.context().warn("in database \"" + load.target().name() + "\" no rows were loaded into table " + table.name() + " ("
                    + engine + "): " + RestoreTarget.properties(table).engine() + " keeps no rows of its own");
        }
    }
}
