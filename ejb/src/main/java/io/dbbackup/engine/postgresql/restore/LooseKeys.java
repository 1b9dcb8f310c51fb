package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.manifest.LeftOut;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Foreign keys of a partial set whose referenced rows may be missing. They are added without a look at the rows that are
 * there (NOT VALID), so that they hold for what comes later, or left out where that cannot be; each with a warning.
 */
final class LooseKeys {
    private LooseKeys() {}

    static List<LeftOut.ForeignKey> of(SetDatabase database) {
        return database.manifest().leftOut().map(LeftOut::foreignKeys).orElse(List.of());
    }

    static Set<Long> oids(SetDatabase database) {
        return of(database).stream().map(LeftOut.ForeignKey::oid).collect(Collectors.toSet());
    }

    /** Whether an entry of the archive is such a key or says something about one. */
    static boolean concerns(SetDatabase database, TocEntry entry) {
        return entry.catalog() == TocEntry.PG_CONSTRAINT && entry.is("FK CONSTRAINT")
                        && of(database).stream().anyMatch(key -> key.oid() == entry.oid())
                || entry.is("COMMENT") && of(database).stream().anyMatch(key -> entry.text().startsWith(
                        "COMMENT " + key.schema() + " CONSTRAINT " + key.name() + " ON " + key.table()));
    }

    /** Adds those that can be added, each in its own transaction that takes a batch number from {@code firstBatch} on. */
    static void add(RestoreContext context, TargetSession session, SetDatabase database, WorkItem item, int firstBatch) {
        int batch = firstBatch;
        for (LeftOut.ForeignKey key : of(database)) {
            context.cancellation().check();
            int number = batch++;
            String what = "foreign key " + key.name() + " of table " + key.schema() + "." + key.table() + " in database \""
                    + database.manifest().name() + "\": " + key.reason();
            if (key.statement().isEmpty()) {
                context.warn("not restored: " + what);
                continue;
            }
            try {
                session.transaction(() -> {
                    if (Markers.take(session.sql(), item.id(), number, 0)) {
                        session.sql().run(key.statement());
                    }
                });
                context.warn("restored without a check of its rows (NOT VALID): " + what);
            } catch (BackupException e) {
                if (e.code().retryable()) {
                    throw e;
                }
                context.warn("not restored: " + what + "; " + e.problem().cause());
            }
        }
    }
}
