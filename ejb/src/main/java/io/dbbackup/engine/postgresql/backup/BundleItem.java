package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.model.BlobRef;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.model.manifest.PartManifest;
import io.dbbackup.pipeline.Bundle;
import io.dbbackup.pipeline.RowScanner;
import io.dbbackup.spi.BackupContext;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.WorkItem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * Many small tables as members of one tar blob. The size of a table in the database says little about the size of its
 * rows as text: a table that turns out too large for a member gets a blob of its own, in the same item.
 */
final class BundleItem implements AutoCloseable {
    private final BackupContext context;
    private SnapshotReader reader;
    private final Function<String, RowScanner> scanners;
    private final List<Member> members = new ArrayList<>();
    private final List<TableDefinition> oversized = new ArrayList<>();

    /** What is in the tar, until the name of its blob is known. */
    private record Member(TableDefinition table, String name, long bytes, Fingerprint content) {}

    private BundleItem(BackupContext context, SnapshotReader reader, Function<String, RowScanner> scanners) {
        this.context = context;
        this.reader = reader;
        this.scanners = scanners;
    }

    static ItemResult execute(
            BackupContext context, WorkItem item, Progress progress, Function<String, RowScanner> scanners) {
        SnapshotSession session = OpenItem.session(context, item);
        try (BundleItem bundle = new BundleItem(context, session.borrow(), scanners)) {
            return bundle.store(item, progress);
        }
    }

    @Override
    public void close() {
        reader.close();
    }

    private ItemResult store(WorkItem item, Progress progress) {
        ItemData.Bundle bundle = item.payload(ItemData.Bundle.class);
        String encoding = reader.session().encoding();
        List<TableDefinition> tables = TableDefinitions.find(reader.sql(), bundle.tables(), encoding);
        BlobRef blob = context.set().write(
                BlobNames.of(bundle.prefix(), bundle.stem(), item.attempt(), "tar"),
                Bundle.of(new Members(tables.iterator())),
                List.of(), OptionalLong.of(item.bytes()), progress);
        List<BlobRef> blobs = new ArrayList<>(List.of(blob));
        List<ItemData.TablePart> parts = new ArrayList<>();
        for (Member member : members) {
            CopyStatements statements = new CopyStatements(member.table, encoding);
            parts.add(PartItem.tablePart(member.table, statements, 0, new PartManifest(
                    blob.name(), member.name, member.table.format().manifestName(), statements.load(),
                    member.bytes, member.content)));
        }
        for (TableDefinition table : oversized) {
            reader = reader.usable();
            ItemData.PartsStored own = PartItem.store(
                    context, reader, table, new CopyStatements(table, encoding).readAll(), 0,
                    BlobNames.of(bundle.prefix(), "data/" + stem(table), item.attempt(), "copy"),
                    Bundle.MAX_MEMBER_BYTES, progress, scanners);
            blobs.addAll(own.blobs());
            parts.addAll(own.parts());
        }
        return PartItem.result(new ItemData.PartsStored(blobs, parts));
    }

    private static String stem(TableDefinition table) {
        return BlobNames.slug(table.name()) + "-" + table.oid();
    }

    /** Reads a table into memory; empty when it is too large for that. */
    private Optional<Bundle.Member> read(TableDefinition table) {
        reader = reader.usable();
        String statement = new CopyStatements(table, reader.session().encoding()).readAll();
        try (CopyOutSource source = new CopyOutSource(
                reader, statement, Optional.of(table), context.cancellation())) {
            byte[] bytes = source.stream().readNBytes(Bundle.MAX_MEMBER_BYTES + 1);
            if (bytes.length > Bundle.MAX_MEMBER_BYTES) {
                oversized.add(table);
                return Optional.empty();
            }
            source.awaitSuccess();
            RowScanner rows = scanners.apply(table.format().manifestName());
            rows.accept(bytes, 0, bytes.length);
            Fingerprint content = PartItem.checked(rows.result(), source.rows(), statement);
            String name = stem(table) + ".copy";
            members.add(new Member(table, name, bytes.length, content));
            return Optional.of(new Bundle.Member(name, bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads one table after the other, when the tar needs it. */
    private final class Members implements Iterator<Bundle.Member> {
        private final Iterator<TableDefinition> tables;
        private Optional<Bundle.Member> next = Optional.empty();

        Members(Iterator<TableDefinition> tables) {
            this.tables = tables;
        }

        @Override
        public boolean hasNext() {
            while (next.isEmpty() && tables.hasNext()) {
                next = read(tables.next());
            }
            return next.isPresent();
        }

        @Override
        public Bundle.Member next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            Bundle.Member member = next.orElseThrow();
            next = Optional.empty();
            return member;
        }
    }
}
