package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.BlobNames;
import io.dbbackup.engine.postgresql.RestoreMarks;
import io.dbbackup.engine.postgresql.PgOptions;
import io.dbbackup.engine.postgresql.PgProcess;
import io.dbbackup.engine.postgresql.PgTools;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Selection;
import io.dbbackup.spi.BackupContext;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.WorkItem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Everything of a database but the rows of its tables, as an archive of pg_dump: definitions, values of sequences,
 * large objects, privileges, comments.
 */
final class SchemaItem {
    private SchemaItem() {}

    static ItemResult execute(BackupContext context, WorkItem item, Progress progress) {
        ItemData.Place place = item.payload(ItemData.Place.class);
        SnapshotSession session = OpenItem.session(context, item);
        List<String> arguments = new ArrayList<>(List.of(
                "--format=custom",
                "--compress=0",
                "--no-sync",
                // of an unfinished restore into the source: a restore of the set makes its own
                "--exclude-schema=" + RestoreMarks.SCHEMA,
                "--snapshot=" + session.id(),
                "--lock-wait-timeout=" + PgOptions.lockTimeout(session.endpoint()).toMillis()));
        Selection selection = context.spec().selection();
        try (SnapshotReader reader = session.borrow()) {
            if (selection.sections() != Selection.Sections.SCHEMA) {
                arguments.addAll(reader.ask(DumpExclusions::arguments));
            }
            ItemData.Opened opened = opened(context, item.database());
            Set<Long> out = new HashSet<>(opened.leftOutRelations());
            if (selection.sections() == Selection.Sections.DATA) {
                // without definitions nothing but the values of their sequences is left of them; pg_dump takes these
                // with any table that is not left out altogether
                out.addAll(opened.leftOutRows());
            }
            arguments.addAll(reader.ask(sql -> DumpExclusions.relations(sql, out)));
        }
        arguments.addAll(options(selection));
        PgTools tools = PgTools.find(context.source(), session.major());
        try (PgProcess dump = PgProcess.start(
                tools, "pg_dump", context.source(), item.database(), arguments, context.cancellation())) {
            BlobRef blob = context.set().write(
                    BlobNames.of(place.prefix(), "schema", item.attempt(), "dump"),
                    dump, List.of(), OptionalLong.empty(), progress);
            session.requireAlive(context.cancellation());
            dump.messages().stream()
                    .filter(line -> line.contains("warning:"))
                    .forEach(line -> context.warn("database \"" + item.database() + "\": " + line));
            return new ItemResult(
                    blob.plainBytes(), blob.storedBytes(), 0, new ItemData.SchemaStored(blob), List.of());
        } catch (BackupException e) {
            if (e.code() == ErrorCode.TOOL_FAILED) {
                session.requireAlive();
            }
            throw e;
        }
    }

    private static ItemData.Opened opened(BackupContext context, String database) {
        List<ItemData.Opened> all = new ArrayList<>();
        context.results(database, ItemData.OPEN, opened -> all.add(opened.result(ItemData.Opened.class)));
        return all.get(all.size() - 1);
    }

    private static List<String> options(Selection selection) {
        List<String> options = new ArrayList<>();
        switch (selection.sections()) {
            case SCHEMA -> options.add("--schema-only");
            case DATA -> options.add("--data-only");
            case ALL -> { }
        }
        if (selection.sections() != Selection.Sections.SCHEMA && !TableChoice.largeObjects(selection)) {
            options.add("--no-blobs");
        }
        return options;
    }
}
