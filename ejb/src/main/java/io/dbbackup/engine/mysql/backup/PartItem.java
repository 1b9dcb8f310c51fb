package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.BlobNames;
import io.dbbackup.engine.mysql.TableProperties;
import io.dbbackup.engine.mysql.TsvRows;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.model.manifest.PartManifest;
import io.dbbackup.spi.BackupContext;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.WorkItem;
import java.util.List;
import java.util.OptionalLong;

/** A table, or a range of its primary key, as one blob. */
final class PartItem {
    private PartItem() {}

    static ItemResult execute(BackupContext context, WorkItem item, Progress progress) {
        ItemData.Part part = item.payload(ItemData.Part.class);
        Snapshots.Opened opened = Snapshots.of(context).get(item.database());
        TableDefinition table = opened.tables().get(part.table());
        if (table == null) {
            throw SnapshotPool.lost(item.database(), "it was opened again without table " + part.table());
        }
        try (SnapshotPool.Lease lease = opened.pool().borrow(item.database(), context.cancellation())) {
            TsvSource source = new TsvSource(
                    lease, item.database() + "." + table.name(), opened.read(table, part.from(), part.to()),
                    context.cancellation());
            BlobRef blob = context.set().write(
                    BlobNames.of(part.prefix(), part.stem(), item.attempt(), "tsv"), source, List.of(),
                    OptionalLong.of(item.bytes()), progress);
            Fingerprint content = source.content();
            return new ItemResult(
                    blob.plainBytes(), blob.storedBytes(), content.rows(),
                    new ItemData.Stored(
                            table.name(), part.index(), table.readAll(),
                            new TableProperties(
                                    table.engine(), table.transactional(), table.versioned(), table.insert(),
                                    table.keys(), table.shapes()),
                            blob,
                            new PartManifest(
                                    blob.name(), "", TsvRows.FORMAT,
                                    table.load(source.longestField()), blob.plainBytes(), content)),
                    List.of());
        }
    }
}
