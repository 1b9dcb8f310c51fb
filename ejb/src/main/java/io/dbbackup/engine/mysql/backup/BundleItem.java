package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.BlobNames;
import io.dbbackup.engine.EarlierParts;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.pipeline.Bundle;
import io.dbbackup.spi.BackupContext;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.WorkItem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Many small tables as members of one tar blob, one item and one checkpoint. What the server says of a table's size is an estimate: a
 * table that turns out too large for a member gets a blob of its own, in the same item.
 */
final class BundleItem {
    private final BackupContext context;
    private final WorkItem item;
    private final ItemData.Bundle bundle;
    private final Snapshots.Opened opened;
    private final SnapshotPool.Lease lease;
    private final List<Member> members = new ArrayList<>();
    private final List<TableDefinition> oversized = new ArrayList<>();

    /** What is in the tar, until the name of its blob is known. */
    private record Member(TableDefinition table, String name, long bytes, int longestField, Fingerprint content) {}

    private BundleItem(BackupContext context, WorkItem item, Snapshots.Opened opened, SnapshotPool.Lease lease) {
        this.context = context;
        this.item = item;
        this.opened = opened;
        this.lease = lease;
        bundle = item.payload(ItemData.Bundle.class);
    }

    static ItemResult execute(BackupContext context, WorkItem item, Progress progress) {
        Snapshots.Opened opened = Snapshots.of(context).get(item.database());
        try (SnapshotPool.Lease lease = opened.pool().borrow(item.database(), context.cancellation())) {
            return new BundleItem(context, item, opened, lease).store(progress);
        }
    }

    private ItemResult store(Progress progress) {
        EarlierParts known = PartItem.earlier(context, item.database());
        List<BlobRef> blobs = new ArrayList<>();
        List<ItemData.Stored> parts = new ArrayList<>();
        BlobRef blob = context.set().write(
                BlobNames.of(bundle.prefix(), bundle.stem(), item.attempt(), "tar"), Bundle.of(members()),
                List.of(), OptionalLong.of(item.bytes()), progress,
                (name, bytes, digest, stored) -> known.find(name, bytes, digest, stored, members.stream()
                        .collect(Collectors.toMap(Member::name, Member::content))));
        blobs.add(blob);
        for (Member member : members) {
            parts.add(PartItem.stored(
                    member.table, 0, blob, member.name, member.bytes, member.longestField, member.content));
        }
        for (TableDefinition table : oversized) {
            String name = BlobNames.of(
                    bundle.prefix(), bundle.stem() + "--" + stem(bundle.tables().indexOf(table.name()), table), item.attempt(), "tsv");
            TsvSource source = rows(table);
            BlobRef own = context.set().write(
                    name, source, List.of(), OptionalLong.of(Bundle.MAX_MEMBER_BYTES), progress, PartItem.in(known, source));
            PartItem.requireSame(lease, item.database(), table);
            blobs.add(own);
            parts.add(PartItem.stored(table, 0, own, "", own.plainBytes(), source.longestField(), source.content()));
        }
        PartItem.requireSameFiles(opened.pool(), lease, item.database(), Stream.concat(
                members.stream().map(Member::table), oversized.stream()).toList());
        return PartItem.result(new ItemData.PartsStored(blobs, parts));
    }

    private static String stem(int position, TableDefinition table) {
        return String.format(Locale.ROOT, "%04d-%s", position + 1, BlobNames.slug(table.name()));
    }

    private TsvSource rows(TableDefinition table) {
        return new TsvSource(
                lease, item.database() + "." + table.name(), opened.read(table, "", "", ""), context.cancellation());
    }

    /** Reads one table after the other, when the tar needs it. */
    private Iterator<Bundle.Member> members() {
        return IntStream.range(0, bundle.tables().size()).mapToObj(this::read).flatMap(Optional::stream).iterator();
    }

    /** Reads a table into memory; empty when it is too large for that. */
    private Optional<Bundle.Member> read(int position) {
        String name = bundle.tables().get(position);
        TableDefinition table = opened.tables().get(name);
        if (table == null) {
            throw SnapshotPool.lost(item.database(), "it was opened again without table " + name);
        }
        try (TsvSource rows = rows(table)) {
            Optional<byte[]> bytes = Bundle.bytes(rows.stream());
            if (bytes.isEmpty()) {
                // is read again later
                oversized.add(table);
                rows.awaitSuccess();
                return Optional.empty();
            }
            Fingerprint content = rows.content();
            PartItem.requireSame(lease, item.database(), table);
            String member = stem(position, table) + ".tsv";
            members.add(new Member(table, member, bytes.get().length, rows.longestField(), content));
            return Optional.of(new Bundle.Member(member, bytes.get()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
