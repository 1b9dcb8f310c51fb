package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.postgresql.PgProcess;
import io.dbbackup.engine.postgresql.Quoting;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Executes definitions of a database's archive on the target, in batches that are exactly once: a batch is a
 * transaction which also writes its marker. A batch is small, since every object that a transaction touches is a lock
 * in the server's shared table of locks.
 *
 * @param more settings beside those of every session, as statements for psql
 */
record Definitions(RestoreContext context, RestoreTarget target, WorkItem item, String more) {
    static final int SMALL_BATCH = 20;
    static final int BATCH = 200;

    Definitions(RestoreContext context, RestoreTarget target, WorkItem item) {
        this(context, target, item, "");
    }

    /**
     * Settings of every session of psql. The script sets most of them too, but only inside the transaction, where a role's
     * own time limit can end the session before.
     */
    static String settings(RestoreContext context, RestoreTarget target, int targetMajor, boolean synchronous) {
        return "SET statement_timeout = 0;\n"
                + "SET lock_timeout = 0;\n"
                + "SET idle_in_transaction_session_timeout = 0;\n"
                + "SET client_encoding = 'UTF8';\n"
                + "SET default_transaction_read_only = off;\n"
                + "SET default_transaction_isolation = 'read committed';\n"
                + "SET client_min_messages = warning;\n"
                + "SET synchronous_commit = " + (synchronous ? "on" : "off") + ";\n"
                + (targetMajor >= 14 ? "SET idle_session_timeout = 0;\nSET client_connection_check_interval = '2s';\n" : "")
                + (targetMajor >= 17 ? "SET transaction_timeout = 0;\n" : "")
                + "SELECT pg_catalog.set_config('search_path', "
                + Quoting.literal(
                        SearchPath.of(SetDatabase.of(context, target.source()).properties()))
                + ", false);\n";
    }

    /** Options of pg_restore that say what to leave out. */
    List<String> options(SchemaArchive archive) {
        List<String> options = new ArrayList<>();
        if (!context.spec().owners()) {
            options.add("--no-owner");
            options.add("--no-privileges");
        }
        if (context.spec().tablespaces().none() || !missingTablespaces(archive).isEmpty()) {
            options.add("--no-tablespaces");
        }
        if (!missingLabelProviders(archive).isEmpty()) {
            options.add("--no-security-labels");
        }
        return options;
    }

    /** Providers of the database's security labels that the target has not loaded. */
    Set<String> missingLabelProviders(SchemaArchive archive) {
        Set<String> providers = archive.demands().labelProviders();
        return providers.isEmpty() ? providers : context
                .hold(LabelProviders.KEY + target.source(), LabelProviders.class,
                        () -> LabelProviders.missing(context, providers))
                .names();
    }

    /** Tablespaces that objects of the database were in and that the target lacks. */
    Set<String> missingTablespaces(SchemaArchive archive) {
        Set<String> missing = new TreeSet<>();
        if (!context.spec().tablespaces().none()) {
            archive.demands().tablespaces().forEach(name -> missing.add(context.spec().tablespaces().of(name)));
        }
        if (!missing.isEmpty()) {
            missing.removeAll(context.hold(Tablespaces.KEY, Tablespaces.class, () -> Tablespaces.read(context))
                    .names());
        }
        return missing;
    }

    /** As {@link #execute(SchemaArchive, List, int, int)}, with few slow entries in a batch. */
    int execute(SchemaArchive archive, List<TocEntry> entries, int firstBatch) {
        return execute(archive, entries, firstBatch, SMALL_BATCH);
    }

    /**
     * Executes entries in this order, continuing after the last batch that was committed.
     *
     * @param firstBatch number of the first batch in the marker table
     * @param slowBatch most entries of a batch that read tables; every batch costs two processes
     * @return number of the next free batch
     */
    int execute(SchemaArchive archive, List<TocEntry> entries, int firstBatch, int slowBatch) {
        int batch = firstBatch;
        boolean leftOut = false;
        // the index items have only indexes that call nothing but what is built in
        boolean newPath = !item.kind().equals(RestoreKind.INDEXES) && SafeSearchPath.newSince(context);
        for (List<TocEntry> some : batches(entries, newPath, slowBatch)) {
            context.cancellation().check();
            try {
                executeBatch(archive, some, batch);
            } catch (BackupException e) {
                if (!newPath || !SafeSearchPath.mayFail(some) || !SafeSearchPath.explains(e, leftOut)) {
                    throw e;
                }
                leftOut = true;
                SafeSearchPath.warn(context, target, some.get(0), e);
            }
            batch++;
        }
        return batch;
    }

    private void executeBatch(SchemaArchive archive, List<TocEntry> entries, int batch) {
        int major;
        try (TargetSession session = TargetSession.open(context, target.temporaryName(), "restore")) {
            if (Markers.present(session.sql(), item.id(), batch)) {
                return;
            }
            major = session.major();
        }
        Path list = SchemaArchive.listFile(entries);
        try (PgProcess script = archive.chosen(list, options(archive))) {
            new ScriptRun(context, archive.tools(), target.temporaryName(), item.label()).execute(
                    settings(context, target, major, true) + more + "BEGIN;\n" + Markers.takeStatement(item.id(), batch),
                    script,
                    "\nCOMMIT;\n");
        } catch (BackupException e) {
            // an earlier attempt whose session outlived its worker may have committed while this one waited
            if (e.code() != ErrorCode.DATABASE_STATEMENT_FAILED || !taken(batch)) {
                throw e;
            }
        } finally {
            delete(list);
        }
    }

    private boolean taken(int batch) {
        try (TargetSession session = TargetSession.open(context, target.temporaryName(), "restore")) {
            return Markers.present(session.sql(), item.id(), batch);
        }
    }

    /** @param apart whether what may fail by itself is a batch of its own */
    private static List<List<TocEntry>> batches(List<TocEntry> entries, boolean apart, int slowBatch) {
        List<List<TocEntry>> batches = new ArrayList<>();
        List<TocEntry> current = new ArrayList<>();
        int slow = 0;
        TocEntry.Turn turn = TocEntry.Turn.DEFINITION;
        for (TocEntry entry : entries) {
            if (!current.isEmpty()
                    && (current.size() == BATCH || slow == slowBatch || entry.turn() != turn
                            || apart && (SafeSearchPath.mayFail(entry) || SafeSearchPath.mayFail(current)))) {
                batches.add(current);
                current = new ArrayList<>();
                slow = 0;
            }
            current.add(entry);
            slow += entry.slow() ? 1 : 0;
            turn = entry.turn();
        }
        if (!current.isEmpty()) {
            batches.add(current);
        }
        return batches;
    }

    static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // a list of numbers in the directory for temporary files does no harm
            return;
        }
    }
}
