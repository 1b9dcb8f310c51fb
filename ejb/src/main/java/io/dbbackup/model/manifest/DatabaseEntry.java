package io.dbbackup.model.manifest;

import io.dbbackup.model.BlobRef;
import java.time.Instant;

/**
 * One database of a set, in short.
 *
 * @param name name of the database on the source
 * @param manifest blob that holds its {@link DatabaseManifest}
 * @param snapshotAt instant of its snapshot, by the server's clock
 * @param position log position of the snapshot (PostgreSQL: LSN)
 * @param tables number of tables with data in the set
 * @param rows rows in all tables
 * @param plainBytes plain bytes of schema and data
 * @param storedBytes bytes in the store, manifest included
 */
public record DatabaseEntry(
        String name,
        BlobRef manifest,
        Instant snapshotAt,
        String position,
        int tables,
        long rows,
        long plainBytes,
        long storedBytes) {}
