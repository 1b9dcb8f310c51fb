package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.ColumnDefault;
import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.StorageEngines;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.manifest.TableManifest;
import java.util.ArrayList;
import java.util.List;
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
     * @throws BackupException TABLE_NOT_EMPTY when there are rows of somebody else, or may be
     */
    static void load(BlobLoad load, Session session, PieceLoader loader, BlobLoad.Piece piece) {
        load(load, session, loader, piece, false, false);
    }

    /**
     * @param renewed whether this attempt has made the table anew
     * @param again whether it has loaded all rows once, and some were gone
     */
    private static void load(
            BlobLoad load, Session session, PieceLoader loader, BlobLoad.Piece piece, boolean renewed, boolean again) {
        String temporary = load.target().temporaryName();
        String table = Quoting.identifier(piece.table().name());
        try (Session marks = Session.open(load.context().target(), "", "restore markers")) {
            lock(session, piece.table());
            load.requireNoTriggers(marks, piece.table());
            if (Markers.present(marks.sql(), temporary, load.item())) {
                return;
            }
            boolean begun = Markers.begun(marks.sql(), temporary, load.item());
            boolean rows = TargetTables.hasRows(session.sql(), table, RestoreTarget.properties(piece.table()).versioned());
            if (rows) {
                requireMine(load, piece.table(), begun);
            }
            // of an ARCHIVE that was not closed MySQL shows no rows, and yet it cannot read what is written behind them
            if ((rows || begun && !renewed) && EmptyTwin.has(load.context(), piece.table())) {
                EmptyTwin.renew(load, session, marks, piece);
                load(load, session, loader, piece, true, again);
                return;
            }
            Optional<String> counter = begun || rows ? counter(load, session, piece.table()) : Optional.empty();
            if (rows) {
                TargetTables.empty(session.sql(), table, RestoreTarget.properties(piece.table()).versioned());
            }
            counter.ifPresent(next -> session.sql().run("ALTER TABLE " + table + " AUTO_INCREMENT = " + next));
            if (!begun) {
                Markers.begin(marks.sql(), temporary, load.item());
            }
            loader.load(piece);
            if (loader.remarked()) {
                Markers.remarked(marks.sql(), temporary, piece.number());
            }
            if (forgetful(load, session, piece.table())) {
                lock(session, piece.table());
                long found = rows(session, piece.table());
                if (found < piece.rows()) {
                    // another attempt was between the locks, and was killed before it had all rows in again
                    if (again) {
                        throw lost(load, piece, found);
                    }
                    load(load, session, loader, piece, renewed, true);
                    return;
                }
            }
            // rows that are in memory, or in a transaction of Aria until the lock ends, must not be outlived by the marker
            session.sql().runIfPermitted("FLUSH LOCAL TABLES " + table);
            Markers.end(marks.sql(), temporary, load.item(), piece.rows());
        }
    }

    private static void lock(Session session, TableManifest table) {
        session.sql().run("LOCK TABLES " + Quoting.identifier(table.name()) + " WRITE" + sequences(session, table));
    }

    /**
     * Aria with rows of DYNAMIC or FIXED format notes how many there are when the lock ends, and forgets those of a table that is flushed
     * before. Which format a table has does not follow from its options alone.
     */
    private static boolean forgetful(BlobLoad load, Session session, TableManifest table) {
        return load.engine(session, table).equalsIgnoreCase("Aria");
    }

    private static long rows(Session session, TableManifest table) {
        return session.sql().number("SELECT count(*) FROM " + Quoting.identifier(table.name())
                + (RestoreTarget.properties(table).versioned() ? " FOR SYSTEM_TIME ALL" : ""));
    }

    /** Twice the same is nobody else. */
    private static BackupException lost(BlobLoad load, BlobLoad.Piece piece, long found) {
        return new BackupException(
                ErrorCode.ROW_COUNT_MISMATCH,
                "table " + piece.table().name() + " of database \"" + load.target().name() + "\" took " + piece.rows() + " rows on "
                        + load.context().target() + " twice, and has " + found + " of them when its lock has ended",
                "Its storage engine has lost them or counts them wrongly. Look at the log of the database server, and restart the run with"
                        + " local_infile = ON on the target where it is OFF; or take a later release of the server.");
    }

    /** Those by which it counts, without which a locked table takes no row, although every row has all its values. */
    private static String sequences(Session session, TableManifest table) {
        return session.sql().list(
                        "SELECT column_default FROM information_schema.columns WHERE table_schema = database() AND table_name = ?"
                                + " AND column_default LIKE '%val(%'", row -> row.getString(1), table.name())
                .stream().flatMap(ColumnDefault::sequences).distinct().map(sequence -> ", " + sequence + " WRITE").collect(Collectors.joining());
    }

    /** In a table that others may write into nothing tells the rows of an interrupted attempt from theirs: the lock ended with its session. */
    private static void requireMine(BlobLoad load, TableManifest table, boolean begun) {
        if (!load.target().mayEmpty(load.context())) {
            String where = "table " + table.name() + " of database \"" + load.target().name() + "\" on " + load.context().target();
            throw new BackupException(
                    ErrorCode.TABLE_NOT_EMPTY,
                    begun
                            ? "there are rows in " + where + ", which has no transactions: an interrupted attempt has left them, or somebody has"
                                    + " written them since"
                            : "somebody has written rows into " + where + " since the restore began",
                    "Save what is not of the set, empty this table and restart the run.");
        }
    }

    /**
     * Where a table counted before an earlier attempt filled it. It forgets that when it is emptied, and whoever emptied it was perhaps killed
     * before it could say so: of a table of our own the set knows it.
     */
    private static Optional<String> counter(BlobLoad load, Session session, TableManifest table) {
        if (RestoreTarget.dataOnly(load.context())) {
            return TargetTables.counter(session.sql(), Quoting.identifier(table.name()));
        }
        List<String> counters = new ArrayList<>();
        SchemaItem.read(load.context(), load.target(), definition -> {
            if (definition.kind() == Definition.Kind.TABLE && definition.name().equals(table.name())) {
                TargetTables.counter(StorageEngines.fillable(definition.statement())).ifPresent(counters::add);
            }
        });
        return counters.stream().findFirst();
    }
}
