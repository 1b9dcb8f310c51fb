package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.BlobNames;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.model.Json;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.model.manifest.PartManifest;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.spi.BackupContext;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.WorkItem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Writes the manifest of a database from the results of its items, and gives its snapshot up. */
final class CloseItem {
    private CloseItem() {}

    static ItemResult execute(BackupContext context, WorkItem item) {
        Snapshots.of(context).requireSameTables(context, item.database());
        List<ItemData.Opened> opened = new ArrayList<>();
        context.results(item.database(), ItemData.OPEN, done -> opened.add(done.result(ItemData.Opened.class)));
        ItemData.Opened start = opened.get(opened.size() - 1);
        Map<String, List<ItemData.Stored>> tables = new TreeMap<>();
        List<BlobRef> blobs = new ArrayList<>(start.blobs());
        AtomicInteger pieces = new AtomicInteger();
        for (String kind : List.of(ItemData.PART, ItemData.BUNDLE)) {
            context.results(item.database(), kind, done -> {
                ItemData.PartsStored stored = done.result(ItemData.PartsStored.class);
                pieces.incrementAndGet();
                blobs.addAll(stored.blobs());
                stored.parts().forEach(part -> tables.computeIfAbsent(part.table(), name -> new ArrayList<>()).add(part));
            });
        }
        requireAll(item.database(), start, tables.size(), pieces.get());
        RangeCheck.requireAllRows(context, item.database(), tables);
        DatabaseManifest manifest = new DatabaseManifest(
                item.database(), start.at(), start.position(), Json.MAPPER.valueToTree(start.properties()), blobs,
                start.before().name(), start.after().map(BlobRef::name),
                tables.values().stream()
                        .map(parts -> table(item.database(), parts))
                        .sorted(Comparator.comparingLong(CloseItem::bytes).reversed())
                        .toList(),
                start.leftOut());
        BlobRef stored = context.set().writeJson(
                BlobNames.of(item.payload(ItemData.Place.class).prefix(), "database", item.attempt(), "json"), manifest);
        Snapshots.of(context).close(item.database());
        context.release(PartItem.earlierKey(item.database()));
        return ItemResult.of(new DatabaseEntry(
                item.database(), stored, start.at(), start.position(), tables.size(),
                manifest.tables().stream().mapToLong(table -> table.content().rows()).sum(),
                blobs.stream().mapToLong(BlobRef::plainBytes).sum(),
                blobs.stream().mapToLong(BlobRef::storedBytes).sum() + stored.storedBytes(), DatabaseEntry.reuses(blobs),
                Optional.of(start.properties().lockMillis()), start.besideRestore()));
    }

    private static void requireAll(String database, ItemData.Opened start, int tables, int pieces) {
        if (tables != start.tables() || pieces != start.pieces()) {
            throw new BackupException(
                    ErrorCode.INTERNAL,
                    "database \"" + database + "\" was opened with " + start.tables() + " tables in " + start.pieces()
                            + " pieces and closed with " + tables + " tables in " + pieces + " pieces",
                    "This is a defect; please report it with the server log of this run.");
        }
    }

    private static TableManifest table(String database, List<ItemData.Stored> stored) {
        stored.sort(Comparator.comparingInt(ItemData.Stored::index));
        Fingerprint content = Fingerprint.EMPTY;
        List<PartManifest> parts = new ArrayList<>();
        for (ItemData.Stored each : stored) {
            content = content.plus(each.part().content());
            parts.add(each.part());
        }
        ItemData.Stored first = stored.get(0);
        return new TableManifest(
                database, first.table(), content, first.readStatement(),
                Json.MAPPER.valueToTree(first.properties()), parts);
    }

    private static long bytes(TableManifest table) {
        return table.parts().stream().mapToLong(PartManifest::plainBytes).sum();
    }
}
