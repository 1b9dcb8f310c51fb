package io.dbbackup.engine.mysql.backup;

import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ServerFacts;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.spi.BackupContext;
import io.dbbackup.spi.ItemDraft;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.LogicalBackup;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.WorkContext;
import io.dbbackup.spi.WorkItem;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Logical backup of MySQL and MariaDB. Stateless and thread-safe: what lives longer is held by the context. */
public final class MysqlLogicalBackup implements LogicalBackup {
    @Override
    public ServerFacts preflight(BackupContext context) {
        return Preflight.run(context);
    }

    @Override
    public List<ItemDraft> plan(BackupContext context) {
        List<ItemDraft> items = new ArrayList<>();
        int number = 0;
        if (context.spec().globals()) {
            items.add(new ItemDraft(
                    "globals", ItemData.GLOBALS, "accounts, roles and privileges", "", 0, PartPlanner.OPENING,
                    new ItemData.Place(""), Set.of()));
        }
        List<DatabaseChoice.Database> databases = DatabaseChoice.of(context.source(), context.spec());
        long bytes = databases.stream().mapToLong(DatabaseChoice.Database::bytes).sum();
        boolean unseen = BesideRestores.of(context).unseen();
        for (DatabaseChoice.Database database : databases) {
            number++;
            items.add(new ItemDraft(
                    String.format(Locale.ROOT, "%04d/open", number), ItemData.OPEN, database.name() + ": snapshot",
                    database.name(), database.bytes(), PartPlanner.OPENING, new ItemData.Open(number, bytes, unseen), Set.of()));
        }
        return items;
    }

    @Override
    public ItemResult execute(BackupContext context, WorkItem item, Progress progress) {
        return switch (item.kind()) {
            case ItemData.GLOBALS -> GlobalsItem.execute(context, item, progress);
            case ItemData.OPEN -> OpenItem.execute(context, item, progress);
            case ItemData.PART -> PartItem.execute(context, item, progress);
            case ItemData.BUNDLE -> BundleItem.execute(context, item, progress);
            case ItemData.CLOSE -> CloseItem.execute(context, item);
            default -> throw item.unknownKind();
        };
    }

    @Override
    public String openKind() {
        return ItemData.OPEN;
    }

    @Override
    public String closeKind() {
        return ItemData.CLOSE;
    }

    @Override
    public String globalsKind() {
        return ItemData.GLOBALS;
    }

    @Override
    public String consistency(List<DatabaseEntry> databases) {
        long instants = databases.stream().map(entry -> List.of(entry.snapshotAt(), entry.position())).distinct().count();
        return instants <= 1 ? INSTANCE : PER_DATABASE;
    }

    @Override
    public void end(BackupContext context) {
        Snapshots.end(context);
    }

    /** Connections that a backup with so many workers has at most. */
    public static int connections(int workers) {
        return Snapshots.connections(workers);
    }

    @Override
    public List<BlobRef> blobsOf(String kind, WorkContext.DoneItem item) {
        return switch (kind) {
            case ItemData.OPEN -> item.result(ItemData.Opened.class).blobs();
            case ItemData.GLOBALS -> List.of(item.result(BlobRef.class));
            case ItemData.PART, ItemData.BUNDLE -> item.result(ItemData.PartsStored.class).blobs();
            case ItemData.CLOSE -> List.of(item.result(DatabaseEntry.class).manifest());
            default -> List.of();
        };
    }
}
