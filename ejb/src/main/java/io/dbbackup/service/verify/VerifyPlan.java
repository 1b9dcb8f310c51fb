package io.dbbackup.service.verify;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.VerifyLevel;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.service.run.Parameters;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.ItemDraft;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Writes the work list of a verification; one database's manifest is in memory at a time. What cannot be read for damage is
 * left out, so that planning never ends a verification. The item that looks at that manifest finds the damage, or, when the
 * manifest is back by then, yields what was left out: {@link #besideManifest()} and {@link #ranges}.
 */
final class VerifyPlan {
    private final OpenSet set;
    private final VerifyParameters parameters;
    private final Cancellation cancellation;
    private final List<ItemDraft> items = new ArrayList<>();

    VerifyPlan(OpenSet set, VerifyParameters parameters, Cancellation cancellation) {
        this.set = set;
        this.parameters = parameters;
        this.cancellation = cancellation;
    }

    List<ItemDraft> items() {
        ItemDraft manifest = draft(VerifyKind.MANIFEST, VerifyKind.MANIFEST, "the set's manifest", "", 0, 0, Map.of());
        items.add(manifest);
        try {
            besideManifest();
        } catch (BackupException e) {
            if (!Damage.is(e.code())) {
                throw e;
            }
            return List.of(manifest);
        }
        return items;
    }

    /**
     * Everything but the look at the set's own manifest.
     *
     * @throws BackupException as {@link OpenSet#databases()}; INVALID_PARAMETER when a chosen database is not in the set
     */
    List<ItemDraft> besideManifest() {
        List<DatabaseEntry> databases = set.databases();
        Optional<BlobRef> globals = set.globals();
        refuseUnknown(databases);
        globals.ifPresent(blob -> items.add(
                draft(VerifyKind.GLOBALS, VerifyKind.GLOBALS, "roles and tablespaces", "", bytes(blob), 1, Map.of())));
        items.add(draft(VerifyKind.EXTRAS, VerifyKind.EXTRAS, "blobs that no manifest names", "", 0, 1, Map.of()));
        for (int i = 0; i < databases.size(); i++) {
            cancellation.check();
            if (parameters.includes(databases.get(i).name())) {
                database(databases.get(i), i);
            }
        }
        if (parameters.level() == VerifyLevel.RESTORE) {
            items.add(sandbox(items.stream().map(ItemDraft::key).collect(Collectors.toSet())));
        }
        return items;
    }

    /** The item that everything in the throwaway server comes from; goes when all damage of blobs is known. */
    static ItemDraft sandbox(Set<String> needs) {
        return new ItemDraft(
                VerifyKind.SANDBOX, VerifyKind.SANDBOX, "start a throwaway server", "", 0, 0, Map.of(), needs);
    }

    private void database(DatabaseEntry entry, int number) {
        items.add(draft(
                VerifyKind.DATABASE + "/" + number, VerifyKind.DATABASE, entry.name() + ": manifest", entry.name(), 0, 1,
                Map.of()));
        try {
            items.addAll(ranges(entry.name(), number));
        } catch (BackupException e) {
            if (!Damage.is(e.code())) {
                throw e;
            }
        }
    }

    /**
     * The looks at a database's blobs.
     *
     * @param number its place in the set
     * @throws BackupException as {@link OpenSet#database}
     */
    List<ItemDraft> ranges(String database, int number) {
        DatabaseIndex index = set.database(database);
        String kind = VerifyKind.ofBlobs(parameters.level());
        List<BlobRef> blobs = index.manifest().blobs();
        List<ItemDraft> ranges = new ArrayList<>();
        for (BlobRange range : BlobRange.cut(
                database, blobs, this::bytes, blob -> index.partsOf(blob.name()).size())) {
            String what = range.to() - range.from() == 1
                    ? blobs.get(range.from()).name()
                    : (range.to() - range.from()) + " blobs from " + blobs.get(range.from()).name();
            ranges.add(draft(
                    kind + "/" + number + "/" + range.from(), kind, database + ": " + what, database,
                    range.of(blobs).stream().mapToLong(this::bytes).sum(),
                    // one database after the other, so that few manifests are in memory
                    2 + number, range));
        }
        return ranges;
    }

    private long bytes(BlobRef blob) {
        return parameters.level() == VerifyLevel.CONTENT ? blob.plainBytes() : blob.storedBytes();
    }

    private void refuseUnknown(List<DatabaseEntry> databases) {
        Set<String> unknown = new HashSet<>(parameters.databases());
        databases.forEach(entry -> unknown.remove(entry.name()));
        if (!unknown.isEmpty()) {
            throw Parameters.invalid(
                    "the backup set has no database " + String.join(", ", unknown.stream().sorted().toList()),
                    "It has: " + databases.stream().map(DatabaseEntry::name).collect(Collectors.joining(", "))
                            + ".");
        }
    }

    private static ItemDraft draft(
            String key, String kind, String label, String database, long bytes, int priority, Object payload) {
        return new ItemDraft(key, kind, label, database, bytes, priority, payload, Set.of());
    }
}
