package io.dbbackup.service.backup;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.RunView;
import io.dbbackup.model.Json;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.model.manifest.Reused;
import io.dbbackup.service.copy.CopySummary;
import java.util.List;
import java.util.Optional;

/**
 * Result of a backup for people and programs; sizes in bytes.
 *
 * @param storedBytes size of the set, what other sets store for it included
 * @param reusedBlobs number of blobs that other sets store for it
 * @param reusedBytes their size: what was not stored again
 * @param lacks what kept it from holding all that it was to hold; for people
 * @param logPosition where in the source's log the set is, when all databases are of one place
 * @param lockMillis how long commits were held up for a snapshot, at most; empty where nothing ever is
 * @param consistency as {@link BackupManifest#consistency()}; empty where only the catalog is known
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
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> lacks,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> logPosition,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Long> lockMillis,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> consistency,
        List<CopySummary> copies) {
    public BackupSummary {
        missing = List.copyOf(missing);
        // a run that was sealed before there were copies has none
        copies = copies == null ? List.of() : List.copyOf(copies);
        lacks = lacks == null ? Optional.empty() : lacks;
        logPosition = logPosition == null ? Optional.empty() : logPosition;
        lockMillis = lockMillis == null ? Optional.empty() : lockMillis;
        consistency = consistency == null ? Optional.empty() : consistency;
    }

    static BackupSummary of(BackupManifest manifest, Optional<String> lacks) {
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
                lacks,
                position(manifest),
                manifest.databases().stream().flatMap(database -> database.lockMillis().stream()).max(Long::compare),
                Optional.of(manifest.consistency()),
                List.of());
    }

    /** Of a backup that has published its set, unless it was killed before it could tell. */
    public static Optional<BackupSummary> told(RunView backup) {
        return backup.set().flatMap(set -> backup.summary()
                .filter(json -> json.contains(set))
                .map(json -> Json.read(json, BackupSummary.class)));
    }

    private static Optional<String> position(BackupManifest manifest) {
        List<String> positions = manifest.databases().stream().map(DatabaseEntry::position).distinct().toList();
        return positions.stream().filter(position -> positions.size() == 1 && !position.isEmpty()).findFirst();
    }

    /** What the catalog knows, which has no number of tables. */
    static BackupSummary of(BackupSetView set, Optional<String> lacks) {
        return new BackupSummary(
                set.id(), set.complete(), set.databases(), 0, set.rows(), set.plainBytes(), set.storedBytes(),
                Reused.blobs(set.reuses()), set.reusedBytes(), List.of(), lacks,
                Optional.empty(), Optional.empty(), Optional.empty(), List.of());
    }

    BackupSummary with(List<CopySummary> made) {
        return new BackupSummary(set, complete, databases, tables, rows, plainBytes, storedBytes, reusedBlobs, reusedBytes, missing,
                lacks, logPosition, lockMillis, consistency, made);
    }
}
