package io.dbbackup.model.manifest;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.dbbackup.model.BlobRef;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * One database of a set, in short.
 *
 * @param name name of the database on the source
 * @param manifest blob that holds its {@link DatabaseManifest}
 * @param snapshotAt instant of its snapshot, by the server's clock
 * @param position log position of the snapshot (PostgreSQL: LSN; MySQL, MariaDB: file, byte and GTIDs)
 * @param tables number of tables with data in the set
 * @param rows rows in all tables
 * @param plainBytes plain bytes of schema and data
 * @param storedBytes bytes in the store, manifest included, and what other sets store for this one
 * @param reuses what of it other sets store
 * @param lockMillis how long commits were held up for the snapshot, in milliseconds; empty where nothing ever is
 * @param besideRestore whether a restore was at work on it, or on a database that was just not there, so that the set may hold a part only
 */
public record DatabaseEntry(
        String name,
        BlobRef manifest,
        Instant snapshotAt,
        String position,
        int tables,
        long rows,
        long plainBytes,
        long storedBytes,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Reused> reuses,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Long> lockMillis,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean besideRestore) {
    public DatabaseEntry {
        // absent where the set stores everything itself
        reuses = reuses == null ? List.of() : List.copyOf(reuses);
        lockMillis = lockMillis == null ? Optional.empty() : lockMillis;
    }

    /** A database for whose snapshot nobody was held up. */
    public DatabaseEntry(
            String name,
            BlobRef manifest,
            Instant snapshotAt,
            String position,
            int tables,
            long rows,
            long plainBytes,
            long storedBytes,
            List<Reused> reuses) {
        this(name, manifest, snapshotAt, position, tables, rows, plainBytes, storedBytes, reuses, Optional.empty(), false);
    }

    /** A database whose blobs the set itself stores. */
    public DatabaseEntry(
            String name,
            BlobRef manifest,
            Instant snapshotAt,
            String position,
            int tables,
            long rows,
            long plainBytes,
            long storedBytes) {
        this(name, manifest, snapshotAt, position, tables, rows, plainBytes, storedBytes, List.of());
    }

    /** What of these blobs other sets store. */
    public static List<Reused> reuses(Collection<BlobRef> blobs) {
        return Reused.sum(blobs.stream()
                .flatMap(blob -> blob.origin().stream()
                        .map(origin -> new Reused(origin.set(), 1, blob.storedBytes())))
                .toList());
    }
}
