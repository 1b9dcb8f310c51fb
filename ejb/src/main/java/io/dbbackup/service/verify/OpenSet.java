package io.dbbackup.service.verify;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.SetReader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A set while an execution verifies it: the store, the reader, and the few database manifests in use. Thread-safe.
 */
final class OpenSet implements AutoCloseable {
    private static final int MOST_MANIFESTS = 4;

    private final BackupSetView view;
    private final BlobStore store;
    private final Map<String, DatabaseIndex> indexes = new LinkedHashMap<>(MOST_MANIFESTS, 0.75f, true);
    private BlobSetReader reader;

    OpenSet(BackupSetView view, BlobStore store) {
        this.view = view;
        this.store = store;
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
     * Opens the set by its manifest, whose own digest is checked; whether it is the manifest that the catalog remembers is
     * another question, see {@link #checkAgainstCatalog()}.
     *
     * @throws io.dbbackup.model.BackupException BLOB_MISSING, MANIFEST_INVALID, MANIFEST_VERSION_UNSUPPORTED, of the store
     */
    synchronized SetReader reader() {
        if (reader == null) {
            reader = BlobSetReader.open(store, prefix());
        }
        return reader;
    }

    /** @throws io.dbbackup.model.BackupException as {@link #reader()}, and MANIFEST_INVALID when it is another one */
    void checkAgainstCatalog() {
        BlobSetReader.open(store, prefix(), Optional.of(view.manifestSha256()));
    }

    List<DatabaseEntry> databases() {
        return reader().manifest().databases();
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
            index = DatabaseIndex.of(reader().database(entry(name)));
            indexes.put(name, index);
            if (indexes.size() > MOST_MANIFESTS) {
                indexes.remove(indexes.keySet().iterator().next());
            }
        }
        return index;
    }

    @Override
    public void close() {
        store.close();
    }
}
