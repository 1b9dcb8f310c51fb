package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.BlobNames;
import io.dbbackup.engine.postgresql.sliced.SlicedTable;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.model.Selection;
import io.dbbackup.model.manifest.PartManifest;
import io.dbbackup.pipeline.KnownBlobs;
import io.dbbackup.pipeline.Probe;
import io.dbbackup.spi.BackupContext;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.WorkItem;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** A table, or a range of its pages, as one blob. */
final class PartItem {
    private PartItem() {}

    static ItemResult execute(BackupContext context, WorkItem item, Progress progress) {
        ItemData.Part part = item.payload(ItemData.Part.class);
        SnapshotSession session = OpenItem.session(context, item);
        try (SnapshotReader reader = session.borrow()) {
            TableDefinition table =
                    reader.ask(sql -> TableDefinitions.find(sql, List.of(part.table()), session.encoding())).get(0);
            CopyStatements statements = new CopyStatements(table, session.encoding());
            Reading reading = Reading.of(context, item.database());
            KnownParts known = KnownParts.of(context, item.database());
            return result(store(
                    context, reader, table,
                    new Rows(
                            reading.readPages(table, statements, part.from(), part.to()),
                            () -> reading.choice(table, statements, part.from(), part.to())),
                    part.index(), new Name(part.prefix(), part.stem(), item.attempt()), item.bytes(),
                    new Earlier(known, part.likely() && known.mayHold(part.table())), progress));
        }
    }

    /**
     * What a part reads.
     *
     * @param statement the COPY
     * @param choice the same rows, for when COPY cannot read them
     */
    record Rows(String statement, Supplier<SlicedTable.Choice> choice) {}

    /** Of which the names of a part's blobs are made. */
    record Name(String prefix, String stem, int attempt) {
        String blob(String more) {
            return BlobNames.of(prefix, stem + more, attempt, "copy");
        }
    }

    /**
     * What an earlier set holds.
     *
     * @param likely whether this part is worth to be read without being stored
     */
    record Earlier(KnownParts known, boolean likely) {}

    /** Streams one COPY into a blob of its own, or several when there are rows that COPY cannot read. */
    static ItemData.PartsStored store(
            BackupContext context,
            SnapshotReader reader,
            TableDefinition table,
            Rows rows,
            int index,
            Name name,
            long expectedBytes,
            Earlier earlier,
            Progress progress) {
        try {
            return copy(context, reader, table, rows.statement(), index, name.blob(""), expectedBytes, earlier, progress);
        } catch (BackupException e) {
            if (e.code() != ErrorCode.ROW_TOO_LARGE || !table.condition().isEmpty()) {
                throw e;
            }
            return new LargeRows(context, table, index, name, earlier.known(), progress)
                    .store(reader, rows.choice().get(), expectedBytes, e);
        }
    }

    /** Streams one COPY into a blob of its own, unless an earlier set has the same. */
    static ItemData.PartsStored copy(
            BackupContext context,
            SnapshotReader reader,
            TableDefinition table,
            String statement,
            int index,
            String blobName,
            long expectedBytes,
            Earlier earlier,
            Progress progress) {
        CopyStatements statements = new CopyStatements(table, reader.session().encoding());
        Supplier<Counted> rows = () -> new Counted(
                new CopyOutSource(reader, statement, table.format(), List.of(table), context.cancellation()));
        // a count that does not fit ends the transfer before anything is visible
        Counted counted = rows.get();
        KnownParts known = earlier.known();
        Optional<BlobRef> there = Optional.empty();
        if (earlier.likely()) {
            there = context.set().find(blobName, counted.source(), List.of(counted), progress, counted.in(known));
            if (there.isEmpty()) {
                known.differs(table.oid());
                counted = rows.get();
            }
        }
        BlobRef blob = there.isPresent()
                ? there.get()
                : context.set().write(
                        blobName, counted.source(), List.of(counted), OptionalLong.of(expectedBytes), progress,
                        counted.in(known));
        Fingerprint content = counted.result();
        PartManifest manifest = new PartManifest(
                blob.name(), "", table.format().manifestName(), statements.load(), blob.plainBytes(), content);
        return new ItemData.PartsStored(List.of(blob), List.of(tablePart(context, table, statements, index, manifest)));
    }

    static ItemData.TablePart tablePart(
            BackupContext context, TableDefinition table, CopyStatements statements, int index, PartManifest manifest) {
        // the comparison of a table with rows in slices has to know its columns
        boolean columns = manifest.assembly().isPresent()
                || context.spec().selection().sections() == Selection.Sections.DATA;
        return new ItemData.TablePart(
                table.target().schema(), table.target().name(), index, statements.readBack(),
                columns ? table.properties() : table.properties().withoutColumns(), manifest);
    }

    /** The fingerprint that the source computes, asked for before the blob is published. */
    record Counted(CopyOutSource source) implements Probe<Fingerprint> {
        @Override
        public void accept(byte[] buffer, int offset, int length) {
            // the source has seen the rows
        }

        @Override
        public Fingerprint result() {
            return source.content();
        }

        KnownBlobs in(KnownParts known) {
            return (name, bytes, digest, stored) -> known.find(name, bytes, digest, stored, Map.of("", result()));
        }
    }

    static ItemResult result(ItemData.PartsStored stored) {
        long plain = stored.blobs().stream().mapToLong(BlobRef::plainBytes).sum();
        long bytes = stored.blobs().stream().mapToLong(BlobRef::ownBytes).sum();
        long rows = stored.parts().stream().mapToLong(part -> part.part().content().rows()).sum();
        return new ItemResult(plain, bytes, rows, stored, List.of());
    }
}
