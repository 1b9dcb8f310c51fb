package io.dbbackup.service.verify;

import com.fasterxml.jackson.databind.node.NullNode;
import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.manifest.BackupManifest.MissingDatabase;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.model.manifest.SetHeader;
import io.dbbackup.model.manifest.StoredBlob;
import io.dbbackup.service.access.KeyRing;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.service.set.ManifestFile;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.SetReader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A set while an execution verifies it: the store, the reader, and the few database manifests in use. Thread-safe.
 */
final class OpenSet implements AutoCloseable {
    private static final int MOST_MANIFESTS = 4;

    private final BackupSetView view;
    private final BlobStore store;
    private final Map<String, DatabaseIndex> indexes = new LinkedHashMap<>(MOST_MANIFESTS, 0.75f, true);
    private final KeyRing keys;
    private final boolean storedOnly;
    private ManifestFile file;
    private BlobSetReader reader;

    /** @param storedOnly only stored bytes are looked at, which needs no key of an encrypted set */
    OpenSet(BackupSetView view, BlobStore store, KeyRing keys, boolean storedOnly) {
        this.view = view;
        this.store = store;
        this.keys = keys;
        this.storedOnly = storedOnly;
    }

    BackupSetView view() {
        return view;
    }

    BlobStore store() {
        return store;
    }

    String prefix() {
        return view.prefix();
    }

    /**
     * The manifest as it is stored, whose own digest is checked; whether it is the manifest that the catalog remembers is
     * another question, see {@link #checkAgainstCatalog()}.
     *
     * @throws io.dbbackup.model.BackupException BLOB_MISSING, MANIFEST_INVALID, MANIFEST_VERSION_UNSUPPORTED, of the store
     */
    synchronized ManifestFile file() {
        if (file == null) {
            file = BlobSetReader.file(store, prefix(), Optional.empty());
        }
        return file;
    }

    /** True when the set is encrypted and only stored bytes are looked at: then its inventories take the manifests' place. */
    boolean byInventory() {
        return storedOnly && file().encrypted();
    }

    /** @throws io.dbbackup.model.BackupException as {@link #file()}; KEY_MISSING and KEY_WRONG for encrypted sets */
    synchronized SetReader reader() {
        if (reader == null) {
            reader = BlobSetReader.open(store, prefix(), Optional.empty(), keys.atHand());
        }
        return reader;
    }

    /** @throws io.dbbackup.model.BackupException as {@link #file()}, and MANIFEST_INVALID when it is another one */
    void checkAgainstCatalog() {
        BlobSetReader.file(store, prefix(), Optional.of(view.manifestSha256()));
    }

    Optional<BlobRef> globals() {
        return byInventory()
                ? file().header().globals().map(StoredBlob::asIs)
                : reader().manifest().globals();
    }

    /** Databases that its backup was to take and that are not in it, as far as that is told without a key. */
    List<MissingDatabase> missing() {
        return byInventory() ? List.of() : reader().manifest().missing();
    }

    /** What else its backup was to take and is not in it, or may not be, as far as that is told. */
    Stream<String> lacks() {
        SetHeader header = file().header();
        return Stream.concat(
                Stream.of("the globals of the server (roles or accounts) are not in the set").filter(any -> header.lacksGlobals()),
                encryptedDatabases(header).stream());
    }

    private Optional<String> encryptedDatabases(SetHeader header) {
        if (!byInventory() || header.complete() || header.missingDatabases().equals(Optional.of(0))) {
            return Optional.empty();
        }
        if (header.missingDatabases().isEmpty() && !header.omissions().isEmpty()) {
            // of such a set older versions have only written that it is no complete one, which it would not be anyway
            return Optional.of("whether databases that the backup was to take are not in the set is encrypted");
        }
        return Optional.of(header.missingDatabases().map(count -> count + " of the databases").orElse("databases")
                + " that the backup was to take are not in the set; which ones, and why, is encrypted");
    }

    List<DatabaseEntry> databases() {
        if (!byInventory()) {
            return reader().manifest().databases();
        }
        SetHeader header = file().header();
        return header.databases().stream()
                .map(database -> new DatabaseEntry(
                        database.name(), database.inventory().asIs(), header.startedAt(), "", 0, 0, 0,
                        database.storedBytes()))
                .toList();
    }

    DatabaseEntry entry(String database) {
        return databases().stream()
                .filter(entry -> entry.name().equals(database))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the set has no database " + database));
    }

    /** @throws io.dbbackup.model.BackupException as {@link SetReader#database} */
    synchronized DatabaseIndex database(String name) {
        DatabaseIndex index = indexes.get(name);
        if (index == null) {
            index = DatabaseIndex.of(byInventory() ? fromInventory(name) : reader().database(entry(name)));
            indexes.put(name, index);
            if (indexes.size() > MOST_MANIFESTS) {
                indexes.remove(indexes.keySet().iterator().next());
            }
        }
        return index;
    }

    /**
     * What the inventory of a database of an encrypted set lists; not kept.
     *
     * @throws io.dbbackup.model.BackupException when it is not there or not as it was written
     */
    List<StoredBlob> listed(String database) {
        return BlobSetReader.inventory(store, prefix(), header(database));
    }

    /** Where the inventory of a database of an encrypted set is. */
    StoredBlob inventory(String database) {
        return header(database).inventory();
    }

    private SetHeader.Database header(String database) {
        return file().header().databases().stream()
                .filter(candidate -> candidate.name().equals(database))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the set has no database " + database));
    }

    private DatabaseManifest fromInventory(String name) {
        List<BlobRef> blobs = listed(name).stream().map(StoredBlob::asIs).toList();
        return new DatabaseManifest(name, file().header().startedAt(), "", NullNode.getInstance(), blobs, "", List.of());
    }

    @Override
    public void close() {
        store.close();
    }
}
