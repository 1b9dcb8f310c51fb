package io.dbbackup.service.rewrite;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.service.set.BlobSetWriter;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.WorkItem;
import java.util.List;
import java.util.Map;

/**
 * What one execution works with; closes the stores. Thread-safe.
 *
 * @param original the set that is there
 * @param reader of it
 * @param set id of the new one
 * @param prefix of the new one in its store
 */
record RewriteContext(
        BackupSetView original,
        BlobSetReader reader,
        BlobStore from,
        String set,
        String prefix,
        BlobSetWriter writer,
        BlobStore to)
        implements AutoCloseable {
    ItemResult open(WorkItem item) {
        RewriteItem.Database database = item.payload(RewriteItem.Database.class);
        DatabaseManifest manifest = reader.database(database.entry());
        return new ItemResult(0, 0, 0, Map.of(), RewriteItem.ofDatabase(database, manifest));
    }

    ItemResult move(WorkItem item, Progress progress) {
        BlobRef blob = item.payload(RewriteItem.Move.class).blob();
        BlobRef moved = writer.writeAgain(
                BlobNames.of(blob.name(), item.attempt()), reader.beforeEncryption(blob), blob, progress);
        return new ItemResult(
                blob.storedBytes(), moved.storedBytes(), 0, new RewriteItem.Moved(blob.name(), moved), List.of());
    }

    /** @param moved the database's blobs by their old names */
    ItemResult close(WorkItem item, Map<String, BlobRef> moved) {
        DatabaseEntry entry = item.payload(RewriteItem.Database.class).entry();
        DatabaseManifest manifest = reader.database(entry);
        BlobRef stored = writer.writeJson(
                BlobNames.of(entry.manifest().name(), item.attempt()),
                new DatabaseManifest(
                        manifest.name(),
                        manifest.snapshotAt(),
                        manifest.position(),
                        manifest.properties(),
                        manifest.blobs().stream().map(blob -> moved.get(blob.name())).toList(),
                        moved.get(manifest.schemaBlob()).name(),
                        manifest.afterDataBlob().map(blob -> moved.get(blob).name()),
                        manifest.tables().stream().map(table -> table(table, moved)).toList(),
                        manifest.leftOut()));
        long bytes = moved.values().stream().mapToLong(BlobRef::storedBytes).sum() + stored.storedBytes();
        return ItemResult.of(new DatabaseEntry(
                entry.name(), stored, entry.snapshotAt(), entry.position(), entry.tables(), entry.rows(),
                entry.plainBytes(), bytes, List.of(), entry.lockMillis(), entry.besideRestore()));
    }

    private static TableManifest table(TableManifest table, Map<String, BlobRef> moved) {
        return new TableManifest(
                table.schema(), table.name(), table.content(), table.readStatement(), table.properties(),
                table.parts().stream()
                        .map(part -> part.in(moved.get(part.blob()).name()))
                        .toList());
    }

    @Override
    public void close() {
        from.close();
        if (to != from) {
            to.close();
        }
    }
}
