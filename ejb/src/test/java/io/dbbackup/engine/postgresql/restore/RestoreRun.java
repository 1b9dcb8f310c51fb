package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.InMemoryRun;
import io.dbbackup.engine.postgresql.PostgresEngine;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.Json;
import io.dbbackup.spi.ItemDraft;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.RestoreSpec;
import io.dbbackup.spi.SetReader;
import io.dbbackup.spi.TableComparison;
import io.dbbackup.spi.WorkItem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** A restore with comparison, without catalog and batch. */
final class RestoreRun extends InMemoryRun implements RestoreContext {
    private final PgLogicalRestore restore = (PgLogicalRestore) new PostgresEngine().logicalRestore();
    private final Endpoint target;
    private final SetReader set;
    private final RestoreSpec spec;
    private Predicate<WorkItem> twice = item -> false;
    private final Map<String, Runnable> before = new ConcurrentHashMap<>();

    RestoreRun(Endpoint target, SetReader set, RestoreSpec spec, int workers) {
        super(workers);
        this.target = target;
        this.set = set;
        this.spec = spec;
    }

    /** Pairs of names; roles that are missing, nothing overwritten. */
    static RestoreSpec spec(String... sourceAndName) {
        Map<String, String> names = new LinkedHashMap<>();
        for (int i = 0; i < sourceAndName.length; i += 2) {
            names.put(sourceAndName[i], sourceAndName[i + 1]);
        }
        return new RestoreSpec(names, false, Set.of(), RestoreSpec.Globals.MISSING, true, true);
    }

    /** Every database of the set under its own name. */
    static RestoreSpec everything(SetReader set) {
        Map<String, String> names = new LinkedHashMap<>();
        set.manifest().databases().forEach(entry -> names.put(entry.name(), entry.name()));
        return new RestoreSpec(names, false, Set.of(), RestoreSpec.Globals.MISSING, true, true);
    }

    static RestoreSpec cleaning(RestoreSpec spec, String... confirmed) {
        return new RestoreSpec(
                spec.databases(), true, Set.of(confirmed), spec.globals(), spec.owners(), spec.continueOnError());
    }

    /** Executes chosen items a second time right after the first, as after a crash before the catalog's commit. */
    RestoreRun executingTwice(Predicate<WorkItem> chosen) {
        twice = chosen;
        return this;
    }

    /** Lets something happen before the first item of a kind, once. */
    RestoreRun before(String kind, Runnable action) {
        before.put(kind, action);
        return this;
    }

    RestoreRun plan() {
        restore.preflight(this);
        List<ItemDraft> items = new ArrayList<>(restore.plan(this));
        items.addAll(restore.planComparison(this));
        add(items);
        return this;
    }

    /** Executes what is ready; problems are left to be asked for. */
    RestoreRun drain() {
        drain(this::execute);
        return this;
    }

    private ItemResult execute(WorkItem item) {
        Optional.ofNullable(before.remove(item.kind())).ifPresent(Runnable::run);
        ItemResult result = restore.execute(this, item, more -> {});
        return twice.test(item) ? restore.execute(this, item, more -> {}) : result;
    }

    /** Preflight, plan and everything; fails with the first problem. */
    RestoreRun complete() {
        plan().drain();
        return mustBeComplete();
    }

    RestoreRun mustBeComplete() {
        problems().forEach((key, problem) -> {
            throw new AssertionError(key + ": " + problem);
        });
        return this;
    }

    /** Executes an item whatever its state. */
    ItemResult again(ItemDraft draft, Progress progress) {
        long id = items(item -> true).indexOf(draft) + 1;
        return restore.execute(
                this,
                new WorkItem(
                        id, run(), draft.key(), draft.kind(), draft.label(), draft.database(), draft.bytes(), 2,
                        Json.write(draft.payload()), Optional.empty()),
                progress);
    }

    List<ItemDraft> ofKind(String kind) {
        return items(item -> item.kind().equals(kind));
    }

    int tablesCompared() {
        return comparisons().size();
    }

    List<TableComparison> differences() {
        return comparisons().stream().filter(comparison -> !comparison.equal()).toList();
    }

    private List<TableComparison> comparisons() {
        List<TableComparison> found = new ArrayList<>();
        for (String database : spec.databases().keySet()) {
            results(database, RestoreKind.COMPARE, done -> found.add(done.result(TableComparison.class)));
        }
        return found;
    }

    PgLogicalRestore restore() {
        return restore;
    }

    @Override
    public Endpoint target() {
        return target;
    }

    @Override
    public RestoreSpec spec() {
        return spec;
    }

    @Override
    public SetReader set() {
        return set;
    }
}
