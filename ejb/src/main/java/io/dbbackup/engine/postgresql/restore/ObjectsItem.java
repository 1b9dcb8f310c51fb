package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.postgresql.PgProcess;
import io.dbbackup.model.BlobRef;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Restores what {@code schema.dump} holds in its data section: values of sequences and large objects.
 *
 * <p>Setting a sequence twice does no harm. Large objects are created exactly once, so that one which is there is ours or,
 * in a database that is in use, makes the creation fail; writing the same bytes into ours twice does no harm either. None
 * is ever unlinked here.
 */
final class ObjectsItem {
    ItemResult execute(RestoreContext context, WorkItem item, Progress progress) {
        String source = item.payload(DatabaseTask.class).database();
        RestoreTarget target = RestoreTarget.of(context, source);
        try (TargetSession session = TargetSession.open(context, target.temporaryName(), "restore")) {
            if (Markers.present(session.sql(), item.id(), 0)) {
                return ItemResult.nothing();
            }
        }
        SchemaArchive archive = SchemaArchive.of(context, source);
        SetDatabase database = SetDatabase.of(context, source);
        BlobRef schema = database.schema();
        Set<Long> loadedElsewhere = database.manifest().tables().stream()
                .map(table -> SetDatabase.properties(table).oid())
                .collect(Collectors.toSet());
        List<TocEntry> small = new ArrayList<>();
        if (DataOnly.is(context)) {
            // archives of data alone define nothing but large objects
            small.addAll(archive.entries("pre-data"));
        }
        List<TocEntry> sequences = new ArrayList<>();
        List<TocEntry> created = new ArrayList<>();
        List<TocEntry> streamed = new ArrayList<>();
        for (TocEntry entry : archive.entries("data")) {
            // rows that the set has in parts must not come from the archive as well
            if (!(entry.is("TABLE DATA") && loadedElsewhere.contains(entry.oid()))) {
                (entry.is(LargeObjects.METADATA) ? created
                                : !entry.is("SEQUENCE SET") ? streamed : DataOnly.is(context) ? sequences : small)
                        .add(entry);
            }
        }
        new SequenceValues(context, target).set(archive, sequences);
        if (DataOnly.is(context)) {
            try (TargetSession session = TargetSession.open(context, target.temporaryName(), "restore")) {
                if (!Markers.begun(session.sql(), item.id())) {
                    LargeObjects.refuseCollisions(context, target, archive, session.sql());
                }
            }
        }
        // batches from 1 on: 0 says that the whole item is done
        int next = new Definitions(context, target, item).execute(archive, small, 1);
        // a thousand large objects may belong to an entry, and each is a lock
        next = new Definitions(context, target, item).execute(archive, created, next, 1);
        boolean readAll = !created.isEmpty() || hasContent(archive, streamed);
        if (readAll) {
            stream(context, item, target, streamed, progress);
        }
        if (DataOnly.is(context)) {
            new Definitions(context, target, item).execute(
                    archive,
                    archive.entries("post-data").stream().filter(entry -> entry.text().contains("LARGE OBJECT")).toList(),
                    next);
        }
        try (TargetSession session = TargetSession.open(context, target.temporaryName(), "restore")) {
            session.transaction(() -> Markers.take(session.sql(), item.id(), 0, 0));
        }
        return new ItemResult(
                readAll ? schema.plainBytes() : 0, readAll ? schema.storedBytes() : 0, 0, Map.of(), List.of());
    }

    /** pg_dump always lists a BLOBS entry when told to dump large objects, even if there are none. */
    private static boolean hasContent(SchemaArchive archive, List<TocEntry> streamed) {
        return streamed.stream().anyMatch(entry -> !entry.is("BLOBS"))
                || !streamed.isEmpty() && archive.entries("pre-data").stream().anyMatch(entry -> entry.is("BLOB"));
    }

    private static void stream(
            RestoreContext context, WorkItem item, RestoreTarget target, List<TocEntry> entries, Progress progress) {
        SchemaArchive archive = SchemaArchive.of(context, target.source());
        int major;
        try (TargetSession session = TargetSession.open(context, target.temporaryName(), "restore")) {
            major = session.major();
        }
        Definitions definitions = new Definitions(context, target, item);
        Path list = SchemaArchive.listFile(entries);
        try (PgProcess script = archive.streamed(list, definitions.options(archive));
                Feeder feeder = Feeder.start(
                        context, SetDatabase.of(context, target.source()).schema(), script.input(), progress)) {
            new ScriptRun(context, archive.tools(), target.temporaryName(), item.label())
                    .execute(Definitions.settings(context, target, major, false), script, "");
            feeder.await();
        } finally {
            Definitions.delete(list);
        }
    }
}
