package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.DamagedBlob;
import io.dbbackup.engine.mysql.BulkInsert;
import io.dbbackup.engine.mysql.MysqlErrors;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.ServerRelease;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.TableProperties;
import io.dbbackup.engine.mysql.TsvFields;
import io.dbbackup.engine.mysql.Vendor;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.manifest.PartManifest;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.pipeline.Bundle;
import io.dbbackup.spi.RestoreContext;
import java.io.IOException;
import java.io.InputStream;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Loads what a blob holds of a table in a session. Whoever calls it cares for what makes that happen once. When it is done, the
 * bytes were read to their end, which checks their digests, the rows were counted, and the server had nothing to warn of: LOAD DATA
 * LOCAL replaces what does not fit and leaves out rows that are there already, and says so in warnings only (MySQL manual, "LOAD
 * DATA Statement"). Of our own tables with generated columns it may only have remarked that an expression meets values it cannot convert, which
 * gave the same on the source: then {@link #remarked} says so, and the rows themselves tell. So it does of tables of others in which the server
 * may change values without a word. Not thread-safe.
 */
final class PieceLoader {
    private static final String GENERATED = "SELECT count(*) FROM information_schema.columns"
            + " WHERE table_schema = database() AND table_name = ? AND generation_expression <> ''";
    /** Of a primary key it was NOT NULL in the source, too, or hardly anywhere else. */
    private static final String REPLACES_NULL = "SELECT count(*) FROM information_schema.columns"
            + " WHERE table_schema = database() AND table_name = ? AND column_key <> 'PRI' AND " + TableProperties.REPLACES_NULL;

    /** Of a statement, that its replicas may make something else of it (ER_BINLOG_UNSAFE_STATEMENT): it says nothing about rows here. */
    private static final int UNSAFE = 1592;

    private final BlobLoad load;
    private final RestoreContext context;
    private final Session session;
    /** Whether what the server remarks is left for later: in tables of others a changed row would be seen until then. */
    private boolean lenient;
    /** Whether expressions of others meet the rows: an INSERT warns of more of what these cannot convert than LOAD DATA does. */
    private boolean remarksRefused;
    /** Whether the server may change rows without a word. */
    private boolean silent;
    /** The table whose settings the session has. */
    private Optional<TableManifest> entered = Optional.empty();
    private boolean remarked;
    private boolean inserted;

    PieceLoader(BlobLoad load, Session session) {
        this.load = load;
        context = load.context();
        this.session = session;
    }

    /** @return whether the session has no settings by which another table would suffer */
    boolean prepare(TableManifest table) {
        // in tables that exist all keys do
        boolean others = RestoreTarget.dataOnly(context);
        entered.ifPresent(before -> ComputedTable.leave(session, before));
        // before the first question about the table, which opens it
        ComputedTable.enter(context, session, table);
        entered = Optional.of(table);
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
        } else {
            // the table of somebody else computes nothing, and the session may go on to one that does
            ComputedTable.leave(session, table);
            entered = Optional.empty();
        }
        lenient = generated && !others;
        remarksRefused = generated && others;
        // the note of what it cuts off is not to be seen, or there never is one
        silent = others && (generated || !RestoreTarget.properties(table).saysNullable()
                && session.sql().truth(REPLACES_NULL, table.name()));
        return !versioned && !generated;
    }

    /**
     * Whether the server had something to say about the last piece, or would not say it; then the rows of the table are to be compared when
     * all are in.
     */
    boolean remarked() {
        return remarked;
    }

    /** Loads the piece that is all of the blob. */
    void load(BlobLoad.Piece piece) {
        orAbort(() -> {
            try (PlainBytes plain = new PlainBytes(context.set().open(load.blob()), load.progress())) {
                load(piece, plain);
            } catch (IOException e) {
                throw SchemaItem.unreadable(load.blob().name(), e);
            }
        });
    }

    /** Loads one of several pieces, within {@link #orAbort}; closes nothing. */
    void load(BlobLoad.Piece piece, InputStream member) {
        load(piece, new PlainBytes(member, load.progress()));
    }

    /** A failure ends the session, which rolls back: the driver may have left the connection in the middle of a message. */
    void orAbort(Runnable work) {
        try {
            work.run();
        } catch (BackupException e) {
            session.abort();
            throw DamagedBlob.or(e, context, load.blob());
        } catch (RuntimeException | Error e) {
            session.abort();
            throw e;
        }
    }

    /** Whether rows went in by {@link InsertLoad}, which changes settings of the session. */
    boolean inserted() {
        return inserted;
    }

    private static boolean rowByRow(PartManifest part) {
        return part.loadStatement().startsWith("INSERT ");
    }

    private void load(BlobLoad.Piece piece, PlainBytes plain) {
        remarked = silent;
        try {
            Loaded loaded;
            try {
                loaded = rows(piece, plain);
            } catch (SQLException e) {
                plain.rethrow();
                throw translated(piece, e);
            } catch (IOException e) {
                // of our own reading, unless the stream has said otherwise: the store has given bytes that are no rows
                plain.rethrow();
                throw new BackupException(
                        ErrorCode.BLOB_UNDECODABLE,
                        "blob " + load.blob().name() + " does not hold rows of table " + piece.table().name() + ": " + e.getMessage(),
                        "Verify the backup set, and restore from another copy of it.",
                        e);
            }
            plain.rethrow();
            plain.requireEnd();
            if (!loaded.judged) {
                requireNoWarnings(piece, () -> nameless(piece) - loaded.counted);
            }
            requireAll(piece, loaded.rows);
        } catch (IOException e) {
            throw SchemaItem.unreadable(load.blob().name(), e);
        }
    }

    private BackupException translated(BlobLoad.Piece piece, SQLException e) {
        BackupException failed = MysqlErrors.translate(e, context.target(), "loading table " + piece.table().name());
        boolean forLackOfLocal = inserted && !rowByRow(piece.part()) && RestoreTarget.properties(piece.table()).historyRows() == 0;
        return MysqlErrors.tooLarge(e) && forLackOfLocal
                ? new BackupException(
                        failed.code(), failed.problem().cause(),
                        failed.problem().remedy() + " Or execute SET GLOBAL local_infile = ON before: rows are not inserted then, and may be larger.", e)
                : failed;
    }

    /**
     * @param judged whether what the server had to say was looked at while they were loaded
     * @param counted nameless values among those for which it was; the others are in what it says now
     */
    private record Loaded(long rows, boolean judged, long counted) {}

    private Loaded rows(BlobLoad.Piece piece, InputStream plain) throws SQLException, IOException {
        TableProperties properties = RestoreTarget.properties(piece.table());
        if (rowByRow(piece.part())) {
            return inserted(piece, piece.part().loadStatement(), plain);
        }
        if (properties.historyRows() > 0) {
            return inserted(piece, properties.insert(), plain);
        }
        // other engines have ways of their own for LOAD DATA: Aria and MyISAM build keys at its end
        Optional<BulkInsert> many = properties.engine().equalsIgnoreCase("InnoDB") && !remarksRefused
                ? BulkInsert.of(session, properties.insert())
                : Optional.empty();
        if (many.isEmpty()) {
            return loaded(piece, plain, 0);
        }
        try (BulkInsert insert = many.get()) {
            long rows = insert.load(
                    plain, Nameless.of(session, properties).texts(), expected -> requireNoWarnings(piece, () -> expected));
            if (insert.rest().isEmpty()) {
                return new Loaded(rows, true, 0);
            }
            Loaded others = loaded(piece, insert.rest().get(), insert.counted());
            return new Loaded(rows + others.rows, others.judged, others.counted);
        }
    }

    /** By LOAD DATA, where the target takes it. */
    private Loaded loaded(BlobLoad.Piece piece, InputStream plain, long counted) throws SQLException, IOException {
        return RestoreTarget.loadsLocal(context, session.sql())
                ? new Loaded(session.load(piece.part().loadStatement(), plain), false, counted)
                : inserted(piece, RestoreTarget.properties(piece.table()).insert(), plain);
    }

    private Loaded inserted(BlobLoad.Piece piece, String statement, InputStream plain) throws SQLException, IOException {
        inserted = true;
        TableProperties properties = RestoreTarget.properties(piece.table());
        TsvFields fields = new TsvFields(plain);
        Nameless nameless = Nameless.of(session, properties);
        LongConsumer judge = expected -> requireNoWarnings(piece, () -> expected);
        long rows = 0;
        for (int partition = 1; partition < properties.historyPartitions(); partition++) {
            long loaded = InsertLoad.load(
                    session, statement, fields, properties.historyRows(), nameless, !lenient, judge);
            rows += loaded;
            if (loaded < properties.historyRows()) {
                return new Loaded(rows, true, 0);
            }
            // what loads never goes on to the next partition (MariaDB, TABLE::vers_switch_partition); what deletes does, if this one is full
            session.sql().run("DELETE FROM " + Quoting.identifier(piece.table().name()) + " WHERE false");
        }
        return new Loaded(
                rows + InsertLoad.load(session, statement, fields, Long.MAX_VALUE, nameless, !lenient, judge), true, 0);
    }

    private long nameless(BlobLoad.Piece piece) {
        Nameless values = Nameless.of(session, RestoreTarget.properties(piece.table()));
        try (InputStream plain = context.set().open(load.blob())) {
            if (!piece.bundled()) {
                return values.in(plain);
            }
            AtomicLong found = new AtomicLong();
            Bundle.read(plain, (name, bytes) -> {
                if (name.equals(piece.part().member())) {
                    try {
                        found.set(values.in(bytes));
                    } catch (IOException e) {
                        throw SchemaItem.unreadable(load.blob().name(), e);
                    }
                }
            });
            return found.get();
        } catch (IOException e) {
            throw SchemaItem.unreadable(load.blob().name(), e);
        }
    }

    private static void requireAll(BlobLoad.Piece piece, long rows) {
        if (rows != piece.rows()) {
            throw new BackupException(
                    ErrorCode.ROW_COUNT_MISMATCH,
                    "table " + piece.table().name() + " took " + rows + " rows of blob " + piece.part().blob() + ", the manifest says "
                            + piece.rows(),
                    "Verify the backup set; nothing of this part was loaded.");
        }
    }

    /** @param expected counts the warnings that there may be, of {@link Nameless} values */
    private void requireNoWarnings(BlobLoad.Piece piece, LongSupplier expected) {
        List<Warning> all = session.sql().list(
                "SHOW WARNINGS", row -> new Warning(row.getString(1), row.getInt(2), row.getString(3)));
        List<Warning> warnings = all.stream().filter(warning -> warning.code != UNSAFE).toList();
        if (warnings.isEmpty()
                || warnings.stream().allMatch(warning -> warning.code == Nameless.WARNING)
                && session.sql().number("SELECT @@warning_count") - (all.size() - warnings.size()) == expected.getAsLong()) {
            return;
        }
        if (lenient) {
            remarked = true;
            return;
        }
        throw new BackupException(
                ErrorCode.DATABASE_STATEMENT_FAILED,
                "the server would have changed rows of table " + piece.table().name() + " while loading " + piece.part().blob() + ": "
                        + warnings.stream().limit(5).map(Warning::toString).collect(Collectors.joining("; ")),
                "Compare the versions and settings of both servers; nothing of this part was loaded." + RestoreTarget
                        .properties(piece.table()).zoned()
                        .map(zoned -> " Values of " + zoned.shown() + " depend on a time zone and are in UTC while rows are loaded: its"
                                + " primary key or its partitions may refuse them. Load the rows by hand (docs/mysql.md).")
                        .orElse(""));
    }

    /** What the server has to say. */
    private record Warning(String level, int code, String text) {
        @Override
        public String toString() {
            return level + " " + code + " " + text;
        }
    }
}
