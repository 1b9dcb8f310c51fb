package io.dbbackup.engine.postgresql.backup;

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

/** Logical backup of PostgreSQL 13 to 18. Stateless and thread-safe: what lives longer is held by the context. */
public final class PgLogicalBackup implements LogicalBackup {
    private static final int GLOBALS_PRIORITY = 8;

    @Override
    public ServerFacts preflight(BackupContext context) {
        return Preflight.run(context);
    }

    @Override
    public List<ItemDraft> plan(BackupContext context) {
        DatabaseSelection selection = DatabaseSelection.of(context.source(), context.spec());
        List<ItemDraft> items = new ArrayList<>();
        if (context.spec().globals()) {
            items.add(new ItemDraft(
                    "globals", ItemData.GLOBALS, "roles and tablespaces", "", 0, GLOBALS_PRIORITY,
                    java.util.Map.of(), Set.of()));
        }
        int number = 0;
        for (ServerCatalog.Database database : selection.chosen()) {
            number++;
            items.add(new ItemDraft(
                    String.format(Locale.ROOT, "%04d/open", number),
                    ItemData.OPEN,
                    database.name() + ": snapshot",
                    database.name(),
                    database.bytes(),
                    PartPlanner.OPENING,
                    new ItemData.Open(number, selection.bytes()),
                    Set.of()));
        }
        return items;
    }

    @Override
    public ItemResult execute(BackupContext context, WorkItem item, Progress progress) {
        return switch (item.kind()) {
            case ItemData.GLOBALS -> GlobalsItem.execute(context, item, progress);
            case ItemData.OPEN -> OpenItem.execute(context, item);
            case ItemData.SCHEMA -> SchemaItem.execute(context, item, progress);
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
    public List<BlobRef> blobsOf(String kind, WorkContext.DoneItem item) {
        return switch (kind) {
            case ItemData.GLOBALS -> List.of(item.result(BlobRef.class));
            case ItemData.SCHEMA -> List.of(item.result(ItemData.SchemaStored.class).blob());
            case ItemData.PART, ItemData.BUNDLE -> item.result(ItemData.PartsStored.class).blobs();
            case ItemData.CLOSE -> List.of(item.result(DatabaseEntry.class).manifest());
            default -> List.of();
        };
    }
}
