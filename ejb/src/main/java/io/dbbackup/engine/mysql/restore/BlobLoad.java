package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Session;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.manifest.PartManifest;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.RestoreContext;

/**
 * What one item loads, and where.
 *
 * @param target the database that it goes into, and that with its marker
 * @param item whose marker says that it is done
 */
record BlobLoad(RestoreContext context, RestoreTarget target, BlobRef blob, long item, Progress progress) {
    /**
     * What a blob holds of a table.
     *
     * @param number position of the table in the manifest of the database
     */
    record Piece(int number, TableManifest table, PartManifest part) {
        long rows() {
            return part.content().rows();
        }

        /** Whether other tables are in the same blob. */
        boolean bundled() {
            return !part.member().isEmpty();
        }
    }

    /** @return false when an earlier attempt has committed it; else the marker is in the transaction of the session */
    boolean take(Session session, long rows) {
        return Markers.take(session.sql(), target.temporaryName(), item, rows);
    }

    /** Of a table that rows are loaded into. */
    String engine(Session session, TableManifest table) {
        return TargetTables.engine(session.sql(), target.loadedName(context), table.name());
    }

    /**
     * Triggers that were there before the restore began are suspended; tables of our own have none.
     *
     * @param present sees the present
     */
    void requireNoTriggers(Session present, TableManifest table) {
        if (RestoreTarget.dataOnly(context)) {
            SuspendedTriggers.requireNone(
                    context, present.sql(), target, table.name(), RestoreTarget.properties(table).versioned());
        }
    }
}
