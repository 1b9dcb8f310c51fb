package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.DamagedBlob;
import io.dbbackup.engine.postgresql.PgErrors;
import io.dbbackup.engine.postgresql.restore.SetDatabase.Piece;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.manifest.Assembly;
import io.dbbackup.pipeline.Bundle;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.postgresql.copy.CopyIn;
import org.postgresql.jdbc.PgConnection;

/**
 * Loads what one blob holds, a part of a table or a bundle of small tables, in one transaction, exactly once: see
 * {@link Markers}. Before the commit the blob was read to its end, which checks its digests, and every row count was
 * compared with the manifest.
 */
final class DataItem {
    private static final int BUFFER = 1 << 16;

    ItemResult execute(RestoreContext context, WorkItem item, Progress progress) {
        DataTask task = item.payload(DataTask.class);
        RestoreTarget target = RestoreTarget.of(context, task.database());
        SetDatabase database = SetDatabase.of(context, task.database());
        BlobRef blob = database.blob(task.blob());
        List<Piece> pieces = database.pieces().getOrDefault(task.blob(), List.of());
        long rows = pieces.stream().mapToLong(piece -> piece.part().content().rows()).sum();
        String path = SearchPath.of(database.properties());
        try (TargetSession session = TargetSession.open(context, target.temporaryName(), "restore data")) {
            session.sql().text("SELECT pg_catalog.set_config('search_path', ?, false)", path);
            if (DataOnly.is(context)) {
                DataOnly.quieten(session);
            } else if (pieces.stream().anyMatch(DataItem::configuration)
                    && session.sql().truth("SELECT pg_catalog.current_setting('is_superuser') = 'on'")) {
                // CREATE EXTENSION brings triggers and foreign keys before the rows, which come in any order
                session.sql().run("SET session_replication_role = replica");
            }
            session.transaction(() -> {
                if (Markers.take(session.sql(), item.id(), 0, rows)) {
                    load(context, session, blob, pieces, progress);
                }
            });
        }
        return new ItemResult(blob.plainBytes(), blob.storedBytes(), rows, Map.of(), List.of());
    }

    private static boolean configuration(Piece piece) {
        return !SetDatabase.properties(piece.table()).extension().isEmpty();
    }

    private static void load(
            RestoreContext context, TargetSession session, BlobRef blob, List<Piece> pieces, Progress progress) {
        byte[] buffer = new byte[BUFFER];
        try (InputStream plain = new Counted(context.set().open(blob), progress)) {
            if (pieces.size() == 1 && pieces.get(0).part().member().isEmpty()) {
                copy(session, pieces.get(0), plain, buffer);
            } else {
                loadBundle(session, blob, pieces, plain, buffer);
            }
            // the digests are checked at the very end, which may lie behind the last row
            plain.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw unreadable(blob.name(), e);
        } catch (BackupException e) {
            throw DamagedBlob.or(e, context, blob);
        }
    }

    private static BackupException unreadable(String blob, IOException e) {
        return new BackupException(
                ErrorCode.STORE_IO,
                "reading blob " + blob + " failed: " + e.getMessage(),
                "Check the store, then restart the run.",
                e);
    }

    private static void loadBundle(
            TargetSession session, BlobRef blob, List<Piece> pieces, InputStream plain, byte[] buffer) {
        Map<String, Piece> members = new HashMap<>();
        pieces.forEach(piece -> members.put(piece.part().member(), piece));
        Bundle.read(plain, (name, bytes) -> {
            Piece piece = members.remove(name);
            if (piece != null) {
                copy(session, piece, bytes, buffer);
            }
        });
        members.forEach((name, piece) -> {
            throw new BackupException(
                    ErrorCode.BLOB_UNDECODABLE,
                    "bundle " + blob.name() + " has no member " + name + " with the data of table "
                            + piece.tableName(),
                    "Verify the backup set, and restore from another copy of it.");
        });
    }

    private static void copy(TargetSession session, Piece piece, InputStream rows, byte[] buffer) {
        piece.part().assembly().map(Assembly::before).orElse(List.of()).forEach(session.sql()::run);
        long copied = load(session, piece, rows, buffer);
        requireRows(piece, piece.part().assembly().map(assembly -> assemble(session, assembly)).orElse(copied));
    }

    /** What was loaded is not yet rows of the table. */
    private static long assemble(TargetSession session, Assembly assembly) {
        long rows = 0;
        for (String statement : assembly.after()) {
            rows = session.sql().update(statement);
        }
        return rows;
    }

    /** @return rows that the server took */
    private static long load(TargetSession session, Piece piece, InputStream rows, byte[] buffer) {
        try {
            CopyIn copy = ((PgConnection) session.connection()).getCopyAPI().copyIn(piece.part().loadStatement());
            try {
                for (int n = rows.read(buffer); n >= 0; n = rows.read(buffer)) {
                    copy.writeToCopy(buffer, 0, n);
                }
                return copy.endCopy();
            } finally {
                if (copy.isActive()) {
                    copy.cancelCopy();
                }
            }
        } catch (SQLException e) {
            throw PgErrors.translate(e, session.sql().endpoint(), "loading table " + piece.tableName());
        } catch (IOException e) {
            throw unreadable(piece.part().blob(), e);
        }
    }

    private static void requireRows(Piece piece, long loaded) {
        if (loaded != piece.part().content().rows()) {
            throw new BackupException(
                    ErrorCode.ROW_COUNT_MISMATCH,
                    "table " + piece.tableName() + " took " + loaded + " rows of blob " + piece.part().blob()
                            + ", the manifest says " + piece.part().content().rows(),
                    "Verify the backup set; look for triggers or rules that the restore should not have found.");
        }
    }

    /** Reports plain bytes as they are read. */
    private static final class Counted extends java.io.FilterInputStream {
        private final Progress progress;

        Counted(InputStream in, Progress progress) {
            super(in);
            this.progress = progress;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int n = super.read(buffer, offset, length);
            if (n > 0) {
                progress.bytes(n);
            }
            return n;
        }
    }
}
