package io.dbbackup.service.backup;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.BackupSets;
import io.dbbackup.catalog.Configuration;
import io.dbbackup.catalog.RunDraft;
import io.dbbackup.catalog.Runs;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.ItemState;
import io.dbbackup.model.Omission;
import io.dbbackup.model.Operation;
import io.dbbackup.model.Problem;
import io.dbbackup.model.Selection;
import io.dbbackup.model.ServerFacts;
import io.dbbackup.model.SetId;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.model.manifest.Reused;
import io.dbbackup.pipeline.Codecs;
import io.dbbackup.service.access.Access;
import io.dbbackup.service.copy.SetCopier;
import io.dbbackup.service.run.Execution;
import io.dbbackup.service.run.Parameters;
import io.dbbackup.service.run.RunHandler;
import io.dbbackup.service.run.SealOutcome;
import io.dbbackup.service.set.BlobSetWriter;
import io.dbbackup.service.set.SameRecipients;
import io.dbbackup.service.set.Strays;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.DatabaseEngine;
import io.dbbackup.spi.ItemDraft;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.LogicalBackup;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.WorkItem;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The backup operation: preflight and items by the engine, blobs into the store, the manifest last. */
@ApplicationScoped
public class BackupHandler implements RunHandler {
    private static final String CONTEXT = "backup";
    private static final String FACTS = "backup.facts";
    /** A database starts again at most so often in one execution when its snapshot is lost. */
    private static final int MAX_SNAPSHOTS = 3;
    /** Names in a warning. */
    private static final int SHOWN = 20;

    private Configuration configuration;
    private Access access;
    private WorkQueue queue;
    private Runs runs;
    private BackupSets sets;
    private BackupSealer sealer;
    private BackupCopies copies;

    protected BackupHandler() {}

    @Inject
    public BackupHandler(
            Configuration configuration,
            Access access,
            WorkQueue queue,
            Runs runs,
            BackupSets sets,
            BackupSealer sealer,
            BackupCopies copies) {
        this.configuration = configuration;
        this.access = access;
        this.queue = queue;
        this.runs = runs;
        this.sets = sets;
        this.sealer = sealer;
        this.copies = copies;
    }

    @Override
    public Operation operation() {
        return Operation.BACKUP;
    }

    @Override
    public RunDraft check(Parameters given) {
        Map<String, String> resolved = BackupParameters.resolve(given, configuration);
        BackupParameters parameters = BackupParameters.of(new Parameters(resolved));
        access.keys().checkNames(parameters.encrypt());
        refuseClear(parameters);
        copies.check(parameters);
        return new RunDraft(
                Operation.BACKUP,
                label(parameters),
                Optional.of(parameters.source()),
                Optional.of(parameters.store()),
                parameters.policy(),
                Optional.empty(),
                resolved);
    }

    /** Runs of the same label do not run side by side. */
    private static String label(BackupParameters parameters) {
        List<Omission> omissions = parameters.spec().selection().omissions();
        return "backup of " + parameters.source() + " to " + parameters.store()
                + (omissions.isEmpty() ? "" : " (" + Selection.text(omissions) + ")");
    }

    @Override
    public void plan(Execution execution) {
        BackupParameters parameters = BackupParameters.of(execution.parameters());
        if (copies.only(execution, parameters)) {
            copies.resume(execution, parameters);
            return;
        }
        access.reserveConnections(parameters.source(), execution);
        Endpoint source = access.endpoint(parameters.source());
        DatabaseEngine engine = access.engine(source.engine());
        String set = execution.view().set().orElseGet(() -> nameSet(execution, engine.describe(source), parameters));
        BackupRunContext context = open(execution, parameters, source, engine, set);
        refuseClear(parameters);
        warnOfClear(execution, parameters);
        context.store().probe();
        refuseGone(execution, context, parameters);
        LogicalBackup backup = engine.logicalBackup();
        ServerFacts facts = backup.preflight(context);
        execution.hold(FACTS, HeldFacts.class, () -> new HeldFacts(facts));
        context.set().publishKey(execution.view().startedAt().orElseThrow());
        Optional<EarlierSet> earlier = new EarlierSetSearch(
                        execution, parameters, context.store(), context.set().encryption(), () -> access.keys().atHand(), sets,
                        runs)
                .find();
        context.reuse(earlier);
        if (queue.planned(execution.run())) {
            reopen(execution, context, parameters);
        } else {
            List<ItemDraft> items = backup.plan(context);
            if (earlier.isEmpty()) {
                refuseFullStore(context, parameters, items.stream().mapToLong(ItemDraft::bytes).sum());
            }
            // before, since a restart finds the list and does not look again
            warnOfNothing(execution, parameters, items.stream().noneMatch(item -> item.kind().equals(backup.openKind())));
            queue.add(execution.run(), items);
        }
    }

    private void refuseClear(BackupParameters parameters) {
        if (!parameters.encrypt().isEmpty()) {
            return;
        }
        boolean bySource = configuration.source(parameters.source()).requireEncryption();
        if (bySource || configuration.requireEncryption()) {
            throw new BackupException(
                    ErrorCode.ENCRYPTION_REQUIRED,
                    "the backup of " + parameters.source() + " would not be encrypted, and "
                            + (bySource ? "the source demands encryption" : "the configuration demands encryption everywhere"),
                    "Name keys to encrypt for: encrypt in the policy, or the parameter encrypt.");
        }
    }

    /**
     * A set that an earlier execution has published is of one instant and under one id. When it is gone from the store, this run can
     * neither go on with it nor make another: copies would be completed, or emptied, by what is none of theirs.
     */
    private void refuseGone(Execution execution, BackupRunContext context, BackupParameters parameters) {
        if (copies.published(execution)
                && context.store().stat(context.prefix() + BackupManifest.BLOB_NAME).isEmpty()) {
            throw new BackupException(
                    ErrorCode.RUN_NOT_RESTARTABLE,
                    "backup set " + context.prefix() + ", which this run has published, is no longer in store \""
                            + parameters.store() + "\"",
                    "Start a new backup. Where another store has the set, dbbackup copy makes further copies of it.");
        }
    }

    private void warnOfClear(Execution execution, BackupParameters parameters) {
        if (parameters.encrypt().isEmpty() && !access.keys().isEmpty()) {
            execution.warn("THIS BACKUP IS NOT ENCRYPTED although keys are configured: whoever reads the store \""
                    + parameters.store() + "\" reads the data of " + parameters.source()
                    + ". Name keys in the policy (encrypt: [...]).");
        }
    }

    /** A new server, or one that has lost everything, or another one than was meant: nobody can tell from here. */
    private void warnOfNothing(Execution execution, BackupParameters parameters, boolean nothing) {
        if (nothing) {
            Optional<BackupSetView> newest =
                    sets.latest(parameters.source(), Optional.empty()).filter(set -> set.databases() > 0);
            execution.warn("THERE IS NO DATABASE TO BACK UP in " + parameters.source()
                    + (parameters.spec().excludedDatabases().isEmpty() ? "" : " but those that are excluded")
                    + ": this set takes the place of none that has databases. "
                    + newest.map(set -> "The newest of these is " + set.id() + " of " + set.takenAt() + " (" + set.databasesText()
                                    + "): find out whether they are lost, or this is another server than was meant.")
                            .orElse("Find out whether this is the server that was meant."));
        }
    }

    private String nameSet(Execution execution, ServerFacts facts, BackupParameters parameters) {
        ZoneId zone = ZoneId.of(zoneOf(parameters, facts));
        Instant startedAt = execution.view().startedAt().orElseThrow();
        String set = SetId.of(startedAt, zone, execution.run()).value();
        runs.set(execution.run(), set);
        return set;
    }

    private String zoneOf(BackupParameters parameters, ServerFacts facts) {
        SourceConfig source = configuration.source(parameters.source());
        return source.zone().orElse(facts.zone());
    }

    private BackupRunContext open(
            Execution execution, BackupParameters parameters, Endpoint source, DatabaseEngine engine, String set) {
        return execution.hold(CONTEXT, BackupRunContext.class, () -> {
            BlobStore store = access.store(parameters.store(), execution);
            String prefix = BackupSetView.prefix(parameters.source(), set);
            BlobSetWriter writer = new BlobSetWriter(
                    store, prefix, Codecs.byName(parameters.codec()), parameters.level(), execution.cancellation(),
                    BlobSetWriter.Encryption.newKey(set, access.keys().recipients(parameters.encrypt())));
            return new BackupRunContext(execution, engine, source, parameters.spec(), store, writer, prefix);
        });
    }

    /**
     * Databases that are complete stay; the others lost their snapshot and start again, without their old blobs. So do those that
     * refer to a set that was deleted meanwhile, and what was encrypted for a key that was replaced meanwhile: a set is opened with
     * all of its keys or not at all. Once the set is published, though, every database in it stays whatever became of
     * the others: its manifest names what would be deleted here.
     */
    private void reopen(Execution execution, BackupRunContext context, BackupParameters parameters) {
        UUID run = execution.run();
        LogicalBackup backup = context.engine().logicalBackup();
        Map<String, Set<String>> references = new HashMap<>();
        Map<String, Boolean> readable = new HashMap<>();
        Predicate<BlobRef> ours = ours(context);
        for (String database : queue.databases(run, backup.closeKind(), EnumSet.of(ItemState.DONE))) {
            queue.results(run, database, backup.closeKind(), item -> {
                DatabaseEntry entry = item.result(DatabaseEntry.class);
                references.put(database, entry.reuses().stream().map(Reused::set).collect(Collectors.toSet()));
                readable.put(database, ours.test(entry.manifest()));
            });
        }
        Set<String> all = references.values().stream().flatMap(Set::stream).collect(Collectors.toSet());
        Set<String> there =
                EarlierSet.stillThere(execution, context.store(), parameters.store(), all, sets, runs);
        boolean published = context.store().stat(context.prefix() + BackupManifest.BLOB_NAME).isPresent();
        List<String> complete = references.keySet().stream()
                .filter(database -> published
                        || there.containsAll(references.get(database)) && readable.get(database))
                .toList();
        queue.reopen(run);
        if (!published) {
            readable.forEach((database, is) -> warnOfKey(execution, is, "database \"" + database + "\" was"));
            globalsAgain(execution, context, ours);
        }
        List<String> again = queue.databases(run, backup.openKind(), EnumSet.allOf(ItemState.class)).stream()
                .filter(database -> !complete.contains(database))
                .toList();
        again.forEach(database -> startAgain(run, context, database));
        if (!complete.isEmpty() && !again.isEmpty()) {
            execution.warn("the databases of this set are of different moments (consistency: " + LogicalBackup.PER_DATABASE + "): "
                    + shown(complete) + " stay as an earlier execution of this run has read them, " + shown(again)
                    + " are read now. Where they must agree with each other, take a new backup");
        }
    }

    private static String shown(List<String> databases) {
        return databases.stream().sorted().limit(SHOWN).map(name -> "\"" + name + "\"").collect(Collectors.joining(", "))
                + (databases.size() > SHOWN ? " and " + (databases.size() - SHOWN) + " more" : "");
    }

    /** Whether a blob of an earlier execution is opened by those that this one encrypts for. */
    private Predicate<BlobRef> ours(BackupRunContext context) {
        return context.set().encryption()
                .map(now -> new SameRecipients(now, () -> access.keys().atHand()))
                .<Predicate<BlobRef>>map(same -> blob -> same.wrote(blob, context.store(), context.prefix()))
                .orElse(blob -> true);
    }

    private void globalsAgain(Execution execution, BackupRunContext context, Predicate<BlobRef> ours) {
        String kind = context.engine().logicalBackup().globalsKind();
        boolean[] readable = {true};
        queue.results(execution.run(), "", kind, item -> readable[0] &= ours.test(item.result(BlobRef.class)));
        warnOfKey(execution, readable[0], "the globals were");
        if (!readable[0]) {
            startAgain(execution.run(), context, "", kind);
        }
    }

    private static void warnOfKey(Execution execution, boolean readable, String what) {
        if (!readable) {
            execution.warn(what + " encrypted for a key that was replaced since, and started again with the present one");
        }
    }

    private void startAgain(UUID run, BackupRunContext context, String database) {
        startAgain(run, context, database, context.engine().logicalBackup().openKind());
    }

    private void startAgain(UUID run, BackupRunContext context, String database, String openKind) {
        LogicalBackup backup = context.engine().logicalBackup();
        for (String kind : queue.kinds(run, database)) {
            queue.results(run, database, kind, item -> backup.blobsOf(kind, item)
                    .forEach(blob -> Strays.delete(context.store(), context.prefix() + blob.name())));
        }
        queue.startDatabaseAgain(run, database, openKind);
    }

    /** Compressed size is unknown beforehand: the last set of the source says best, a tenth of the data otherwise. */
    private void refuseFullStore(BackupRunContext context, BackupParameters parameters, long plainBytes) {
        if (!parameters.spec().selection().whole()) {
            // how much a part of it is nobody knows
            return;
        }
        // the latest set tells nothing of a run that takes fewer databases
        long expected = Optional.of(parameters.source())
                .filter(source -> !parameters.someDatabases())
                .flatMap(source -> sets.latest(source, Optional.empty()))
                .stream()
                .mapToLong(BackupSetView::storedBytes)
                .findFirst()
                .orElse(plainBytes / 10);
        long free = context.store().freeBytes().orElse(Long.MAX_VALUE);
        if (free < expected) {
            throw new BackupException(
                    ErrorCode.STORE_FULL,
                    "store \"" + parameters.store() + "\" has " + free + " bytes free; the backup of "
                            + parameters.source() + " is expected to need about " + expected,
                    "Free space in the store, expire old backup sets, or use another store.");
        }
    }

    @Override
    public ItemResult execute(Execution execution, WorkItem item, Progress progress) {
        if (item.kind().equals(SetCopier.KIND)) {
            return copies.execute(execution, item, progress);
        }
        BackupRunContext context = context(execution);
        String source = BackupParameters.of(execution.parameters()).source();
        return context.engine().logicalBackup().execute(context, item, access.limited(source, execution, progress));
    }

    @Override
    public boolean continueOnError(Execution execution) {
        // a copy that fails must not keep the others
        return BackupParameters.of(execution.parameters()).spec().continueOnError() || copies.begun(execution);
    }

    @Override
    public boolean mayRecover(Problem problem) {
        return problem.code() == ErrorCode.SNAPSHOT_LOST;
    }

    @Override
    public boolean recover(Execution execution, WorkItem item, Problem problem) {
        if (!mayRecover(problem)) {
            return false;
        }
        BackupRunContext context = context(execution);
        String openKind = context.engine().logicalBackup().openKind();
        if (queue.attempts(execution.run(), item.database(), openKind)
                >= MAX_SNAPSHOTS * execution.view().executions()) {
            return false;
        }
        startAgain(execution.run(), context, item.database());
        execution.warn("database \"" + item.database() + "\" lost its snapshot and is to be read again from its beginning, at a later moment than the databases"
                + " read before it: " + problem.cause());
        return true;
    }

    @Override
    public SealOutcome seal(Execution execution) {
        BackupParameters parameters = BackupParameters.of(execution.parameters());
        if (copies.begun(execution)) {
            return copies.seal(execution, parameters);
        }
        ServerFacts facts = execution.hold(FACTS, HeldFacts.class, () -> {
                    throw new IllegalStateException("sealing without a preflight in this execution");
                })
                .facts();
        context(execution).engine().logicalBackup().end(context(execution));
        SealOutcome sealed = sealer.seal(execution, context(execution), parameters, facts, zoneOf(parameters, facts));
        boolean more = sealed.result() != SealOutcome.Result.FAILED && !parameters.copies().isEmpty();
        return more ? copies.begin(execution, parameters, sealed) : sealed;
    }

    private static BackupRunContext context(Execution execution) {
        return execution.hold(CONTEXT, BackupRunContext.class, () -> {
            throw new IllegalStateException("backup work without a plan in this execution");
        });
    }

    private record HeldFacts(ServerFacts facts) implements AutoCloseable {
        @Override
        public void close() {
            // a value; nothing to close
        }
    }
}
