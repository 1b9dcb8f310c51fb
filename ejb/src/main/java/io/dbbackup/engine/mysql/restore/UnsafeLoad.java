package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.ColumnDefault;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.manifest.TableManifest;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Loads the one part of a table whose engine has no transactions. What a killed attempt has loaded cannot be rolled back, so a
 * marker in a session of its own says beforehand that rows in the table are those of this item. The lock lets a second attempt
 * wait for the first one's session to end, and keeps others from writing meanwhile. Stateless.
 */
final class UnsafeLoad {
    private UnsafeLoad() {}

    /**
     * @param loader of the session, which it has prepared for the table
     * @throws BackupException TABLE_NOT_EMPTY when there are rows of somebody else
     */
    static void load(BlobLoad load, Session session, PieceLoader loader, BlobLoad.Piece piece) {
        String temporary = load.target().temporaryName();
        String table = Quoting.identifier(piece.table().name());
        try (Session marks = Session.open(load.context().target(), "", "restore markers")) {
            session.sql().run("LOCK TABLES " + table + " WRITE" + sequences(session, piece.table()));
            load.requireNoTriggers(marks, piece.table());
            if (Markers.present(marks.sql(), temporary, load.item())) {
                return;
            }
            boolean begun = Markers.begun(marks.sql(), temporary, load.item());
            if (TargetTables.hasRows(session.sql(), table, RestoreTarget.properties(piece.table()).versioned())) {
                requireMine(load, piece.table(), begun);
                if (EmptyTwin.has(load.context(), piece.table())) {
                    EmptyTwin.renew(load, session, marks, piece);
                    load(load, session, loader, piece);
                    return;
                }
                empty(session, piece.table(), begun);
            }
            if (!begun) {
                Markers.begin(marks.sql(), temporary, load.item());
            }
            loader.load(piece);
            if (loader.remarked()) {
                Markers.remarked(marks.sql(), temporary, piece.number());
            }
            Markers.end(marks.sql(), temporary, load.item(), piece.rows());
        }
    }

    /** Those by which it counts, without which a locked table takes no row, although every row has all its values. */
    private static String sequences(Session session, TableManifest table) {
        return session.sql().list(
                        "SELECT column_default FROM information_schema.columns WHERE table_schema = database() AND table_name = ?"
                                + " AND column_default LIKE '%val(%'", row -> row.getString(1), table.name())
                .stream().flatMap(ColumnDefault::sequences).distinct().map(sequence -> ", " + sequence + " WRITE").collect(Collectors.joining());
    }

    private static void requireMine(BlobLoad load, TableManifest table, boolean begun) {
        if (!begun && !load.target().mayEmpty(load.context())) {
            throw new BackupException(
                    ErrorCode.TABLE_NOT_EMPTY,
                    "somebody has written rows into table " + table.name() + " of database \"" + load.target().name() + "\" on "
                            + load.context().target() + " since the restore began",
                    "Empty this table and restart the run.");
        }
    }

    /** @param begun whether the rows are those of an earlier attempt, which began where the counter was */
    private static void empty(Session session, TableManifest table, boolean begun) {
        String name = Quoting.identifier(table.name());
        Optional<String> counter = begun ? TargetTables.counter(session.sql(), name) : Optional.empty();
        TargetTables.empty(session.sql(), name, RestoreTarget.properties(table).versioned());
        counter.ifPresent(next -> session.sql().run("ALTER TABLE " + name + " AUTO_INCREMENT = " + next));
    }
}
