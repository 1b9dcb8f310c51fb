package io.dbbackup.service.rewrite;

import io.dbbackup.model.BlobRef;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.spi.ItemDraft;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The work items: a database is opened (its manifest read), its blobs moved one by one, and closed. */
final class RewriteItem {
    static final String OPEN = "rewrite.open";
    static final String BLOB = "rewrite.blob";
    static final String CLOSE = "rewrite.close";

    private static final int CLOSING = 0;
    private static final int MOVING = 10;
    /** Behind all blobs, so that few databases are begun at a time. */
    private static final int OPENING = 20;

    private RewriteItem() {}

    /** Payload of the items that open and close a database. */
    record Database(int number, DatabaseEntry entry) {}

    /** Payload of an item that moves a blob. */
    record Move(BlobRef blob) {}

    /** Its result: what the blob was called, and what it is now. */
    record Moved(String name, BlobRef blob) {}

    static List<ItemDraft> plan(Optional<BlobRef> globals, List<DatabaseEntry> databases) {
        List<ItemDraft> items = new ArrayList<>();
        globals.ifPresent(blob -> items.add(move("globals", "roles and tablespaces", "", blob)));
        for (int i = 0; i < databases.size(); i++) {
            DatabaseEntry entry = databases.get(i);
            items.add(new ItemDraft(
                    key(i + 1) + "/open", OPEN, entry.name() + ": manifest", entry.name(), entry.storedBytes(), OPENING,
                    new Database(i + 1, entry), Set.of()));
        }
        return items;
    }

    /** What is to be done about a database once its manifest is read. */
    static List<ItemDraft> ofDatabase(Database database, DatabaseManifest manifest) {
        List<ItemDraft> items = new ArrayList<>();
        Set<String> keys = new HashSet<>();
        for (BlobRef blob : manifest.blobs()) {
            String key = key(database.number()) + "/" + items.size();
            items.add(move(key, manifest.name() + ": " + blob.name(), manifest.name(), blob));
            keys.add(key);
        }
        items.add(new ItemDraft(
                key(database.number()) + "/close", CLOSE, manifest.name() + ": new manifest", manifest.name(), 0, CLOSING,
                database, keys));
        return items;
    }

    private static ItemDraft move(String key, String label, String database, BlobRef blob) {
        return new ItemDraft(key, BLOB, label, database, blob.storedBytes(), MOVING, new Move(blob), Set.of());
    }

    private static String key(int number) {
        return String.format(Locale.ROOT, "%04d", number);
    }
}
