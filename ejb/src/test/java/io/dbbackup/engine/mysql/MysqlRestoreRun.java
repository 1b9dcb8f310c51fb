package io.dbbackup.engine.mysql;

import io.dbbackup.engine.InMemoryRun;
import io.dbbackup.model.Endpoint;
import io.dbbackup.spi.DatabaseEngine;
import io.dbbackup.spi.ItemDraft;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.LogicalRestore;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.RestoreSpec;
import io.dbbackup.spi.SetReader;
import io.dbbackup.spi.TableComparison;
import io.dbbackup.spi.WorkItem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A restore of one database with comparison, without catalog and batch; every item may be executed twice. */
final class MysqlRestoreRun extends InMemoryRun implements RestoreContext {
    private final LogicalRestore restore;
    private final Endpoint target;
    private final SetReader set;
    private RestoreSpec spec;
    private final boolean twice;
    private final Map<String, Runnable> before = new ConcurrentHashMap<>();
    private final Map<String, Runnable> after = new ConcurrentHashMap<>();
    private final Map<String, WorkItem> last = new ConcurrentHashMap<>();
    private Runnable afterPreflight = () -> {};
    private boolean throwaway;
    private List<String> labels = List.of();

    MysqlRestoreRun(
            DatabaseEngine engine, Endpoint target, SetReader set, String database, String name, boolean twice) {
        this(
                engine, target, set,
                new RestoreSpec(Map.of(database, name), false, Set.of(), RestoreSpec.Globals.NONE, true, true), twice);
    }

    MysqlRestoreRun(DatabaseEngine engine, Endpoint target, SetReader set, RestoreSpec spec, boolean twice) {
        super(2);
        this.restore = engine.logicalRestore();
        this.target = target;
        this.set = set;
        this.spec = spec;
        this.twice = twice;
    }

    /** Preflight, plan and everything; fails with the first problem. */
    MysqlRestoreRun complete() {
        attempt();
        problems().forEach((key, problem) -> {
            throw new AssertionError(key + ": " + problem);
        });
        return this;
    }

    /** Preflight, plan and everything; problems are left to be asked for. */
    void attempt() {
        restore.preflight(this);
        afterPreflight.run();
        List<ItemDraft> items = new ArrayList<>(restore.plan(this));
        items.addAll(restore.planComparison(this));
        items.addAll(restore.planEnd(this, List.copyOf(items)));
        labels = items.stream().map(ItemDraft::label).toList();
        add(items);
        drain(this::execute);
    }

    /** What the plan calls its items. */
    List<String> labels() {
        return labels;
    }

    /** Executes what failed and what is left, as a restart does; fails with the first problem. */
    MysqlRestoreRun goOn() {
        reopen();
        drain(this::execute);
        problems().forEach((key, problem) -> {
            throw new AssertionError(key + ": " + problem);
        });
        return this;
    }

    /** Lets something happen before the first item of a kind of a database, once. */
    MysqlRestoreRun before(String kind, String database, Runnable action) {
        before.put(kind + " " + database, action);
        return this;
    }

    /** Lets something happen when the first item of a kind of a database is done and no other has begun that needs it, once. */
    MysqlRestoreRun after(String kind, String database, Runnable action) {
        after.put(kind + " " + database, action);
        return this;
    }

    MysqlRestoreRun afterPreflight(Runnable action) {
        afterPreflight = action;
        return this;
    }

    /** Ends an execution in which something has failed. */
    void stop() {
        restore.warnOfLacks(this);
    }

    /** Makes the target one that lives for this run alone. */
    MysqlRestoreRun intoThrowaway() {
        throwaway = true;
        return this;
    }

    /** Preflight as a restart does it: without databases that are finished. */
    void preflightWithout(String finished) {
        RestoreSpec whole = spec;
        Map<String, String> left = new HashMap<>(whole.databases());
        left.remove(finished);
        spec = whole.of(left);
        restore.preflight(this);
        spec = whole;
    }

    /** Executes the last item of a kind once more, as an attempt does that was given up for lost and goes on. */
    void late(String kind) {
        restore.execute(this, last.get(kind), more -> {});
    }

    private ItemResult execute(WorkItem item) {
        last.put(item.kind(), item);
        Optional.ofNullable(before.remove(item.kind() + " " + item.database())).ifPresent(Runnable::run);
        ItemResult result = restore.execute(this, item, more -> {});
        ItemResult last = twice ? restore.execute(this, item, more -> {}) : result;
        Optional.ofNullable(after.remove(item.kind() + " " + item.database())).ifPresent(Runnable::run);
        return last;
    }

    /** Tables that are not what they were, after all were compared. */
    List<TableComparison> differences() {
        return comparisons().stream().filter(comparison -> !comparison.equal()).toList();
    }

    List<TableComparison> comparisons() {
        List<TableComparison> found = new ArrayList<>();
        spec.databases().keySet().forEach(database ->
                results(database, restore.comparisonKind(), done -> found.add(done.result(TableComparison.class))));
        return found;
    }

    /** The database into which the first one is filled. */
    String temporary() {
        return "dbbackup_restoring_%08x_0".formatted((int) run().getLeastSignificantBits());
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

    @Override
    public boolean throwaway() {
        return throwaway;
    }
}
