package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.BlobNames;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.model.manifest.PartManifest;
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
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * Many small tables as members of one tar blob. The size of a table in the database says little about the size of its
 * rows as text: a table that turns out too large for a member gets a blob of its own, in the same item.
 */
final class BundleItem implements AutoCloseable {
    private final BackupContext context;
    private final Reading reading;
    private SnapshotReader reader;
    private final List<Member> members = new ArrayList<>();
    private final List<TableDefinition> oversized = new ArrayList<>();

    /** What is in the tar, until the name of its blob is known. */
    private record Member(TableDefinition table, String name, long bytes, Fingerprint content) {}

    private BundleItem(BackupContext context, Reading reading, SnapshotReader reader) {
        this.context = context;
        this.reading = reading;
        this.reader = reader;
    }

    static ItemResult execute(BackupContext context, WorkItem item, Progress progress) {
        SnapshotSession session = OpenItem.session(context, item);
        try (BundleItem bundle = new BundleItem(
                context, Reading.of(context, item.database()), session.borrow())) {
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
        List<TableDefinition> tables = reader.ask(sql -> TableDefinitions.find(sql, bundle.tables(), encoding));
        KnownParts known = KnownParts.of(context, item.database());
        List<BlobRef> blobs = new ArrayList<>();
        List<ItemData.TablePart> parts = new ArrayList<>();
        try {
            BlobRef blob = context.set().write(
                    BlobNames.of(bundle.prefix(), bundle.stem(), item.attempt(), "tar"),
                    Bundle.of(new Members(tables)),
                    List.of(), OptionalLong.of(item.bytes()), progress,
                    (name, bytes, digest, stored) -> known.find(name, bytes, digest, stored, members.stream()
                            .collect(Collectors.toMap(Member::name, Member::content))));
            blobs.add(blob);
            for (Member member : members) {
                CopyStatements statements = new CopyStatements(member.table, encoding);
                parts.add(PartItem.tablePart(context, member.table, statements, 0, new PartManifest(
                        blob.name(), member.name, member.table.format().manifestName(), statements.load(),
                        member.bytes, member.content)));
            }
        } catch (BackupException e) {
            if (e.code() != ErrorCode.ROW_TOO_LARGE) {
                throw e;
            }
            // of a table that is small as it is stored, or in the sample: nobody knows which
            oversized.clear();
            oversized.addAll(tables);
        }
        for (TableDefinition table : oversized) {
            reader = reader.usable();
            CopyStatements statements = new CopyStatements(table, encoding);
            ItemData.PartsStored own = PartItem.store(
                    context, reader, table,
                    new PartItem.Rows(
                            reading.readAll(table, statements), () -> reading.choice(table, statements, 0, -1)),
                    0, new PartItem.Name(bundle.prefix(), "data/" + stem(table), item.attempt()),
                    Bundle.MAX_MEMBER_BYTES, new PartItem.Earlier(known, false), progress);
            blobs.addAll(own.blobs());
            parts.addAll(own.parts());
        }
        return PartItem.result(new ItemData.PartsStored(blobs, parts));
    }

    private static String stem(TableDefinition table) {
        return BlobNames.slug(table.name()) + "-" + table.oid();
    }

    /**
     * Reads one table after the other, when the tar needs it. They are asked for with one request, which saves the round
     * trips of thousands of small tables.
     */
    private final class Members implements Iterator<Bundle.Member>, AutoCloseable {
        private final List<TableDefinition> tables;
        private final Iterator<Bundle.Member> each;
        private Optional<CopyOutSource> source = Optional.empty();

        Members(List<TableDefinition> tables) {
            this.tables = tables;
            each = tables.stream().map(this::read).flatMap(Optional::stream).iterator();
        }

        @Override
        public boolean hasNext() {
            boolean more = each.hasNext();
            if (!more) {
                close();
            }
            return more;
        }

        @Override
        public Bundle.Member next() {
            return each.next();
        }

        /** Reads a table into memory; empty when it is too large for that. */
        private Optional<Bundle.Member> read(TableDefinition table) {
            CopyOutSource rows = source();
            try {
                Optional<byte[]> bytes = Bundle.bytes(rows.stream());
                if (bytes.isEmpty()) {
                    // is read again later
                    oversized.add(table);
                    return Optional.empty();
                }
                String name = stem(table) + ".copy";
                members.add(new Member(table, name, bytes.get().length, rows.content()));
                return Optional.of(new Bundle.Member(name, bytes.get()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private CopyOutSource source() {
            if (source.isPresent()) {
                source.get().nextStatement();
                return source.get();
            }
            reader = reader.usable();
            CopyOutSource begun = new CopyOutSource(
                    reader,
                    tables.stream().map(each -> reading.readAll(
                            each, new CopyStatements(each, reader.session().encoding()))).toList(),
                    tables.stream().map(TableDefinition::format).toList(),
                    tables,
                    context.cancellation());
            source = Optional.of(begun);
            return begun;
        }

        /** Ends the session when the rows were not read to their end. */
        @Override
        public void close() {
            source.ifPresent(CopyOutSource::close);
            source = Optional.empty();
        }
    }
}
