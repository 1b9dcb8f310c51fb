package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.MysqlErrors;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.ServerRelease;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.StorageEngines;
import io.dbbackup.engine.mysql.TableProperties;
import io.dbbackup.engine.mysql.Vendor;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.manifest.PartManifest;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.pipeline.Bundle;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;
import java.io.IOException;
import java.io.InputStream;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Loads what one blob holds, a part of a table or a bundle of small tables, in one transaction, exactly once: see
 * {@link Markers}. Before the commit the blob was read to its end, which checks its digests, the rows were counted, and the
 * server had nothing to warn of: LOAD DATA LOCAL replaces what does not fit and leaves out rows that are there already, and says
 * so in warnings only (MySQL manual, "LOAD DATA Statement").
 */
final class DataItem {
    private static final String GENERATED = "SELECT count(*) FROM information_schema.columns"
            + " WHERE table_schema = database() AND table_name = ? AND generation_expression <> ''";

    private static final int SHOWN = 10;

    private DataItem() {}

    static ItemResult execute(RestoreContext context, WorkItem item, Progress progress) {
        RestoreKind.DataTask task = item.payload(RestoreKind.DataTask.class);
        RestoreTarget target = RestoreTarget.of(context, task.database());
        List<TableManifest> tables = target.manifest(context).tables();
        List<Piece> pieces = task.pieces().stream()
                .map(piece -> new Piece(tables.get(piece.table()), tables.get(piece.table()).parts().get(piece.part())))
                .toList();
        BlobRef blob = target.blob(context, task.blob());
        try (Sessions.Lease lease = Sessions.borrow(context, target.loadedName(context), "restore data")) {
            if (pieces.get(0).part.member().isEmpty()) {
                part(context, lease, target, pieces.get(0), blob, item.id(), progress);
            } else if (RestoreTarget.dataOnly(context)) {
                // triggers of the present, which in MySQL the transaction that loads does not see
                try (Session present = Session.open(context.target(), "", "restore check")) {
                    bundle(context, lease, present, target, pieces, blob, item.id(), progress);
                }
            } else {
                bundle(context, lease, lease.session(), target, pieces, blob, item.id(), progress);
            }
            return new ItemResult(
                    blob.plainBytes(), blob.storedBytes(), pieces.stream().mapToLong(Piece::rows).sum(), Map.of(), List.of());
        } catch (RuntimeException e) {
            context.cancellation().check();
            throw LockWaits.explained(
                    context, target, pieces.stream().limit(SHOWN).map(piece -> piece.table.name()).toList(), e);
        }
    }

    /** Those that were there before the restore began are suspended; tables of our own have none. */
    private static void requireNoTriggers(RestoreContext context, Session session, RestoreTarget target, TableManifest table) {
        if (RestoreTarget.dataOnly(context)) {
            SuspendedTriggers.requireNone(
                    context, session.sql(), target, table.name(), RestoreTarget.properties(table).versioned());
        }
    }

    /** What a blob holds of a table. */
    private record Piece(TableManifest table, PartManifest part) {
        long rows() {
            return part.content().rows();
        }
    }

    private static void part(
            RestoreContext context, Sessions.Lease lease, RestoreTarget target, Piece piece, BlobRef blob, long item,
            Progress progress) {
        Session session = lease.session();
        boolean usual = prepare(context, session, piece.table);
        requireNoTriggers(context, session, target, piece.table);
        String engine = TargetTables.engine(session.sql(), target.loadedName(context), piece.table.name());
        if (StorageEngines.ownsNone(RestoreTarget.properties(piece.table).engine())) {
            skip(context, session, target, piece.table, engine, item);
        } else if (StorageEngines.transactional(engine)) {
            session.sql().run("START TRANSACTION");
            if (Markers.take(session.sql(), target.temporaryName(), item, piece.rows())) {
                if (piece.table.parts().size() > 1) {
                    LockWaits.set(context, session.sql());
                }
                load(context, session, piece, blob, progress);
                // from the first row to the commit nobody can create another one
                requireNoTriggers(context, session, target, piece.table);
            }
            session.sql().run("COMMIT");
            if (usual && !inserts(context, session, piece.part)) {
                lease.keep();
            }
        } else {
            TargetTables.requireLoadable(target, piece.table, engine);
            loadUnsafely(context, session, target, piece, item, () -> load(context, session, piece, blob, progress));
        }
    }

    /** Small tables, all of them in one transaction. */
    private static void bundle(
            RestoreContext context, Sessions.Lease lease, Session present, RestoreTarget target, List<Piece> pieces, BlobRef blob,
            long item, Progress progress) {
        Session session = lease.session();
        for (Piece piece : pieces) {
            TargetTables.requireLoadable(
                    target, piece.table, TargetTables.engine(session.sql(), target.loadedName(context), piece.table.name()));
        }
        boolean[] usual = {true};
        session.sql().run("START TRANSACTION");
        if (Markers.take(session.sql(), target.temporaryName(), item, pieces.stream().mapToLong(Piece::rows).sum())) {
            Map<String, Piece> members = new HashMap<>();
            pieces.forEach(piece -> members.put(piece.part.member(), piece));
            orAbort(session, () -> {
                try (InputStream whole = context.set().open(blob)) {
                    Bundle.read(whole, (name, bytes) -> {
                        Piece piece = members.remove(name);
                        if (piece != null) {
                            usual[0] &= prepare(context, session, piece.table) && !inserts(context, session, piece.part);
                            requireNoTriggers(context, present, target, piece.table);
                            load(context, session, piece, blob, new Plain(bytes, progress));
                            requireNoTriggers(context, present, target, piece.table);
                        }
                    });
                } catch (IOException e) {
                    throw SchemaItem.unreadable(blob.name(), e);
                }
                members.forEach((name, piece) -> {
                    throw new BackupException(
                            ErrorCode.BLOB_UNDECODABLE,
                            "bundle " + blob.name() + " has no member " + name + " with the rows of table " + piece.table.name(),
                            "Verify the backup set, and restore from another copy of it.");
                });
            });
        }
        session.sql().run("COMMIT");
        if (usual[0]) {
            lease.keep();
        }
    }

    /** Rows of a set of an older version that are not the table's own: what shows them here must not be emptied or filled. */
    private static void skip(
            RestoreContext context, Session session, RestoreTarget target, TableManifest table, String engine, long item) {
        if (Markers.take(session.sql(), target.temporaryName(), item, 0)) {
            context.warn("in database \"" + target.name() + "\" no rows were loaded into table " + table.name() + " (" + engine
                    + "): " + RestoreTarget.properties(table).engine() + " keeps no rows of its own");
        }
    }

    /**
     * Loads the one part of a table without transactions. What a killed attempt has loaded cannot be rolled back, so a marker
     * in a session of its own says beforehand that rows in the table are those of this item. The lock lets a second attempt
     * wait for the first one's session to end, and keeps others from writing meanwhile.
     */
    private static void loadUnsafely(
            RestoreContext context, Session session, RestoreTarget target, Piece piece, long item, Runnable load) {
        TableManifest table = piece.table;
        try (Session marks = Session.open(context.target(), "", "restore markers")) {
            session.sql().run("LOCK TABLES " + Quoting.identifier(table.name()) + " WRITE");
            requireNoTriggers(context, marks, target, table);
            if (Markers.present(marks.sql(), target.temporaryName(), item)) {
                return;
            }
            boolean begun = Markers.begun(marks.sql(), target.temporaryName(), item);
            boolean versioned = RestoreTarget.properties(table).versioned();
            if (TargetTables.hasRows(session.sql(), Quoting.identifier(table.name()), versioned)) {
                if (!begun && !target.mayEmpty(context)) {
                    throw new BackupException(
                            ErrorCode.TABLE_NOT_EMPTY,
                            "somebody has written rows into table " + table.name() + " of database \"" + target.name() + "\" on "
                                    + context.target() + " since the restore began",
                            "Empty this table and restart the run.");
                }
                Optional<String> counter = begun
                        ? TargetTables.counter(session.sql(), Quoting.identifier(table.name())) : Optional.empty();
                TargetTables.empty(session.sql(), Quoting.identifier(table.name()), versioned);
                counter.ifPresent(next -> session.sql().run(
                        "ALTER TABLE " + Quoting.identifier(table.name()) + " AUTO_INCREMENT = " + next));
            }
            if (!begun) {
                Markers.begin(marks.sql(), target.temporaryName(), item);
            }
            load.run();
            Markers.end(marks.sql(), target.temporaryName(), item, piece.rows());
        }
    }

    /** @return whether the session has no settings by which another table would suffer */
    private static boolean prepare(RestoreContext context, Session session, TableManifest table) {
        // in tables that exist all keys do
        boolean others = RestoreTarget.dataOnly(context);
        Vendor vendor = ServerRelease.of(session.sql()).vendor();
        session.sql().run("SET SESSION foreign_key_checks = 0, unique_checks = "
                + (others || vendor.uniqueChecksWhileLoading() ? 1 : 0) + ", innodb_lock_wait_timeout = DEFAULT, sql_notes = 1");
        if (!others) {
            session.sql().runAll(vendor.unchecked());
        }
        boolean versioned = RestoreTarget.properties(table).versioned();
        if (versioned) {
            session.sql().run("SET SESSION system_versioning_insert_history = 1");
        }
        boolean generated = session.sql().truth(GENERATED, table.name());
        if (generated) {
            // what the server computes anew it also rounds anew, and remarks on it row by row, until there is no room for warnings
            session.sql().run("SET SESSION sql_notes = 0");
        }
        return !versioned && !generated;
    }

    private static void load(RestoreContext context, Session session, Piece piece, BlobRef blob, Progress progress) {
        orAbort(session, () -> {
            try (Plain plain = new Plain(context.set().open(blob), progress)) {
                load(context, session, piece, blob, plain);
            } catch (IOException e) {
                throw SchemaItem.unreadable(blob.name(), e);
            }
        });
    }

    /** A failure ends the session, which rolls back: the driver may have left the connection in the middle of a message. */
    private static void orAbort(Session session, Runnable load) {
        boolean loaded = false;
        try {
            load.run();
            loaded = true;
        } finally {
            if (!loaded) {
                session.abort();
            }
        }
    }

    private static void load(RestoreContext context, Session session, Piece piece, BlobRef blob, Plain plain) {
        try {
            long rows;
            try {
                rows = load(context, session, piece, plain);
            } catch (SQLException e) {
                plain.rethrow();
                throw MysqlErrors.translate(e, context.target(), "loading table " + piece.table.name());
            } catch (IOException e) {
                // of our own reading; what the stream says is what happened
                plain.rethrow();
                throw e;
            }
            plain.rethrow();
            plain.requireEnd(blob.name());
            if (!inserts(context, session, piece.part)) {
                requireNoWarnings(session, piece, () -> nameless(context, session, piece, blob));
            }
            requireAll(piece, rows);
        } catch (IOException e) {
            throw SchemaItem.unreadable(blob.name(), e);
        }
    }

    private static long load(RestoreContext context, Session session, Piece piece, InputStream plain)
            throws SQLException, IOException {
        if (!inserts(context, session, piece.part)) {
            return session.load(piece.part.loadStatement(), plain);
        }
        TableProperties properties = RestoreTarget.properties(piece.table);
        return InsertLoad.load(
                session, rowByRow(piece.part) ? piece.part.loadStatement() : properties.insert(), plain,
                Nameless.of(session, properties), expected -> requireNoWarnings(session, piece, () -> expected));
    }

    private static boolean inserts(RestoreContext context, Session session, PartManifest part) {
        return rowByRow(part) || !RestoreTarget.loadsLocal(context, session.sql());
    }

    private static boolean rowByRow(PartManifest part) {
        return part.loadStatement().startsWith("INSERT ");
    }

    private static long nameless(RestoreContext context, Session session, Piece piece, BlobRef blob) {
        Nameless values = Nameless.of(session, RestoreTarget.properties(piece.table));
        try (InputStream plain = context.set().open(blob)) {
            if (piece.part.member().isEmpty()) {
                return values.in(plain);
            }
            AtomicLong found = new AtomicLong();
            Bundle.read(plain, (name, bytes) -> {
                if (name.equals(piece.part.member())) {
                    try {
                        found.set(values.in(bytes));
                    } catch (IOException e) {
                        throw SchemaItem.unreadable(blob.name(), e);
                    }
                }
            });
            return found.get();
        } catch (IOException e) {
            throw SchemaItem.unreadable(blob.name(), e);
        }
    }

    private static void requireAll(Piece piece, long rows) {
        if (rows != piece.rows()) {
            throw new BackupException(
                    ErrorCode.ROW_COUNT_MISMATCH,
                    "table " + piece.table.name() + " took " + rows + " rows of blob " + piece.part.blob() + ", the manifest says "
                            + piece.rows(),
                    "Verify the backup set; nothing of this part was loaded.");
        }
    }

    /** @param expected counts the warnings that there may be, of {@link Nameless} values */
    private static void requireNoWarnings(Session session, Piece piece, LongSupplier expected) {
        List<Warning> warnings = session.sql().list(
                "SHOW WARNINGS", row -> new Warning(row.getString(1), row.getInt(2), row.getString(3)));
        if (warnings.isEmpty()
                || warnings.stream().allMatch(warning -> warning.code == Nameless.WARNING)
                && session.sql().number("SELECT @@warning_count") == expected.getAsLong()) {
            return;
        }
        throw new BackupException(
                ErrorCode.DATABASE_STATEMENT_FAILED,
                "the server would have changed rows of table " + piece.table.name() + " while loading " + piece.part.blob() + ": "
                        + warnings.stream().limit(5).map(Warning::toString).collect(Collectors.joining("; ")),
                "Compare the versions and settings of both servers; nothing of this part was loaded.");
    }

    /** What the server has to say. */
    private record Warning(String level, int code, String text) {
        @Override
        public String toString() {
            return level + " " + code + " " + text;
        }
    }

    /** The plain bytes for the driver, which tells a failure of the stream apart from nothing: it is remembered here. */
    private static final class Plain extends InputStream {
        private final InputStream in;
        private final Progress progress;
        private IOException failure;
        private RuntimeException problem;
        private boolean ended;

        Plain(InputStream in, Progress progress) {
            this.in = in;
            this.progress = progress;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            try {
                int n = in.read(buffer, offset, length);
                ended = n < 0;
                progress.bytes(Math.max(0, n));
                return n;
            } catch (IOException e) {
                failure = e;
                throw e;
            } catch (RuntimeException e) {
                problem = e;
                throw new IOException(e);
            }
        }

        void rethrow() throws IOException {
            if (problem != null) {
                throw problem;
            }
            if (failure != null) {
                throw failure;
            }
        }

        void requireEnd(String blob) throws IOException {
            if (!ended && read() >= 0) {
                throw new IOException("the server did not take all of it");
            }
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
