package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.BlobNames;
import io.dbbackup.engine.mysql.DatabaseProperties;
import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.DefinitionsSource;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.BackupContext;
import io.dbbackup.spi.ItemDraft;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.WorkItem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;

/**
 * Takes a database's snapshot, holds it, stores the definitions, and cuts the tables into parts. Definitions have no snapshots:
 * they are read right after it, and a table that is changed before its rows are read makes the database start again.
 */
final class OpenItem {
    private OpenItem() {}

    static String holdKey(String database) {
        return "mysql.snapshot/" + database;
    }

    /** The held snapshot of a database, for its other items. */
    static SnapshotPool snapshot(BackupContext context, WorkItem item) {
        return context.hold(holdKey(item.database()), SnapshotPool.class, () -> {
            throw new BackupException(
                    ErrorCode.SNAPSHOT_LOST,
                    "nobody holds the snapshot of database \"" + item.database() + "\" any more",
                    "Nothing needs to be done: the database starts again with a new snapshot.");
        });
    }

    static ItemResult execute(BackupContext context, WorkItem item, Progress progress) {
        String key = holdKey(item.database());
        // an earlier attempt's sessions must not serve this one
        context.release(key);
        SnapshotPool snapshot = context.hold(key, SnapshotPool.class, () -> SnapshotPool.open(
                context.source(), item.database(), context.workers(), context.cancellation()));
        try (SnapshotPool.Lease lease = snapshot.borrow();
                var stop = lease.session().endWith(context.cancellation())) {
            return open(context, item, snapshot, lease.session().sql(), progress);
        } catch (RuntimeException e) {
            context.release(key);
            context.cancellation().check();
            throw e;
        }
    }

    private static ItemResult open(
            BackupContext context, WorkItem item, SnapshotPool snapshot, Sql sql, Progress progress) {
        String prefix = BlobNames.databasePrefix(
                item.payload(ItemData.Open.class).number(), item.database(), item.attempt());
        List<Definition> definitions = new ArrayList<>();
        List<TableDefinition> tables =
                new TableCatalog(sql, snapshot.release().vendor(), item.database()).read(definitions::add);
        new ObjectCatalog(sql, item.database(), context::warn).read(definitions::add);
        tables.forEach(table -> snapshot.tables().put(table.name(), table));
        List<ItemDraft> drafts =
                new PartPlanner(sql, item.database(), prefix, context.spec().partBytes()).plan(tables);
        BlobRef before = store(context, item, prefix, "schema", definitions, false, progress);
        BlobRef after = store(context, item, prefix, "after-data", definitions, true, progress);
        SnapshotPool.Position position = snapshot.position();
        return new ItemResult(
                before.plainBytes() + after.plainBytes(), before.storedBytes() + after.storedBytes(), 0,
                new ItemData.Opened(
                        position.at(), position.text(), tables.size(), drafts.size() - 1,
                        new DatabaseProperties(
                                snapshot.release().vendor().type(), options(sql, item.database()), after.name(),
                                position.file(), position.offset(), position.gtid(), position.lockMillis()),
                        before, after),
                drafts);
    }

    private static BlobRef store(
            BackupContext context, WorkItem item, String prefix, String stem, List<Definition> definitions,
            boolean afterData, Progress progress) {
        return context.set().write(
                BlobNames.of(prefix, stem, item.attempt(), "sql"),
                new DefinitionsSource(definitions.stream()
                        .filter(definition -> definition.kind().afterData() == afterData)
                        .sorted(Comparator.comparing(Definition::kind))
                        .iterator()),
                List.of(), OptionalLong.empty(), progress);
    }

    /** What SHOW CREATE DATABASE says behind the name. */
    private static String options(Sql sql, String database) {
        String quoted = Quoting.identifier(database);
        String statement =
                sql.first("SHOW CREATE DATABASE " + quoted, row -> row.getString(2)).orElseThrow();
        return statement.substring(statement.indexOf(quoted) + quoted.length()).strip();
    }
}
