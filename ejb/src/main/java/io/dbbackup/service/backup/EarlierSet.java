package io.dbbackup.service.backup;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.BackupSets;
import io.dbbackup.catalog.Runs;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobOrigin;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.service.run.Execution;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.BlobStore;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The earlier set in the same store that a backup may refer to, together with the sets that that one refers to. They are pinned before
 * they are looked at, so that none of them is deleted while the run is active. Thread-safe.
 */
final class EarlierSet {
    private final Execution execution;
    private final BlobSetReader reader;
    private final BlobStore store;
    private final Set<String> origins;

    EarlierSet(Execution execution, BlobSetReader reader, BlobStore store, Set<String> origins) {
        this.execution = execution;
        this.reader = reader;
        this.store = store;
        this.origins = origins;
    }

    /**
     * Of the sets that a run that was interrupted already refers to, those that are still there. They stay from now on.
     *
     * @param ids of the sets
     */
    static Set<String> stillThere(
            Execution execution, BlobStore store, String storeName, Collection<String> ids, BackupSets sets, Runs runs) {
        runs.pin(execution.run(), ids);
        return ids.stream()
                .filter(id -> sets.find(id, storeName)
                        .filter(set -> set.state() == BackupSetView.State.SEALED)
                        // another catalog may have deleted it
                        .filter(set -> store.stat(set.prefix() + BackupManifest.BLOB_NAME).isPresent())
                        .isPresent())
                .collect(Collectors.toSet());
    }

    /** A database of it; the blobs that may be referred to have an origin, the others have none. */
    Optional<DatabaseManifest> database(String name) {
        try {
            return reader.manifest().databases().stream()
                    .filter(entry -> entry.name().equals(name))
                    .findFirst()
                    .map(reader::database)
                    .map(this::withOrigins);
        } catch (BackupException e) {
            execution.cancellation().check();
            execution.warn("nothing is reused of database \"" + name + "\": " + e.problem().cause());
            return Optional.empty();
        }
    }

    private DatabaseManifest withOrigins(DatabaseManifest manifest) {
        // by the directories that the blobs are in
        Map<String, Map<String, Long>> present = new HashMap<>();
        List<BlobRef> blobs = manifest.blobs().stream().map(blob -> withOrigin(blob, present)).toList();
        return new DatabaseManifest(
                manifest.name(), manifest.snapshotAt(), manifest.position(), manifest.properties(), blobs,
                manifest.schemaBlob(), manifest.afterDataBlob(), manifest.tables(), manifest.leftOut());
    }

    private BlobRef withOrigin(BlobRef blob, Map<String, Map<String, Long>> present) {
        BlobOrigin origin = blob.origin().orElse(new BlobOrigin(reader.manifest().set(), blob.name()));
        return new BlobRef(
                blob.name(), blob.storedBytes(), blob.storedSha256(), blob.plainBytes(), blob.plainXxh128(), blob.stages(),
                Optional.of(origin).filter(found ->
                        origins.contains(found.set()) && blob.storedBytes() == stored(found, present)));
    }

    /** Size in the store; what a set has lost has none, and is stored again. */
    private long stored(BlobOrigin origin, Map<String, Map<String, Long>> present) {
        String name = BackupSetView.prefix(reader.manifest().source(), origin.set()) + origin.name();
        Map<String, Long> sizes = present.computeIfAbsent(name.substring(0, name.lastIndexOf('/') + 1), directory -> {
            Map<String, Long> found = new HashMap<>();
            store.list(directory, blob -> found.put(blob.name(), blob.bytes()));
            return found;
        });
        return sizes.getOrDefault(name, -1L);
    }
}
