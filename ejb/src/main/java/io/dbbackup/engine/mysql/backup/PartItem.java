package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.BlobNames;
import io.dbbackup.engine.EarlierParts;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.TableProperties;
import io.dbbackup.engine.mysql.TsvRows;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.model.manifest.PartManifest;
import io.dbbackup.pipeline.KnownBlobs;
import io.dbbackup.spi.BackupContext;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.WorkItem;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** A table, or a range of its primary key, as one blob. */
final class PartItem {
    private PartItem() {}

    /** What an earlier set holds of a database; nothing where nothing may be referred to. */
    static EarlierParts earlier(BackupContext context, String database) {
        return context.hold(earlierKey(database), EarlierParts.class, EarlierParts::new);
    }

    static String earlierKey(String database) {
        return "mysql.earlier/" + database;
    }

    static KnownBlobs in(EarlierParts known, TsvSource source) {
        return (name, bytes, digest, stored) -> known.find(name, bytes, digest, stored, Map.of("", source.content()));
    }

    /**
     * What somebody changed after the definitions were read without making the reading fail. MySQL reads old snapshots by new
     * definitions: columns that changed their names, and what is left of the partitions. A table that took this one's name (RENAME
     * TABLE, as tools for online changes do) has rows in the snapshot, too, if it is older; for engines without snapshots that does
     * not count, and some of them say when a table was written. Reading has locked the name until the lease is given back.
     */
    static void requireSame(SnapshotPool.Lease lease, String database, TableDefinition table) {
        Sql sql = lease.session().sql();
        String form = ShownTable.read(sql, table.name()).map(statement -> TableText.of(statement).form()).orElse("");
        if (!form.equals(table.form())) {
            throw SnapshotPool.lost(database, "table " + table.name() + " was altered meanwhile");
        }
        if (!table.transactional()) {
            return;
        }
        String created = lease.now(present -> present.text(
                "SELECT coalesce(create_time, '') FROM information_schema.tables WHERE table_schema = ?"
                        + " AND table_name = ? AND CAST(table_name AS BINARY) = CAST(? AS BINARY)",
                database, table.name(), table.name()));
        if (!created.equals(table.created())) {
            throw SnapshotPool.lost(database, "another table took the name of " + table.name() + " meanwhile");
        }
    }

    /** The same by InnoDB's numbers, which are read for all tables of an item at once; before the lease is given back. */
    static void requireSameFiles(
            SnapshotPool pool, SnapshotPool.Lease lease, String database, Collection<TableDefinition> tables) {
        lease.now(present -> {
            pool.tables().requireSameFiles(present, database, tables);
            return true;
        });
    }

    static ItemResult execute(BackupContext context, WorkItem item, Progress progress) {
        ItemData.Part part = item.payload(ItemData.Part.class);
        Snapshots.Opened opened = Snapshots.of(context).get(item.database());
        TableDefinition table = opened.tables().get(part.table());
        if (table == null) {
            throw SnapshotPool.lost(item.database(), "it was opened again without table " + part.table());
        }
        try (SnapshotPool.Lease lease = opened.pool().borrow(item.database(), context.cancellation())) {
            Supplier<TsvSource> rows = () -> new TsvSource(
                    lease, item.database() + "." + table.name(), opened.read(table, part.partitions(), part.from(), part.to()),
                    context.cancellation());
            String name = BlobNames.of(part.prefix(), part.stem(), item.attempt(), "tsv");
            EarlierParts known = earlier(context, item.database());
            TsvSource source = rows.get();
            Optional<BlobRef> there = Optional.empty();
            // nothing says whether a table has changed; as long as its parts are those of the earlier set, so may be the next one
            if (item.bytes() >= EarlierParts.SMALLEST && known.has(part.table()) && known.mayHold(part.table())) {
                there = context.set().find(name, source, List.of(), progress, in(known, source));
                if (there.isEmpty()) {
                    known.differs(part.table());
                    source = rows.get();
                }
            }
            BlobRef blob = there.isPresent()
                    ? there.get()
                    : context.set().write(
                            name, source, List.of(), OptionalLong.of(item.bytes()), progress, in(known, source));
            requireSame(lease, item.database(), table);
            requireSameFiles(opened.pool(), lease, item.database(), List.of(table));
            return result(new ItemData.PartsStored(
                    List.of(blob),
                    List.of(stored(table, part.index(), blob, "", blob.plainBytes(), source.longestField(), source.content()))));
        }
    }

    /** What the manifest will say of rows in a blob. */
    static ItemData.Stored stored(
            TableDefinition table, int index, BlobRef blob, String member, long bytes, int longestField, Fingerprint content) {
        return new ItemData.Stored(
                table.name(), index, table.readAll(),
                new TableProperties(
                        table.engine(), table.transactional(), table.versioned(), table.insert(), table.keys(), table.shapes(),
                        table.counts(), table.zoned(), table.computed(), table.spread().rows(), table.spread().partitions()),
                new PartManifest(blob.name(), member, TsvRows.FORMAT, table.load(longestField), bytes, content));
    }

    static ItemResult result(ItemData.PartsStored stored) {
        return new ItemResult(
                stored.blobs().stream().mapToLong(BlobRef::plainBytes).sum(),
                stored.blobs().stream().mapToLong(BlobRef::ownBytes).sum(),
                stored.parts().stream().mapToLong(each -> each.part().content().rows()).sum(), stored, List.of());
    }
}
