package io.dbbackup.service.set;

import io.dbbackup.crypto.SetKeys;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobOrigin;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.StageDescriptor;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.BackupManifest.MissingDatabase;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.model.manifest.KeyDocument;
import io.dbbackup.model.manifest.KeySection;
import io.dbbackup.model.manifest.Reused;
import io.dbbackup.model.manifest.SetHeader;
import io.dbbackup.model.manifest.StoredBlob;
import io.dbbackup.pipeline.Sha256Probe;
import io.dbbackup.spi.BlobStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Publishes a set: compares every blob's size with the store, removes what belongs to nothing, and writes the manifest. Of
 * an encrypted set nothing is read that was encrypted, since an earlier execution may have done that with a key that died
 * with it. Not thread-safe; used once.
 */
public final class SetPublication {
    private final BlobStore store;
    private final String prefix;
    private final BlobSetWriter writer;
    private final Function<String, List<BlobRef>> blobsOf;
    private final Map<String, Long> present = new HashMap<>();
    private final Set<String> named = new HashSet<>();
    /** Where readers look first for what another set stores: whatever is there is in the way. */
    private final Set<String> inTheWay = new HashSet<>();
    /** Sizes of blobs that the database at hand refers to, by their directories. */
    private final Map<String, Map<String, Long>> elsewhere = new HashMap<>();
    /** Whether a set that this one refers to has a manifest. */
    private final Map<String, Boolean> sealed = new HashMap<>();

    /**
     * @param prefix of the set in the store, ending with {@code /}
     * @param blobsOf every blob of a database, its manifest included, by the receipts; asked when the set is encrypted
     */
    public SetPublication(
            BlobStore store, String prefix, BlobSetWriter writer, Function<String, List<BlobRef>> blobsOf) {
        this.store = store;
        this.prefix = prefix;
        this.writer = writer;
        this.blobsOf = blobsOf;
    }

    /**
     * A published set.
     *
     * @param header what is known of it without a key
     * @param sha256 of its manifest as it is stored
     */
    public record Published(BackupManifest manifest, SetHeader header, String sha256) {}

    /**
     * Publishes it, or finds that an earlier execution of the same run has.
     *
     * @param manifest its version is set here
     * @throws BackupException BLOB_MISSING, BLOB_SIZE_MISMATCH; BLOB_EXISTS when somebody else has published a set there; or of
     *     the store. A manifest that was written is deleted then
     */
    public Published publish(BackupManifest manifest) {
        store.list(prefix, blob -> present.put(blob.name(), blob.bytes()));
        SetHeader header = checkStored(manifest);
        if (publishedBefore()) {
            return asFound(manifest, new BackupException(
                    ErrorCode.BLOB_EXISTS,
                    "there is another backup set at " + prefix,
                    "Find out who wrote it; nothing of it was changed."));
        }
        // what another catalog's retention took for leftovers may have gone while the manifests of databases were read
        LastLook look = new LastLook(store, prefix, named, "while the set was published", "start a new run.");
        look.refuseVanished();
        BlobRef stored;
        try {
            stored = header.encryption().isPresent() ? writer.seal(header, manifest) : writer.seal(manifest);
        } catch (BackupException e) {
            if (e.code() != ErrorCode.BLOB_EXISTS) {
                throw e;
            }
            return asFound(manifest, e);
        }
        try {
            look.refuseVanished();
            refuseVanishedOrigins(header);
        } catch (BackupException e) {
            look.withdraw(e);
            throw e;
        }
        return new Published(manifest, header, stored.storedSha256());
    }

    /** When an earlier execution was killed between publishing the set and entering it into the catalog. */
    private Published asFound(BackupManifest manifest, BackupException exists) {
        ManifestFile published = BlobSetReader.file(store, prefix, Optional.empty());
        if (!published.header().run().equals(manifest.run())) {
            throw exists;
        }
        return new Published(
                published.encrypted() ? asPublished(manifest, published.header()) : published.manifest(SetKeys.NONE),
                published.header(),
                published.sha256());
    }

    /**
     * Looks again for the sets that this one refers to: one with another catalog may have begun to delete one of them before it could
     * see the manifest, and deletes that set's manifest first.
     */
    private void refuseVanishedOrigins(SetHeader header) {
        for (Reused reused : header.reuses()) {
            if (store.stat(BlobPlace.prefixOf(prefix, reused.set()) + BackupManifest.BLOB_NAME).isEmpty()) {
                throw new BackupException(
                        ErrorCode.BLOB_MISSING,
                        "backup set " + reused.set() + ", which this one refers to, was deleted while this one was published",
                        "Find out who deletes there, such as retention with another catalog, then restart the run, which stores"
                                + " again what is gone.");
            }
        }
    }

    /** Whether an earlier execution has. */
    private boolean publishedBefore() {
        return present.containsKey(prefix + BackupManifest.BLOB_NAME);
    }

    /** What was published, as far as it can be told without the key that died with the earlier execution. */
    private static BackupManifest asPublished(BackupManifest manifest, SetHeader published) {
        Set<String> names =
                published.databases().stream().map(SetHeader.Database::name).collect(Collectors.toSet());
        List<MissingDatabase> missing = new ArrayList<>(manifest.missing());
        manifest.databases().stream()
                .filter(entry -> !names.contains(entry.name()))
                .forEach(entry -> missing.add(new MissingDatabase(entry.name(), "was done after the set was published")));
        return new BackupManifest(
                manifest.format(), manifest.version(), manifest.set(), manifest.source(), manifest.run(),
                published.product(), published.startedAt(), published.sealedAt(), manifest.zone(), manifest.server(),
                manifest.consistency(), published.complete(),
                published.globals().flatMap(any -> manifest.globals()),
                manifest.databases().stream().filter(entry -> names.contains(entry.name())).toList(), missing,
                manifest.derivedFrom(), manifest.selection(), manifest.someDatabases(),
                manifest.globalsMissing());
    }

    /** What a worker stored that was killed before it could say so belongs to nothing and is removed. */
    private SetHeader checkStored(BackupManifest manifest) {
        SetHeader header;
        if (writer.encryption().isPresent()) {
            header = encrypted(manifest, writer.encryption().get());
        } else {
            BlobSetReader reader = BlobSetReader.of(store, prefix, manifest);
            manifest.globals().map(StoredBlob::of).ifPresent(this::check);
            for (DatabaseEntry database : manifest.databases()) {
                elsewhere.clear();
                check(StoredBlob.of(database.manifest()));
                reader.database(database).blobs().forEach(blob -> check(StoredBlob.of(blob)));
            }
            header = SetHeader.of(manifest);
        }
        if (!publishedBefore()) {
            present.keySet().stream().filter(name -> !named.contains(name)).forEach(this::remove);
        }
        return header;
    }

    private void remove(String name) {
        if (inTheWay.contains(name)) {
            store.delete(name);
        } else {
            Strays.delete(store, name);
        }
    }

    private Long sizeOf(StoredBlob blob) {
        Long own = present.get(prefix + blob.name());
        // a published set may have been copied back, and is complete then
        if (blob.origin().isEmpty() || publishedBefore() && own != null) {
            return own;
        }
        BlobOrigin origin = blob.origin().get();
        String place = BlobPlace.prefixOf(prefix, origin.set());
        String name = place + origin.name();
        Map<String, Long> stored = elsewhere.computeIfAbsent(name.substring(0, name.lastIndexOf('/') + 1), directory -> {
            Map<String, Long> sizes = new HashMap<>();
            store.list(directory, found -> sizes.put(found.name(), found.bytes()));
            return sizes;
        });
        // without its manifest it is being deleted
        return sealed.computeIfAbsent(place, set -> store.stat(set + BackupManifest.BLOB_NAME).isPresent())
                ? stored.get(name)
                : null;
    }

    private void check(StoredBlob blob) {
        Long size = sizeOf(blob);
        if (size == null || size != blob.storedBytes()) {
            throw new BackupException(
                    size == null ? ErrorCode.BLOB_MISSING : ErrorCode.BLOB_SIZE_MISMATCH,
                    "blob " + blob.name() + " was written with " + blob.storedBytes() + " bytes"
                            + blob.origin().map(origin -> " by backup set " + origin.set()).orElse("") + ", the store has "
                            + (size == null ? "none" : size.toString()),
                    "Find out what changes the store behind our back, then start a new backup.");
        }
        if (blob.origin().isEmpty()) {
            named.add(prefix + blob.name());
        } else {
            // what a killed worker stored under the name of a blob that is referred to would be read instead of that
            inTheWay.add(prefix + blob.name());
        }
    }

    /** Writes the inventories and makes the header. */
    private SetHeader encrypted(BackupManifest manifest, BlobSetWriter.Encryption encryption) {
        Map<String, Optional<String>> keys = new LinkedHashMap<>();
        keys.put(encryption.section().key(), Optional.empty());
        manifest.globals().ifPresent(blob -> look(blob, keys));
        List<SetHeader.Database> databases = new ArrayList<>();
        for (DatabaseEntry entry : manifest.databases()) {
            elsewhere.clear();
            List<StoredBlob> blobs = new ArrayList<>();
            for (BlobRef blob : blobsOf.apply(entry.name())) {
                look(blob, keys);
                blobs.add(StoredBlob.of(blob));
            }
            StoredBlob inventory = inventory(entry, blobs);
            named.add(prefix + inventory.name());
            databases.add(new SetHeader.Database(
                    entry.name(), inventory, blobs.size(), blobs.stream().mapToLong(StoredBlob::storedBytes).sum()));
        }
        List<KeySection> sections = keys.entrySet().stream()
                .map(key -> key.getValue()
                        .map(set -> sectionOf(set, key.getKey()))
                        .orElseGet(() -> section(encryption, key.getKey())))
                .toList();
        present.keySet().stream()
                .filter(name -> keys.keySet().stream().anyMatch(key ->
                        name.startsWith(prefix + KeyDocument.DIRECTORY + key + "-")))
                .forEach(named::add);
        return SetHeader.of(manifest, databases, new SetHeader.Encryption(
                StageDescriptor.ENCRYPTION, encryption.section().key(), sections));
    }

    /** @param keys the ids of keys, and the set that each is of if that is another one */
    private void look(BlobRef blob, Map<String, Optional<String>> keys) {
        check(StoredBlob.of(blob));
        blob.key().ifPresent(key -> keys.putIfAbsent(key, blob.origin().map(BlobOrigin::set)));
    }

    /** The key of a set that this one refers to, as it is wrapped there: nobody has to be able to open it here. */
    private KeySection sectionOf(String set, String key) {
        if (publishedBefore()) {
            // the header that is published has it
            return new KeySection(key, List.of(), Optional.of(set));
        }
        return BlobSetReader.file(store, BlobPlace.prefixOf(prefix, set), Optional.empty())
                .header().encryption().stream()
                .flatMap(there -> there.keys().stream())
                .filter(section -> section.key().equals(key) && section.set().isEmpty())
                .findFirst()
                .map(section -> new KeySection(key, section.recipients(), Optional.of(set)))
                .orElseThrow(() -> new BackupException(
                        ErrorCode.MANIFEST_INVALID,
                        "backup set " + set + ", which this one refers to, does not have the key " + key,
                        "Find out who changed it, then start a new backup without reuse_parts."));
    }

    /** An earlier attempt to seal may have written it: the same blobs give the same bytes. */
    private StoredBlob inventory(DatabaseEntry entry, List<StoredBlob> blobs) {
        String manifest = entry.manifest().name();
        String name = manifest.substring(0, manifest.lastIndexOf('/') + 1) + "stored.jsonl";
        byte[] bytes = Inventory.write(blobs);
        StoredBlob inventory = new StoredBlob(name, bytes.length, Sha256Probe.of(bytes));
        if (present.containsKey(prefix + name)) {
            BlobSetReader.inventory(store, prefix, new SetHeader.Database(entry.name(), inventory, blobs.size(), 0));
        } else {
            writer.writeClear(name, bytes);
        }
        return inventory;
    }

    private KeySection section(BlobSetWriter.Encryption encryption, String key) {
        if (key.equals(encryption.section().key())) {
            return encryption.section();
        }
        return KeyDocuments.newestFirst(store, prefix, key).stream()
                .findFirst()
                .map(document -> new KeySection(key, document.recipients()))
                .orElseThrow(() -> new BackupException(
                        ErrorCode.BLOB_MISSING,
                        "the wrapped key " + key + ", which an earlier execution of this run stored below " + prefix
                                + KeyDocument.DIRECTORY + ", is gone",
                        "Find out who deleted it, then start a new backup."));
    }
}
