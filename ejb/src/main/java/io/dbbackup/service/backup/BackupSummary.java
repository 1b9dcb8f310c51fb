package io.dbbackup.service.backup;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.Reused;
import io.dbbackup.service.copy.CopySummary;
import java.util.List;

/**
 * Result of a backup for people and programs; sizes in bytes.
 *
 * @param storedBytes size of the set, what other sets store for it included
 * @param reusedBlobs number of blobs that other sets store for it
 * @param reusedBytes their size: what was not stored again
 * @param copies that the run made of the set in further stores
 */
public record BackupSummary(
        String set,
        boolean complete,
        int databases,
        long tables,
        long rows,
        long plainBytes,
        long storedBytes,
        int reusedBlobs,
        long reusedBytes,
        List<BackupManifest.MissingDatabase> missing,
        List<CopySummary> copies) {
    public BackupSummary {
        missing = List.copyOf(missing);
        // a run that was sealed before there were copies has none
        copies = copies == null ? List.of() : List.copyOf(copies);
    }

    static BackupSummary of(BackupManifest manifest) {
        return new BackupSummary(
                manifest.set(),
                manifest.complete(),
                manifest.databases().size(),
                manifest.databases().stream().mapToLong(d -> d.tables()).sum(),
                manifest.rows(),
                manifest.plainBytes(),
                manifest.storedBytes(),
                Reused.blobs(manifest.reuses()),
                Reused.bytes(manifest.reuses()),
                manifest.missing(),
                List.of());
    }

    /** What the catalog knows, which has no number of tables. */
    static BackupSummary of(BackupSetView set) {
        return new BackupSummary(
                set.id(), set.complete(), set.databases(), 0, set.rows(), set.plainBytes(), set.storedBytes(),
                Reused.blobs(set.reuses()), set.reusedBytes(), List.of(), List.of());
    }

    BackupSummary with(List<CopySummary> made) {
        return new BackupSummary(set, complete, databases, tables, rows, plainBytes, storedBytes, reusedBlobs, reusedBytes, missing,
                made);
    }
}
