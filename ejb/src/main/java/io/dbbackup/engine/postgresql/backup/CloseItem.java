package io.dbbackup.engine.postgresql.backup;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dbbackup.engine.BlobNames;
import io.dbbackup.engine.postgresql.TableProperties;
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
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Writes the manifest of a database from the results of its items, and gives its snapshot up. Does not need the
 * snapshot itself: everything was read, and each item saw after its last byte that the snapshot was still there.
 */
final class CloseItem {
    private final List<BlobRef> blobs = new ArrayList<>();
    private final List<BlobRef> schema = new ArrayList<>();
    private final List<ItemData.Opened> opened = new ArrayList<>();
    private int pieces;
    private final Map<Long, List<ItemData.TablePart>> tables = new LinkedHashMap<>();

    private CloseItem() {}

    static ItemResult execute(BackupContext context, WorkItem item) {
        CloseItem closing = new CloseItem();
        closing.collect(context, item.database());
        DatabaseManifest manifest = closing.manifest(item.database());
        BlobRef stored = context.set().writeJson(
                BlobNames.of(item.payload(ItemData.Place.class).prefix(), "database", item.attempt(), "json"), manifest);
        context.release(OpenItem.holdKey(item.database()));
        context.release(Reading.key(item.database()));
        context.release(KnownParts.key(item.database()));
        long plain = closing.blobs.stream().mapToLong(BlobRef::plainBytes).sum();
        long bytes = closing.blobs.stream().mapToLong(BlobRef::storedBytes).sum() + stored.storedBytes();
        long rows = manifest.tables().stream().mapToLong(table -> table.content().rows()).sum();
        return ItemResult.of(new DatabaseEntry(
                item.database(), stored, manifest.snapshotAt(), manifest.position(), manifest.tables().size(), rows,
                plain, bytes, DatabaseEntry.reuses(closing.blobs), Optional.empty(),
                closing.opened.get(closing.opened.size() - 1).besideRestore()));
    }

    private void collect(BackupContext context, String database) {
        context.results(database, ItemData.OPEN, item -> opened.add(item.result(ItemData.Opened.class)));
        context.results(database, ItemData.SCHEMA, item -> schema.add(item.result(ItemData.SchemaStored.class).blob()));
        blobs.addAll(schema);
        for (String kind : List.of(ItemData.PART, ItemData.BUNDLE)) {
            context.results(database, kind, item -> {
                ItemData.PartsStored stored = item.result(ItemData.PartsStored.class);
                pieces++;
                blobs.addAll(stored.blobs());
                stored.parts().forEach(part -> tables
                        .computeIfAbsent(part.properties().oid(), oid -> new ArrayList<>())
                        .add(part));
            });
        }
    }

    private DatabaseManifest manifest(String database) {
        ItemData.Opened start = opened.get(opened.size() - 1);
        if (schema.size() != 1 || tables.size() != start.tables() || pieces != start.pieces()) {
            throw new BackupException(
                    ErrorCode.INTERNAL,
                    "database \"" + database + "\" was opened with " + start.tables() + " tables in " + start.pieces()
                            + " pieces and closed with " + tables.size() + " tables in " + pieces + " pieces and " + schema.size() + " archives of definitions",
                    "This is a defect; please report it with the server log of this run.");
        }
        return new DatabaseManifest(
                database,
                start.at(),
                start.position(),
                properties(start),
                blobs,
                schema.get(0).name(),
                inRestoreOrder(start.references()).stream().map(CloseItem::table).toList(),
                start.leftOut());
    }

    private static JsonNode properties(ItemData.Opened start) {
        ObjectNode properties = Json.MAPPER.valueToTree(start.properties());
        if (!start.activity().isEmpty()) {
            properties.set(TableActivity.PROPERTY, Json.MAPPER.valueToTree(new TreeMap<>(start.activity())));
        }
        return properties;
    }

    private static TableManifest table(List<ItemData.TablePart> parts) {
        parts.sort(Comparator.comparingInt(ItemData.TablePart::index));
        Fingerprint content = Fingerprint.EMPTY;
        List<PartManifest> manifests = new ArrayList<>();
        for (ItemData.TablePart part : parts) {
            content = content.plus(part.part().content());
            manifests.add(part.part());
        }
        ItemData.TablePart first = parts.get(0);
        return new TableManifest(
                first.schema(), first.table(), content, first.readStatement(),
                Json.MAPPER.valueToTree(properties(parts)), manifests);
    }

    /** All parts say the same, but not all name the columns. */
    private static TableProperties properties(List<ItemData.TablePart> parts) {
        return parts.stream()
                .map(ItemData.TablePart::properties)
                .filter(properties -> !properties.columns().isEmpty())
                .findFirst()
                .orElse(parts.get(0).properties());
    }

    /**
     * Configuration tables of extensions first, referenced before referencing, since CREATE EXTENSION brings their
     * foreign keys before any row is loaded; then the largest first.
     */
    private List<List<ItemData.TablePart>> inRestoreOrder(List<ItemData.Reference> pairs) {
        Map<Long, Set<Long>> references = new HashMap<>();
        pairs.forEach(pair -> references.computeIfAbsent(pair.from(), oid -> new HashSet<>()).add(pair.to()));
        Map<Long, Integer> depths = new HashMap<>();
        return tables.values().stream()
                .sorted(Comparator
                        .comparing((List<ItemData.TablePart> parts) -> parts.get(0).properties().extension().isEmpty())
                        .thenComparing(parts -> depth(parts.get(0).properties().oid(), references, depths))
                        .thenComparing(Comparator.comparingLong(CloseItem::bytes).reversed()))
                .toList();
    }

    private static int depth(long table, Map<Long, Set<Long>> references, Map<Long, Integer> depths) {
        Integer known = depths.get(table);
        if (known != null) {
            return known;
        }
        // a cycle ends here; nothing can order it
        depths.put(table, 0);
        int depth = 0;
        for (long referenced : references.getOrDefault(table, Set.of())) {
            depth = Math.max(depth, 1 + depth(referenced, references, depths));
        }
        depths.put(table, depth);
        return depth;
    }

    private static long bytes(List<ItemData.TablePart> parts) {
        return parts.stream().mapToLong(part -> part.part().plainBytes()).sum();
    }
}
