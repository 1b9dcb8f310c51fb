package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Session;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.pipeline.Bundle;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Loads small tables, all those of one blob in one transaction with their marker: see {@link Markers}. Stateless. */
final class BundleLoad {
    private BundleLoad() {}

    /**
     * Keeps the session of the lease for others where no table has needed special settings.
     *
     * @param present sees triggers of the present
     */
    static void load(BlobLoad load, Sessions.Lease lease, Session present, List<BlobLoad.Piece> pieces) {
        Session session = lease.session();
        for (BlobLoad.Piece piece : pieces) {
            TargetTables.requireLoadable(load.target(), piece.table(), load.engine(session, piece.table()));
        }
        boolean usual = true;
        session.sql().run("START TRANSACTION");
        if (load.take(session, pieces.stream().mapToLong(BlobLoad.Piece::rows).sum())) {
            usual = members(load, session, present, pieces);
        }
        session.sql().run("COMMIT");
        if (usual) {
            lease.keep();
        }
    }

    /** @return whether the session has no settings by which another table would suffer */
    private static boolean members(BlobLoad load, Session session, Session present, List<BlobLoad.Piece> pieces) {
        PieceLoader loader = new PieceLoader(load, session);
        Map<String, BlobLoad.Piece> members = new HashMap<>();
        pieces.forEach(piece -> members.put(piece.part().member(), piece));
        boolean[] usual = {true};
        loader.orAbort(() -> {
            try (InputStream whole = load.context().set().open(load.blob())) {
                Bundle.read(whole, (name, bytes) -> {
                    BlobLoad.Piece piece = members.remove(name);
                    if (piece != null) {
                        usual[0] &= loader.prepare(piece.table());
                        load.requireNoTriggers(present, piece.table());
                        loader.load(piece, bytes);
                        if (loader.remarked()) {
                            Markers.remarked(session.sql(), load.target().temporaryName(), piece.number());
                        }
                        load.requireNoTriggers(present, piece.table());
                    }
                });
            } catch (IOException e) {
                throw SchemaItem.unreadable(load.blob().name(), e);
            }
            members.forEach((name, piece) -> {
                throw new BackupException(
                        ErrorCode.BLOB_UNDECODABLE,
                        "bundle " + load.blob().name() + " has no member " + name + " with the rows of table " + piece.table().name(),
                        "Verify the backup set, and restore from another copy of it.");
            });
        });
        return usual[0] && !loader.inserted();
    }
}
