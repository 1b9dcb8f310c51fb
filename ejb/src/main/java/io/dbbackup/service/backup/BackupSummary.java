package io.dbbackup.service.backup;

import io.dbbackup.model.manifest.BackupManifest;
import java.util.List;

/** Result of a backup for people and programs; sizes in bytes. */
public record BackupSummary(
        String set,
        boolean complete,
        int databases,
        long tables,
        long rows,
        long plainBytes,
        long storedBytes,
        List<BackupManifest.MissingDatabase> missing) {
    static BackupSummary of(BackupManifest manifest) {
        return new BackupSummary(
                manifest.set(),
                manifest.complete(),
                manifest.databases().size(),
                manifest.databases().stream().mapToLong(d -> d.tables()).sum(),
                manifest.rows(),
                manifest.plainBytes(),
                manifest.storedBytes(),
                manifest.missing());
    }
}
