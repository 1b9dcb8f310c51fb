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
 * Writes the work list of a verification. What is damaged is left out here and found by the items, so that planning never
 * ends a verification; one database's manifest is in memory at a time.
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
        items.add(draft(VerifyKind.MANIFEST, VerifyKind.MANIFEST, "the set's manifest", "", 0, 0, Map.of()));
        List<DatabaseEntry> databases;
        Optional<BlobRef> globals;
        try {
            databases = set.databases();
            globals = set.globals();
        } catch (BackupException e) {
            return onlyWhenDamaged(e);
        }
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
        DatabaseIndex index;
        try {
            index = set.database(entry.name());
        } catch (BackupException e) {
            onlyWhenDamaged(e);
            return;
        }
        String kind = content() ? VerifyKind.CONTENT : VerifyKind.STORED;
        List<BlobRef> blobs = index.manifest().blobs();
        for (BlobRange range : BlobRange.cut(
                entry.name(), blobs, this::bytes, blob -> index.partsOf(blob.name()).size())) {
            String what = range.to() - range.from() == 1
                    ? blobs.get(range.from()).name()
                    : (range.to() - range.from()) + " blobs from " + blobs.get(range.from()).name();
            items.add(draft(
                    kind + "/" + number + "/" + range.from(), kind, entry.name() + ": " + what, entry.name(),
                    range.of(blobs).stream().mapToLong(this::bytes).sum(),
                    // one database after the other, so that few manifests are in memory
                    2 + number, range));
        }
    }

    private boolean content() {
        return parameters.level() == VerifyLevel.CONTENT;
    }

    private long bytes(BlobRef blob) {
        return content() ? blob.plainBytes() : blob.storedBytes();
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

    private List<ItemDraft> onlyWhenDamaged(BackupException failure) {
        if (!Damage.is(failure.code())) {
            throw failure;
        }
        return items;
    }

    private static ItemDraft draft(
            String key, String kind, String label, String database, long bytes, int priority, Object payload) {
        return new ItemDraft(key, kind, label, database, bytes, priority, payload, Set.of());
    }
}
