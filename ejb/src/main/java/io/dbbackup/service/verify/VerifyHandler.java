package io.dbbackup.service.verify;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.BackupSets;
import io.dbbackup.catalog.Finding;
import io.dbbackup.catalog.ItemView;
import io.dbbackup.catalog.RunDraft;
import io.dbbackup.catalog.Verifications;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.Omission;
import io.dbbackup.model.Operation;
import io.dbbackup.model.VerifyLevel;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.service.access.Access;
import io.dbbackup.service.run.Execution;
import io.dbbackup.service.run.Parameters;
import io.dbbackup.service.run.RunHandler;
import io.dbbackup.service.run.SealOutcome;
import io.dbbackup.spi.DatabaseEngine;
import io.dbbackup.spi.ItemDraft;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.WorkItem;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;

/** The verify operation: looks at everything in spite of damage, and gives a verdict only when it has seen everything. */
@ApplicationScoped
public class VerifyHandler implements RunHandler {
    private static final String SET = "verify.set";

    private Access access;
    private WorkQueue queue;
    private BackupSets sets;
    private Verifications verifications;
    private VerifyReporter reporter;

    protected VerifyHandler() {}

    @Inject
    public VerifyHandler(
            Access access, WorkQueue queue, BackupSets sets, Verifications verifications, VerifyReporter reporter) {
        this.access = access;
        this.queue = queue;
        this.sets = sets;
        this.verifications = verifications;
        this.reporter = reporter;
    }

    @Override
    public Operation operation() {
        return Operation.VERIFY;
    }

    @Override
    public RunDraft check(Parameters given) {
        VerifyParameters parameters = VerifyParameters.of(given);
        BackupSets.Resolved found = sets.resolve(parameters.set(), parameters.store());
        BackupSetView set = found.set();
        if (parameters.level() == VerifyLevel.RESTORE && set.omissions().contains(Omission.DEFINITIONS)) {
            throw Parameters.invalid(
                    "set " + set.id() + " is data-only: it has no definitions that an empty server could take",
                    "Verify it with level=content, or restore it into databases that have its tables.");
        }
        String level = parameters.level().name().toLowerCase(Locale.ROOT);
        Map<String, String> resolved = new TreeMap<>(given.asMap());
        resolved.put("set", set.id());
        resolved.put("store", set.store());
        resolved.put("level", level);
        return new RunDraft(
                Operation.VERIFY,
                "verification of " + set.source() + " " + set.id()
                        + parameters.store().map(store -> " in " + store).orElse("") + " (" + level + ")",
                Optional.of(set.source()),
                Optional.of(set.store()),
                Optional.empty(),
                Optional.of(set.id()),
                resolved,
                found.warnings());
    }

    @Override
    public void plan(Execution execution) {
        UUID run = execution.run();
        VerifyParameters parameters = VerifyParameters.of(execution.parameters());
        OpenSet set = open(execution, parameters);
        if (verifications.ofRun(run).isPresent()) {
            // its verdict stands; whoever restarts it wants another look
            queue.clear(run);
        }
        if (!queue.planned(run)) {
            queue.add(run, new VerifyPlan(set, parameters, execution.cancellation()).items());
            return;
        }
        queue.dropAllBut(run, VerifyKind.LASTING);
        queue.reopen(run);
        // without the set's manifest nothing else was planned, and its item yields the sandbox too
        if (parameters.level() == VerifyLevel.RESTORE && beside(run)) {
            queue.add(run, List.of(VerifyPlan.sandbox(keys(run))));
        }
    }

    /** Whether more than the look at the set's manifest was planned. */
    private boolean beside(UUID run) {
        return queue.kinds(run, "").contains(VerifyKind.EXTRAS);
    }

    private Set<String> keys(UUID run) {
        Set<String> keys = new HashSet<>();
        long after = 0;
        for (List<ItemView> page = queue.list(run, Optional.empty(), after, 1000);
                !page.isEmpty();
                page = queue.list(run, Optional.empty(), after, 1000)) {
            page.forEach(item -> keys.add(item.key()));
            after = page.get(page.size() - 1).id();
        }
        return keys;
    }

    private OpenSet open(Execution execution, VerifyParameters parameters) {
        return execution.hold(SET, OpenSet.class, () -> {
            BackupSetView view = sets.get(parameters.set(), parameters.store());
            return new OpenSet(
                    view, access.store(view.store(), execution), access.keys(), parameters.level() == VerifyLevel.STORED);
        });
    }

    @Override
    public ItemResult execute(Execution execution, WorkItem item, Progress progress) {
        VerifyParameters parameters = VerifyParameters.of(execution.parameters());
        OpenSet set = open(execution, parameters);
        DatabaseEngine engine = access.engine(set.view().engine());
        return switch (item.kind()) {
            case VerifyKind.MANIFEST -> looked(
                    ManifestCheck.ofSet(set),
                    () -> beside(item.run())
                            ? List.of()
                            : new VerifyPlan(set, parameters, execution.cancellation()).besideManifest());
            case VerifyKind.EXTRAS -> looked(new ExtrasCheck(set, execution.cancellation()).check(), List::of);
            case VerifyKind.DATABASE -> {
                DatabaseEntry entry = set.entry(item.database());
                yield looked(
                        ManifestCheck.ofDatabase(set, entry),
                        () -> queue.kinds(item.run(), entry.name()).contains(VerifyKind.ofBlobs(parameters.level()))
                                ? List.of()
                                : new VerifyPlan(set, parameters, execution.cancellation())
                                        .ranges(entry.name(), set.databases().indexOf(entry)));
            }
            case VerifyKind.GLOBALS -> {
                BlobRef globals = set.globals().orElseThrow();
                if (parameters.level() == VerifyLevel.CONTENT) {
                    ContentCheck check = new ContentCheck(set, engine, execution.cancellation(), progress);
                    check.check("", globals);
                    yield new ItemResult(globals.plainBytes(), globals.storedBytes(), 0, check.result(), List.of());
                }
                yield stored(execution, set, progress, "", List.of(globals));
            }
            case VerifyKind.STORED -> {
                BlobRange range = item.payload(BlobRange.class);
                List<BlobRef> blobs = range.of(set.database(range.database()).manifest().blobs());
                yield stored(execution, set, progress, range.database(), blobs);
            }
            case VerifyKind.CONTENT -> {
                BlobRange range = item.payload(BlobRange.class);
                DatabaseIndex index = set.database(range.database());
                ContentCheck check = new ContentCheck(set, engine, execution.cancellation(), progress);
                List<BlobRef> blobs = range.of(index.manifest().blobs());
                blobs.forEach(blob -> check.check(index, range.database(), blob));
                yield new ItemResult(
                        blobs.stream().mapToLong(BlobRef::plainBytes).sum(),
                        blobs.stream().mapToLong(BlobRef::storedBytes).sum(),
                        check.rows(),
                        check.result(),
                        List.of());
            }
            case VerifyKind.SANDBOX -> Sandboxes.start(execution, parameters, set, engine);
            default -> engine.logicalRestore().execute(Sandboxes.of(execution), item, progress);
        };
    }

    private static ItemResult stored(
            Execution execution, OpenSet set, Progress progress, String database, List<BlobRef> blobs) {
        StoredCheck check = new StoredCheck(set, execution.cancellation(), progress);
        List<Finding> findings = new ArrayList<>();
        blobs.forEach(blob -> check.check(database, blob).ifPresent(findings::add));
        long bytes = blobs.stream().mapToLong(BlobRef::storedBytes).sum();
        return new ItemResult(bytes, bytes, 0, Looked.at(findings), List.of());
    }

    /** @param leftOut what planning left out for want of the manifest that was looked at */
    private static ItemResult looked(List<Finding> findings, Supplier<List<ItemDraft>> leftOut) {
        Looked looked = Looked.at(findings);
        try {
            return new ItemResult(0, 0, 0, looked, leftOut.get());
        } catch (BackupException e) {
            if (looked.damaged() && Damage.is(e.code())) {
                return ItemResult.of(looked);
            }
            throw e;
        }
    }

    @Override
    public boolean continueOnError(Execution execution) {
        return true;
    }

    @Override
    public SealOutcome seal(Execution execution) {
        execution.cancellation().check();
        VerifyParameters parameters = VerifyParameters.of(execution.parameters());
        OpenSet set = open(execution, parameters);
        Sandboxes.destroy(execution);
        return reporter.seal(execution, parameters, set, access.engine(set.view().engine()));
    }
}
