package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.postgresql.sliced.SliceSizes;
import io.dbbackup.engine.postgresql.sliced.SlicedRow;
import io.dbbackup.engine.postgresql.sliced.SlicedRowScanner;
import io.dbbackup.engine.postgresql.sliced.SlicedTable;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.manifest.PartManifest;
import io.dbbackup.spi.BackupContext;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A part with rows that COPY cannot read: the others in one blob, each of them in slices in a blob of its own. Nobody looks for
 * such rows before a COPY has failed because of them.
 */
final class LargeRows {
    private final BackupContext context;
    private final TableDefinition table;
    private final int index;
    private final PartItem.Name name;
    private final KnownParts known;
    private final Progress progress;
    private final List<BlobRef> blobs = new ArrayList<>();
    private final List<ItemData.TablePart> parts = new ArrayList<>();

    LargeRows(
            BackupContext context,
            TableDefinition table,
            int index,
            PartItem.Name name,
            KnownParts known,
            Progress progress) {
        this.context = context;
        this.table = table;
        this.index = index;
        this.name = name;
        this.known = known;
        this.progress = progress;
    }

    /**
     * Stores all rows of the choice.
     *
     * @param failed a session in which COPY has failed
     * @param reason what it said, for when no such row is found
     */
    ItemData.PartsStored store(
            SnapshotReader failed, SlicedTable.Choice choice, long expectedBytes, BackupException reason) {
        CopyStatements statements = new CopyStatements(table, failed.session().encoding());
        failed.markBroken();
        try (SnapshotReader reader = failed.usable()) {
            // a parallel plan would mix the slices up; so this session is not used again
            reader.ask(sql -> {
                sql.run("SET LOCAL max_parallel_workers_per_gather = 0");
                return true;
            });
            SlicedTable sliced = reader.ask(sql -> SlicedTable.of(
                    sql, table.oid(), "ONLY " + statements.name(), table.format(), statements.encoding(), SliceSizes.USUAL,
                    table.columns()));
            List<SlicedTable.Place> places = find(reader, sliced, choice);
            if (places.isEmpty()) {
                throw reason;
            }
            add(PartItem.copy(
                    context, reader, table, sliced.readOthers(choice, places), index, name.blob("-others"), expectedBytes,
                    new PartItem.Earlier(known, false), progress));
            for (SlicedTable.Place place : places) {
                row(reader, sliced, place, statements);
            }
            reader.markBroken();
        }
        return new ItemData.PartsStored(blobs, parts);
    }

    private List<SlicedTable.Place> find(SnapshotReader reader, SlicedTable sliced, SlicedTable.Choice choice) {
        try (Cancellation.Registration stop = reader.endWith(context.cancellation())) {
            return reader.look(List.of(table), sql -> sliced.find(sql, choice));
        } catch (RuntimeException e) {
            context.cancellation().check();
            throw e;
        }
    }

    private void row(SnapshotReader reader, SlicedTable sliced, SlicedTable.Place place, CopyStatements statements) {
        SlicedRow row = reader.look(List.of(table), sql -> sliced.row(sql, place));
        row.requireCut(table.schema() + "." + table.name());
        CopyOutSource source = new CopyOutSource(
                reader, row.readStatement(), table.format(), List.of(table), context.cancellation());
        SlicedRowScanner scanner = SlicedRow.scanner(row.manifestFormat());
        BlobRef blob = context.set().write(
                name.blob("-row" + blobs.size()), source, List.of(new PartItem.Counted(source), scanner),
                OptionalLong.of(sliced.sizes().row()), progress,
                (blobName, bytes, digest, stored) ->
                        known.find(blobName, bytes, digest, stored, Map.of("", scanner.result())));
        PartManifest manifest = new PartManifest(
                blob.name(), "", row.manifestFormat(), row.loadStatement(), blob.plainBytes(), scanner.result(),
                Optional.of(row.assembly(statements.target())));
        add(new ItemData.PartsStored(
                List.of(blob), List.of(PartItem.tablePart(context, table, statements, index, manifest))));
    }

    private void add(ItemData.PartsStored stored) {
        blobs.addAll(stored.blobs());
        parts.addAll(stored.parts());
    }
}
