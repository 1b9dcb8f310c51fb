package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.WorkOrder;
import io.dbbackup.engine.postgresql.restore.IndexPlan.Group;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.Plural;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.spi.ItemDraft;
import io.dbbackup.spi.RestoreContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Writes the work list of a restore from the manifests of the set alone. */
final class RestorePlan {
    private static final int GLOBALS = 0;
    /** What completes a database goes first, so that databases become usable one by one. */
    private static final int COMPLETION = 10;
    /** And the following numbers: see {@link WorkOrder}. */
    private static final int DATA = 30;
    private static final int SCHEMA = 1_000_000_000;
    private static final int COMPARE = 2_000_000_000;
    /** A table with more of all bytes than this is still at work when everything else is done. */
    private static final double TAIL = 2.0 / 3;
    /*
     * What a row costs, in bytes that could be loaded in the same time (measured with tables of the benchmark: 11 ns per
     * byte; 0.6 to 1 microsecond for a row in an index on numbers). Estimates: they only order.
     */
    private static final long LOADED_ROW = 16;
    private static final long INDEXED_ROW = 64;
    private static final long CHECKED_ROW = 20;

    private final RestoreContext context;
    private final List<ItemDraft> items = new ArrayList<>();
    private final List<WorkOrder.Job> jobs = new ArrayList<>();

    RestorePlan(RestoreContext context) {
        this.context = context;
    }

    List<ItemDraft> restore() {
        Set<String> before = globals();
        for (RestoreTarget target : RestoreTarget.all(context)) {
            jobs.clear();
            int first = items.size();
            database(target, before);
            order(items.subList(first, items.size()));
        }
        return items;
    }

    private Set<String> globals() {
        if (context.set().manifest().globals().isEmpty()) {
            return Set.of();
        }
        return switch (context.spec().globals()) {
            case NONE -> Set.of();
            case MISSING, ALL -> {
                items.add(new ItemDraft(
                        "globals/choose", RestoreKind.CHOOSE, "look at tablespaces", "", 0, GLOBALS, Map.of(), Set.of()));
                items.add(new ItemDraft(
                        "globals", RestoreKind.GLOBALS, "roles and tablespaces", "",
                        context.set().manifest().globals().get().plainBytes(), GLOBALS, Map.of(), Set.of("globals/choose")));
                yield Set.of("globals");
            }
        };
    }

    private void database(RestoreTarget target, Set<String> before) {
        SetDatabase database = SetDatabase.of(context, target.source());
        if (DataOnly.is(context)) {
            rowsOnly(target, database);
            return;
        }
        String schema = add(target, "schema", RestoreKind.SCHEMA, "create database and tables", 0, SCHEMA, before);
        Set<String> last = rows(target, database, schema);
        last.addAll(indexes(target, database));
        last.add(add(
                target, "objects", RestoreKind.OBJECTS, "sequences and large objects", 0, DATA, Set.of(schema)));
        String rest = add(
                target, "rest", RestoreKind.REST, "foreign keys, triggers and the rest", 0, COMPLETION, last);
        add(target, "finish", RestoreKind.FINISH, "give the final name", 0, COMPLETION, analyze(target, rest));
    }

    private Set<String> analyze(RestoreTarget target, String rest) {
        Set<String> keys = new HashSet<>();
        int shares = context.workers();
        for (int share = 0; share < shares; share++) {
            String key = key(target, "analyze/" + share);
            items.add(new ItemDraft(
                    key, RestoreKind.ANALYZE,
                    label(target, "analyze" + (shares > 1 ? ", share " + (share + 1) + " of " + shares : "")),
                    target.source(), 0, COMPLETION, new AnalyzeTask(target.source(), share, shares), Set.of(rest)));
            keys.add(key);
        }
        return keys;
    }

    /** Into tables that exist, with all that belongs to them. */
    private void rowsOnly(RestoreTarget target, SetDatabase database) {
        String prepared = add(target, "schema", RestoreKind.SCHEMA, "prepare its tables", 0, SCHEMA, Set.of());
        Set<String> loaded = rows(target, database, prepared);
        loaded.add(add(
                target, "objects", RestoreKind.OBJECTS, "sequences and large objects", 0, DATA, Set.of(prepared)));
        String keys = add(target, "keys", RestoreKind.KEY_CHECK, "check foreign keys", 0, COMPLETION, loaded);
        add(target, "finish", RestoreKind.FINISH, "remove the marks of the restore", 0, COMPLETION, Set.of(keys));
    }

    private void order(List<ItemDraft> drafts) {
        Map<String, Integer> turns = new HashMap<>();
        WorkOrder.of(jobs, context.workers()).forEach(key -> turns.put(key, DATA + turns.size()));
        drafts.replaceAll(draft -> draft.withPriority(turns.getOrDefault(draft.key(), draft.priority())));
    }

    private Set<String> rows(RestoreTarget target, SetDatabase database, String schema) {
        Set<String> keys = new HashSet<>();
        database.pieces().forEach((blob, pieces) -> keys.add(data(target, schema, database.blob(blob), pieces)));
        return keys;
    }

    private String data(RestoreTarget target, String schema, BlobRef blob, List<SetDatabase.Piece> pieces) {
        boolean bundle = pieces.size() > 1 || !pieces.get(0).part().member().isEmpty();
        String what = bundle
                ? Plural.of(pieces.size(), "small table", "small tables") + " (" + blob.name() + ")"
                : "table " + pieces.get(0).tableName() + part(pieces.get(0));
        String key = key(target, "data/" + blob.name());
        items.add(new ItemDraft(
                key, RestoreKind.DATA, label(target, what), target.source(), blob.plainBytes(), DATA,
                new DataTask(target.source(), blob.name()), Set.of(schema)));
        long rows = pieces.stream().mapToLong(piece -> piece.part().content().rows()).sum();
        jobs.add(new WorkOrder.Job(
                key, bundle ? "" : pieces.get(0).tableName(), blob.plainBytes() + LOADED_ROW * rows, Set.of()));
        return key;
    }

    private static String part(SetDatabase.Piece piece) {
        List<?> parts = piece.table().parts();
        return parts.size() == 1 ? "" : " part " + (parts.indexOf(piece.part()) + 1) + " of " + parts.size();
    }

    private Set<String> indexes(RestoreTarget target, SetDatabase database) {
        Set<String> keys = new HashSet<>();
        Map<Long, Set<String>> ofTables = new HashMap<>();
        int number = 0;
        String constraints = "";
        long all = database.manifest().tables().stream().mapToLong(IndexPlan::bytes).sum();
        for (Group group : IndexPlan.of(database)) {
            Set<String> needs = new HashSet<>();
            group.blobs().forEach(blob -> needs.add(key(target, "data/" + blob)));
            if (group.afterConstraints()) {
                needs.add(constraints);
            }
            String key = key(target, "index/" + number++);
            items.add(new ItemDraft(
                    key, RestoreKind.INDEXES, label(target, "indexes of " + group.label()), target.source(), 0, DATA,
                    new IndexTask(
                            target.source(), group.indexes(), group.constraints(), group.bytes() < IndexPlan.BIG,
                            context.workers() > 1 && (group.bytes() < TAIL * all || group.beside() >= context.workers())),
                    needs));
            jobs.add(new WorkOrder.Job(key, "", INDEXED_ROW * group.effort(), needs));
            if (!group.constraints().isEmpty()) {
                constraints = key;
            }
            group.tables().forEach(table -> ofTables.computeIfAbsent(table, oid -> new HashSet<>()).add(key));
            keys.add(key);
        }
        keys.addAll(foreignKeys(target, database, ofTables));
        return keys;
    }

    /** @param ofTables keys of the items that must be done before, by the oids of tables */
    private Set<String> foreignKeys(RestoreTarget target, SetDatabase database, Map<Long, Set<String>> ofTables) {
        Set<String> keys = new HashSet<>();
        for (ForeignKeyPlan.Key foreign : ForeignKeyPlan.of(database)) {
            Set<String> needs = new HashSet<>();
            foreign.blobs().forEach(blob -> needs.add(key(target, "data/" + blob)));
            foreign.tables().forEach(table -> needs.addAll(ofTables.getOrDefault(table, Set.of())));
            String key = key(target, "foreign/" + keys.size());
            items.add(new ItemDraft(
                    key, RestoreKind.INDEXES, label(target, foreign.label()), target.source(), 0, DATA,
                    new IndexTask(target.source(), List.of(), List.of(foreign.oid()), false, false), needs));
            jobs.add(new WorkOrder.Job(key, "", CHECKED_ROW * foreign.rows(), needs));
            // the next one of these tables waits for this one, which has waited for everything else of them
            foreign.tables().forEach(table -> ofTables.put(table, Set.of(key)));
            keys.add(key);
        }
        return keys;
    }

    List<ItemDraft> comparison() {
        for (RestoreTarget target : RestoreTarget.all(context)) {
            List<TableManifest> tables = SetDatabase.of(context, target.source()).manifest().tables();
            for (int i = 0; i < tables.size(); i++) {
                TableManifest table = tables.get(i);
                items.add(new ItemDraft(
                        key(target, "compare/" + i), RestoreKind.COMPARE,
                        label(target, "compare table " + table.schema() + "." + table.name()), target.source(),
                        table.parts().stream().mapToLong(part -> part.plainBytes()).sum(), COMPARE,
                        new CompareTask(target.source(), i), Set.of(key(target, "finish"))));
            }
        }
        return items;
    }

    private String add(
            RestoreTarget target, String step, String kind, String what, long bytes, int priority, Set<String> needs) {
        String key = key(target, step);
        items.add(new ItemDraft(
                key, kind, label(target, what), target.source(), bytes, priority,
                new DatabaseTask(target.source()), needs));
        return key;
    }

    private static String key(RestoreTarget target, String step) {
        return "db/" + target.number() + "/" + step;
    }

    private static String label(RestoreTarget target, String what) {
        return target.source()
                + (target.name().equals(target.source()) ? "" : " as " + target.name()) + ": " + what;
    }
}
