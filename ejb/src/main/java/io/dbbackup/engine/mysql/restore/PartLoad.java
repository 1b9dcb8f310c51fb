package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Session;

/** Loads a part of a table, which may be all of it, in one transaction with its marker: see {@link Markers}. Stateless. */
final class PartLoad {
    private PartLoad() {}

    /** @param loader of the session, which it has prepared for the table */
    static void load(BlobLoad load, Session session, PieceLoader loader, BlobLoad.Piece piece) {
        session.sql().run("START TRANSACTION");
        if (load.take(session, piece.rows())) {
            if (piece.table().parts().size() > 1) {
                LockWaits.set(load.context(), session.sql());
            }
            loader.load(piece);
            if (loader.remarked()) {
                // last, since other parts of the table wait for it
                Markers.remarked(session.sql(), load.target().temporaryName(), piece.number());
            }
            // from the first row to the commit nobody can create another one
            load.requireNoTriggers(session, piece.table());
        }
        session.sql().run("COMMIT");
    }
}
