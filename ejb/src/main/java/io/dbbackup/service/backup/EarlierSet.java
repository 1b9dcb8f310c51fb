package io.dbbackup.service.backup;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.BackupSets;
import io.dbbackup.catalog.Runs;
import io.dbbackup.crypto.KeyBunch;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobOrigin;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Omission;
import io.dbbackup.model.SetId;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.model.manifest.KeySection;
import io.dbbackup.model.manifest.Reused;
import io.dbbackup.model.manifest.SetHeader;
import io.dbbackup.service.run.Execution;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.service.set.BlobSetWriter;
import io.dbbackup.service.set.ManifestFile;
import io.dbbackup.service.set.SameRecipients;
import io.dbbackup.spi.BlobStore;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The earlier set in the same store that a backup may refer to, together with the sets that that one refers to. They are pinned before
 * they are looked at, so that none of them is deleted while the run is active. Thread-safe.
 */
final class EarlierSet {
    /** So many sets are looked at before nothing is referred to. */
    private static final int MOST_TRIES = 10;

    private final Execution execution;
    private final BlobSetReader reader;
    private final BlobStore store;
    private final Set<String> origins;

    private EarlierSet(Execution execution, BlobSetReader reader, BlobStore store, Set<String> origins) {
        this.execution = execution;
        this.reader = reader;
        this.store = store;
        this.origins = origins;
    }

    /** What is needed to find one. */
    record Finder(
            Execution execution,
            BackupParameters parameters,
            BlobStore store,
            Optional<BlobSetWriter.Encryption> encryption,
            Supplier<KeyBunch> keys,
            BackupSets sets,
            Runs runs) {
        /** The newest set that fits; empty when there is none, or nothing shall be referred to. */
        Optional<EarlierSet> find() {
            if (!parameters.spec().reuse()) {
                return Optional.empty();
            }
            if (store.capabilities().lockDays().isPresent() || store.capabilities().objectLock()) {
                // some stores do not tell for how long
                execution.warn("reuse_parts has no effect in store \"" + parameters.store()
                        + "\": it keeps what is written undeletable for a time, or may, which would end earlier for parts that are"
                        + " reused");
                return Optional.empty();
            }
            Instant since = execution.view().startedAt().orElseThrow().minus(parameters.reuseWithin());
            return sets
                    .list(Optional.of(parameters.source()), Optional.of(parameters.store()), Optional.empty(), MOST_TRIES)
                    .stream()
                    // when this run was interrupted after it had published its set, that is not an earlier one
                    .filter(set -> !set.run().equals(execution.run()))
                    .filter(set -> helps(set) && young(set.id(), since))
                    .flatMap(set -> open(set, since).stream())
                    .findFirst();
        }

        /** What it holds is whole, and it leaves no more databases out than this run does. */
        private boolean helps(BackupSetView set) {
            return set.omissions().isEmpty()
                    || parameters.someDatabases() && set.omissions().equals(List.of(Omission.SOME_DATABASES));
        }

        private Optional<EarlierSet> open(BackupSetView base, Instant since) {
            Set<String> wanted = Stream.concat(Stream.of(base.id()), base.reuses().stream().map(Reused::set))
                    .filter(id -> young(id, since))
                    .collect(Collectors.toSet());
            runs.pin(execution.run(), wanted);
            // only now, when whoever wants to delete one of them sees that it is used
            Set<String> suspects = suspects();
            Set<String> origins =
                    wanted.stream().filter(id -> !suspects.contains(id) && fits(id)).collect(Collectors.toSet());
            if (!origins.contains(base.id())) {
                return Optional.empty();
            }
            try {
                return Optional.of(new EarlierSet(
                        execution,
                        BlobSetReader.open(
                                store, base.prefix(), Optional.of(base.manifestSha256()), keys.get()),
                        store,
                        origins));
            } catch (BackupException e) {
                if (e.code() == ErrorCode.KEY_MISSING) {
                    execution.warn("reuse_parts has no effect: what backup set " + base.id()
                            + " holds is encrypted, and this machine has no key that opens it");
                } else {
                    execution.warn("nothing of backup set " + base.id() + " is reused: " + e.problem().cause());
                }
                return Optional.empty();
            }
        }

        /** What sets refer to that are known to be damaged: nobody has asked of which of their parts that is. */
        private Set<String> suspects() {
            return sets.ofSourceInStore(parameters.source(), parameters.store()).stream()
                    .filter(set -> !set.verifiedOk().orElse(true))
                    .flatMap(set -> set.reuses().stream().map(Reused::set))
                    .collect(Collectors.toSet());
        }

        /** Each key of the set must have the same. */
        private boolean sameRecipients(SetHeader header) {
            List<KeySection> own = header.encryption().stream()
                    .flatMap(there -> there.keys().stream())
                    .filter(section -> section.set().isEmpty())
                    .toList();
            return encryption
                    .map(now -> new SameRecipients(now, keys))
                    .map(same -> !own.isEmpty() && own.stream().allMatch(section -> same.have(section, header.set())))
                    .orElse(own.isEmpty());
        }

        /** Whether the set is there, is not known to be damaged, and is encrypted for the same recipients. */
        private boolean fits(String id) {
            Optional<BackupSetView> set = sets.find(id, parameters.store())
                    .filter(found -> found.state() == BackupSetView.State.SEALED)
                    .filter(found -> found.verifiedOk().orElse(true));
            try {
                return set.map(found -> BlobSetReader.file(
                                store, found.prefix(), Optional.of(found.manifestSha256())))
                        .map(ManifestFile::header)
                        .filter(this::sameRecipients)
                        .isPresent();
            } catch (BackupException e) {
                execution.cancellation().check();
                execution.warn("nothing of backup set " + id + " is reused: " + e.problem().cause());
                return false;
            }
        }
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

    private static boolean young(String id, Instant since) {
        return !new SetId(id).takenAt().isBefore(since);
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
