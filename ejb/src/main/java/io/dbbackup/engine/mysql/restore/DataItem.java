package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.MysqlErrors;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.ServerRelease;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.StorageEngines;
import io.dbbackup.engine.mysql.Vendor;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.manifest.PartManifest;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;
import java.io.IOException;
import java.io.InputStream;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Loads a part of a table in one transaction, exactly once: see {@link Markers}. Before the commit the blob was read to its
 * end, which checks its digests, the rows were counted, and the server had nothing to warn of: LOAD DATA LOCAL replaces what
 * does not fit and leaves out rows that are there already, and says so in warnings only (MySQL manual, "LOAD DATA Statement").
 */
final class DataItem {
    private static final String GENERATED = "SELECT count(*) FROM information_schema.columns"
            + " WHERE table_schema = database() AND table_name = ? AND generation_expression <> ''";

    private DataItem() {}

    static ItemResult execute(RestoreContext context, WorkItem item, Progress progress) {
        RestoreKind.PartTask task = item.payload(RestoreKind.PartTask.class);
        RestoreTarget target = RestoreTarget.of(context, task.database());
        TableManifest table = target.manifest(context).tables().get(task.table());
        PartManifest part = table.parts().get(task.part());
        BlobRef blob = target.blob(context, part.blob());
        try (Sessions.Lease lease = Sessions.borrow(context, target.loadedName(context), "restore data")) {
            Session session = lease.session();
            boolean usual = prepare(context, session, table);
            requireNoTriggers(context, session, target, table);
            String engine = TargetTables.engine(session.sql(), target.loadedName(context), table.name());
            if (StorageEngines.ownsNone(RestoreTarget.properties(table).engine())) {
                skip(context, session, target, table, engine, item.id());
            } else if (StorageEngines.transactional(engine)) {
                session.sql().run("START TRANSACTION");
                if (Markers.take(session.sql(), target.temporaryName(), item.id(), part.content().rows())) {
                    if (table.parts().size() > 1) {
                        // others load the same table, and a counter is locked until LOAD DATA ends, however long that takes
                        session.sql().run("SET SESSION innodb_lock_wait_timeout = 604800");
                    }
                    load(context, session, table, part, blob, progress);
                    // from the first row to the commit nobody can create another one
                    requireNoTriggers(context, session, target, table);
                }
                session.sql().run("COMMIT");
                if (usual && !inserts(context, session, part)) {
                    lease.keep();
                }
            } else {
                TargetTables.requireLoadable(target, table, engine);
                loadUnsafely(context, session, target, table, part, item.id(), () ->
                        load(context, session, table, part, blob, progress));
            }
            return new ItemResult(
                    blob.plainBytes(), blob.storedBytes(), part.content().rows(), Map.of(), List.of());
        } catch (RuntimeException e) {
            context.cancellation().check();
            throw e;
        }
    }

    /** Those that were there before the restore began are suspended; tables of our own have none. */
    private static void requireNoTriggers(RestoreContext context, Session session, RestoreTarget target, TableManifest table) {
        if (RestoreTarget.dataOnly(context)) {
            SuspendedTriggers.requireNone(
                    context, session.sql(), target, table.name(), RestoreTarget.properties(table).versioned());
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
            RestoreContext context, Session session, RestoreTarget target, TableManifest table, PartManifest part, long item,
            Runnable load) {
        try (Session marks = Session.open(context.target(), "", "restore markers")) {
            session.sql().run("LOCK TABLES " + Quoting.identifier(table.name()) + " WRITE");
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
            Markers.end(marks.sql(), target.temporaryName(), item, part.content().rows());
        }
    }

    /** @return whether the session has no settings by which another table would suffer */
    private static boolean prepare(RestoreContext context, Session session, TableManifest table) {
        // in tables that exist all keys do
        boolean others = RestoreTarget.dataOnly(context);
        Vendor vendor = ServerRelease.of(session.sql()).vendor();
        session.sql().run("SET SESSION foreign_key_checks = 0, unique_checks = "
                + (others || vendor.uniqueChecksWhileLoading() ? 1 : 0) + ", innodb_lock_wait_timeout = DEFAULT");
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

    /** A failure ends the session, which rolls back: the driver may have left the connection in the middle of a message. */
    private static void load(
            RestoreContext context, Session session, TableManifest table, PartManifest part, BlobRef blob, Progress progress) {
        boolean loaded = false;
        try (Plain plain = new Plain(context.set().open(blob), progress)) {
            long rows;
            try {
                rows = load(context, session, table, part, plain);
            } catch (SQLException e) {
                plain.rethrow();
                throw MysqlErrors.translate(e, context.target(), "loading table " + table.name());
            } catch (IOException e) {
                // of our own reading; what the stream says is what happened
                plain.rethrow();
                throw e;
            }
            plain.rethrow();
            plain.requireEnd(part.blob());
            if (!inserts(context, session, part)) {
                requireNoWarnings(session, table, part, () -> nameless(context, session, table, blob));
            }
            requireAll(table, part, rows);
            loaded = true;
        } catch (IOException e) {
            throw SchemaItem.unreadable(part.blob(), e);
        } finally {
            if (!loaded) {
                session.abort();
            }
        }
    }

    private static long load(
            RestoreContext context, Session session, TableManifest table, PartManifest part, InputStream plain)
            throws SQLException, IOException {
        if (!inserts(context, session, part)) {
            return session.load(part.loadStatement(), plain);
        }
        String statement = rowByRow(part) ? part.loadStatement() : RestoreTarget.properties(table).insert();
        return InsertLoad.load(
                session, statement, plain, Nameless.of(session, RestoreTarget.properties(table)),
                expected -> requireNoWarnings(session, table, part, () -> expected));
    }

    private static boolean inserts(RestoreContext context, Session session, PartManifest part) {
        return rowByRow(part) || !RestoreTarget.loadsLocal(context, session.sql());
    }

    private static boolean rowByRow(PartManifest part) {
        return part.loadStatement().startsWith("INSERT ");
    }

    private static long nameless(RestoreContext context, Session session, TableManifest table, BlobRef blob) {
        try (InputStream plain = context.set().open(blob)) {
            return Nameless.of(session, RestoreTarget.properties(table)).in(plain);
        } catch (IOException e) {
            throw SchemaItem.unreadable(blob.name(), e);
        }
    }

    private static void requireAll(TableManifest table, PartManifest part, long rows) {
        if (rows != part.content().rows()) {
            throw new BackupException(
                    ErrorCode.ROW_COUNT_MISMATCH,
                    "table " + table.name() + " took " + rows + " rows of blob " + part.blob() + ", the manifest says "
                            + part.content().rows(),
                    "Verify the backup set; nothing of this part was loaded.");
        }
    }

    /** @param expected counts the warnings that there may be, of {@link Nameless} values */
    private static void requireNoWarnings(Session session, TableManifest table, PartManifest part, LongSupplier expected) {
        List<Warning> warnings = session.sql().list(
                "SHOW WARNINGS", row -> new Warning(row.getString(1), row.getInt(2), row.getString(3)));
        if (warnings.isEmpty()
                || warnings.stream().allMatch(warning -> warning.code == Nameless.WARNING)
                && session.sql().number("SELECT @@warning_count") == expected.getAsLong()) {
            return;
        }
        throw new BackupException(
                ErrorCode.DATABASE_STATEMENT_FAILED,
                "the server would have changed rows of table " + table.name() + " while loading " + part.blob() + ": "
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
