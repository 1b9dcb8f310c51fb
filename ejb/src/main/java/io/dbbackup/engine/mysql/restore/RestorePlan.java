package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.WorkOrder;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.StorageEngines;
import io.dbbackup.model.manifest.PartManifest;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.spi.ItemDraft;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.RestoreSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Writes the work list of a restore from the manifests of the set alone. */
final class RestorePlan {
    /** What completes a database goes first, so that databases become usable one by one. */
    private static final int COMPLETION = 10;
    /** And the following numbers: see {@link WorkOrder}. */
    private static final int DATA = 30;
    private static final int SHOWN = 400;
    private static final int ACCOUNTS = 20;
    private static final int SCHEMA = 1_000_000_000;
    private static final int COMPARE = 2_000_000_000;
    /*
     * What a row costs, in bytes that could be loaded in the same time (measured on MariaDB with tables of the benchmark: 4.5 ns per byte and 1.3
     * microseconds per row; about 0.6 for a row in a key on numbers). Estimates: they only order.
     */
    private static final long LOADED_ROW = 300;
    private static final long KEYED_ROW = 130;

    private final RestoreContext context;
    private final List<ItemDraft> items = new ArrayList<>();
    private final List<WorkOrder.Job> jobs = new ArrayList<>();
    private Optional<Boolean> countersAreLocked = Optional.empty();

    RestorePlan(RestoreContext context) {
        this.context = context;
    }

    List<ItemDraft> restore() {
        Set<String> before = accounts();
        if (!RestoreTarget.dataOnly(context) && !context.throwaway()) {
            NamedDatabases.warn(context);
        }
        for (RestoreTarget target : RestoreTarget.all(context)) {
            jobs.clear();
            int first = items.size();
            database(target, before);
            order(items.subList(first, items.size()));
        }
        return items;
    }

    private void order(List<ItemDraft> drafts) {
        Map<String, Integer> turns = new HashMap<>();
        WorkOrder.of(jobs, context.workers()).forEach(key -> turns.put(key, DATA + turns.size()));
        drafts.replaceAll(draft -> draft.withPriority(turns.getOrDefault(draft.key(), draft.priority())));
    }

    /** Definers and grantees come first. */
    private Set<String> accounts() {
        if (!AccountsItem.wanted(context)) {
            return Set.of();
        }
        items.add(new ItemDraft(
                "accounts/choose", RestoreKind.CHOOSE, "look at accounts and roles" + lacking(), "", 0, COMPLETION, Map.of(), Set.of()));
        items.add(new ItemDraft(
                "accounts", RestoreKind.ACCOUNTS, "accounts, roles and privileges", "", 0, COMPLETION, Map.of(),
                Set.of("accounts/choose")));
        return Set.of("accounts");
    }

    /** The accounts that are to be created, by name. Who restores some of the databases may not have meant to create any. */
    private String lacking() {
        Set<String> lacking;
        try (Session session = Session.open(context.target(), "", "restore plan")) {
            lacking = AccountsItem.lacking(context, session.sql());
        }
        if (lacking.isEmpty()) {
            return "";
        }
        String names = lacking.stream().limit(ACCOUNTS).collect(Collectors.joining(", "))
                + (lacking.size() > ACCOUNTS ? " and " + (lacking.size() - ACCOUNTS) + " more" : "");
        if (!context.throwaway() && context.spec().whole().size() < context.set().manifest().databases().size()) {
            context.warn("this restore of some of the databases creates all accounts and roles of the set that " + context.target()
                    + " lacks, with all that they may do: " + names + ". Drop those that are not meant to be there; with globals none a"
                    + " restore leaves accounts alone");
        }
        return "; create " + shortened(names);
    }

    private static String shortened(String text) {
        return text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
    }

    private void database(RestoreTarget target, Set<String> before) {
        RestoreKind.DatabaseTask whole = new RestoreKind.DatabaseTask(target.entry().name(), WaitingItem.planned(context));
        boolean dataOnly = RestoreTarget.dataOnly(context);
        String schema = add(
                target, "schema", RestoreKind.SCHEMA, dataOnly ? "prepare its tables" + suspended(target) : "create tables", 0, SCHEMA, whole,
                before);
        Set<String> last = new HashSet<>(Set.of(schema));
        List<TableManifest> tables = target.manifest(context).tables();
        Map<String, List<RestoreKind.Piece>> bundles = new LinkedHashMap<>();
        for (int i = 0; i < tables.size(); i++) {
            List<PartManifest> parts = tables.get(i).parts();
            if (parts.size() == 1 && !parts.get(0).member().isEmpty()) {
                bundles.computeIfAbsent(parts.get(0).blob(), blob -> new ArrayList<>()).add(new RestoreKind.Piece(i, 0));
            } else {
                last.add(table(target, schema, tables.get(i), i));
            }
        }
        bundles.forEach((blob, pieces) -> last.add(bundle(target, schema, blob, pieces)));
        if (dataOnly) {
            String references = add(
                    target, "references", RestoreKind.REFERENCES, "check foreign keys", 0, COMPLETION, whole, last);
            add(target, "finish", RestoreKind.FINISH, "values of sequences and counters; "
                            + (context.spec().suspendTriggers() ? "create suspended triggers again" : "count what was loaded"), 0,
                    COMPLETION, whole, Set.of(references));
            return;
        }
        add(target, "finish", RestoreKind.FINISH, "give the final name; foreign keys, views, triggers and the rest", 0,
                COMPLETION, whole, last);
    }

    /** The triggers that are dropped meanwhile, by name. */
    private String suspended(RestoreTarget target) {
        if (!context.spec().suspendTriggers()) {
            return "";
        }
        try (Session session = Session.open(context.target(), "", "restore plan")) {
            String names = Trigger.some(TargetTriggers.firing(
                    session.sql(), TargetTables.read(session.sql(), target.name(), target.loadedTables(context))));
            return names.isEmpty() ? "" : "; suspend triggers: " + shortened(names);
        }
    }

    private String table(RestoreTarget target, String schema, TableManifest table, int index) {
        Set<String> loaded = new HashSet<>();
        boolean oneByOne = table.parts().size() > 1 && RestoreTarget.properties(table).counts() && countersAreLocked();
        String before = schema;
        for (int i = 0; i < table.parts().size(); i++) {
            PartManifest part = table.parts().get(i);
            String what = "table " + table.name()
                    + (table.parts().size() == 1 ? "" : " part " + (i + 1) + " of " + table.parts().size());
            String key = add(
                    target, "data/" + part.blob(), RestoreKind.DATA, what, part.plainBytes(), DATA,
                    new RestoreKind.DataTask(
                            target.entry().name(), part.blob(), List.of(new RestoreKind.Piece(index, i))), Set.of(before));
            jobs.add(new WorkOrder.Job(
                    key, table.name(), part.plainBytes() + LOADED_ROW * part.content().rows(), Set.of()));
            loaded.add(key);
            before = oneByOne ? key : schema;
        }
        String keys = add(
                target, "keys/" + index, RestoreKind.KEYS, "keys and statistics of table " + table.name(), 0, DATA,
                new RestoreKind.TablesTask(target.entry().name(), List.of(index)), loaded);
        long rows = table.parts().stream().mapToLong(part -> part.content().rows()).sum();
        jobs.add(new WorkOrder.Job(
                keys, "", KEYED_ROW * rows * RestoreTarget.properties(table).keys().size(), loaded));
        return keys;
    }

    private String bundle(RestoreTarget target, String schema, String blob, List<RestoreKind.Piece> pieces) {
        long bytes = target.blob(context, blob).plainBytes();
        String key = add(
                target, "data/" + blob, RestoreKind.DATA, pieces.size() + " small tables", bytes,
                DATA, new RestoreKind.DataTask(target.entry().name(), blob, pieces), Set.of(schema));
        String keys = add(
                target, "keys/" + blob, RestoreKind.KEYS, "keys and statistics of " + pieces.size() + " small tables", 0, DATA,
                new RestoreKind.TablesTask(target.entry().name(), pieces.stream().map(RestoreKind.Piece::table).toList()),
                Set.of(key));
        jobs.add(new WorkOrder.Job(key, "", bytes, Set.of()));
        jobs.add(new WorkOrder.Job(keys, "", bytes, Set.of(key)));
        return keys;
    }

    /**
     * Whether LOAD DATA keeps the counter of an AUTO_INCREMENT column to its end, as a MariaDB that logs statements does: a second worker
     * would only wait, and not load another table meanwhile. An INSERT with all its values does not.
     */
    private boolean countersAreLocked() {
        if (countersAreLocked.isEmpty()) {
            try (Session session = Session.open(context.target(), "", "restore plan")) {
                countersAreLocked = Optional.of(
                        session.sql().truth("SELECT @@innodb_autoinc_lock_mode <> 2")
                                // LOAD DATA is left for some tables of others
                                && (RestoreTarget.dataOnly(context) || !session.insertsMany()));
            }
        }
        return countersAreLocked.get();
    }

    /**
     * Views may read any database of the run, defaults count by its sequences, and keys refer to it, so some are created when all are finished. Events act as soon as they exist, perhaps on other
     * databases, so they wait for everything else of all of them. Foreign keys between databases are looked at when both have their rows.
     */
    List<ItemDraft> end(List<ItemDraft> others) {
        Set<String> finished = keys(others, RestoreKind.FINISH);
        Set<String> before = new HashSet<>(finished);
        before.addAll(keys(others, RestoreKind.COMPARE));
        Set<String> related = new HashSet<>(finished);
        if (WaitingItem.planned(context)) {
            items.add(new ItemDraft(
                    "views", RestoreKind.WAITING, "views, defaults and foreign keys that need other databases", "", 0, COMPLETION, Map.of(), finished));
            before.add("views");
            related.add("views");
        }
        for (RestoreTarget target : RestoreTarget.all(context)) {
            if (AcrossItem.planned(context)) {
                add(target, "across", RestoreKind.ACROSS, "check foreign keys between databases", 0, COMPARE,
                        new RestoreKind.DatabaseTask(target.entry().name(), false),
                        AcrossItem.together(context) ? related : Set.of(key(target, "finish")));
            }
            if (target.properties(context).events() > 0) {
                add(target, "events", RestoreKind.EVENTS, "create events", 0, COMPARE,
                        new RestoreKind.DatabaseTask(target.entry().name(), false), before);
            }
        }
        return items;
    }

    private static Set<String> keys(List<ItemDraft> items, String kind) {
        return items.stream().filter(item -> item.kind().equals(kind)).map(ItemDraft::key).collect(Collectors.toSet());
    }

    List<ItemDraft> comparison() {
        for (RestoreTarget target : RestoreTarget.all(context)) {
            List<TableManifest> tables = target.manifest(context).tables();
            for (int i = 0; i < tables.size(); i++) {
                if (StorageEngines.ownsNone(RestoreTarget.properties(tables.get(i)).engine())) {
                    // of a set of an older version; not loaded
                    continue;
                }
                add(target, "compare/" + i, RestoreKind.COMPARE, "compare table " + tables.get(i).name(),
                        tables.get(i).parts().stream().mapToLong(PartManifest::plainBytes).sum(), COMPARE,
                        new RestoreKind.TableTask(target.entry().name(), i), Set.of(key(target, "finish")));
            }
        }
        return items;
    }

    /** What follows the finish item, and nothing else waits for. */
    static ItemDraft removal(RestoreTarget target) {
        return new ItemDraft(
                key(target, "remove"), RestoreKind.REMOVE, label(target, "drop the temporary database"), target.entry().name(), 0,
                COMPLETION, new RestoreKind.DatabaseTask(target.entry().name(), false), Set.of(key(target, "finish")));
    }

    private String add(
            RestoreTarget target, String step, String kind, String what, long bytes, int priority, Object payload,
            Set<String> needs) {
        String source = target.entry().name();
        items.add(new ItemDraft(key(target, step), kind, label(target, what), source, bytes, priority, payload, needs));
        return key(target, step);
    }

    private static String label(RestoreTarget target, String what) {
        String source = target.entry().name();
        return source + (target.name().equals(source) ? "" : " as " + target.name()) + ": " + what;
    }

    private static String key(RestoreTarget target, String step) {
        return "db/" + target.number() + "/" + step;
    }
}
