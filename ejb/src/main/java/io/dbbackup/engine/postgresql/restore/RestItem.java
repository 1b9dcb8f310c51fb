package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Everything after data, indexes and objects: foreign keys between small tables, triggers, rules, policies, indexes that call functions,
 * partitioned indexes, publications, statistics, privileges, the CHECK constraints that were put aside, refreshing of
 * materialized views, event triggers. Restarts after the last batch that was committed, see {@link Definitions}.
 */
final class RestItem {
    /** Batches of the second half; beyond any number of the first half. */
    private static final int AFTER_CHECKS = 1_000_000;
    /** Batches of foreign keys of partial sets, between the two halves. */
    private static final int LOOSE_KEYS = 500_000;

    ItemResult execute(RestoreContext context, WorkItem item) {
        String source = item.payload(DatabaseTask.class).database();
        RestoreTarget target = RestoreTarget.of(context, source);
        SchemaArchive archive = SchemaArchive.of(context, source);
        Set<Long> done = new HashSet<>();
        IndexPlan.of(SetDatabase.of(context, source)).forEach(task -> {
            done.addAll(task.indexes());
            done.addAll(task.constraints().stream().map(oid -> -oid).toList());
        });
        ForeignKeyPlan.of(SetDatabase.of(context, source)).forEach(key -> done.add(-key.oid()));
        SetDatabase database = SetDatabase.of(context, source);
        Map<Boolean, List<TocEntry>> rest = archive.entries("post-data").stream()
                .filter(entry -> !LooseKeys.concerns(database, entry))
                .filter(entry -> !(entry.isIndexOrConstraint()
                        && done.contains(entry.catalog() == TocEntry.PG_CLASS ? entry.oid() : -entry.oid())))
                .sorted(Comparator.comparing(TocEntry::turn))
                .collect(Collectors.partitioningBy(entry -> entry.turn() == TocEntry.Turn.EVENT_TRIGGER));
        Definitions definitions = new Definitions(context, target, item);
        definitions.execute(archive, rest.get(false), 0);
        try (TargetSession session = TargetSession.open(context, target.temporaryName(), "restore")) {
            session.sql().text(
                    "SELECT pg_catalog.set_config('search_path', ?, false)",
                    SearchPath.of(SetDatabase.of(context, source).properties()));
            LooseKeys.add(context, session, database, item, LOOSE_KEYS);
            CheckConstraints.bringBack(context, session);
        }
        definitions.execute(archive, rest.get(true), AFTER_CHECKS);
        if (rest.get(false).stream().anyMatch(entry -> entry.is("SUBSCRIPTION"))) {
            context.warn("the subscriptions of database \"" + source
                    + "\" were restored disabled: enable them when the publisher is ready");
        }
        return ItemResult.nothing();
    }
}
