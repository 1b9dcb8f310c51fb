package io.dbbackup.service.backup;

import io.dbbackup.catalog.BackupSets;
import io.dbbackup.catalog.ItemView;
import io.dbbackup.catalog.Runs;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.ItemState;
import io.dbbackup.model.Problem;
import io.dbbackup.model.ServerFacts;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.BackupManifest.MissingDatabase;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.model.manifest.SetHeader;
import io.dbbackup.service.Product;
import io.dbbackup.service.run.Execution;
import io.dbbackup.service.run.Failures;
import io.dbbackup.service.run.SealOutcome;
import io.dbbackup.service.set.SetPublication;
import io.dbbackup.spi.LogicalBackup;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Publishes a backup set: checks that every item is done and every blob is in the store with its size, then writes the
 * manifest, the commit point.
 */
@ApplicationScoped
public class BackupSealer {
    private static final String NOT_DONE = "not done";

    private WorkQueue queue;
    private Runs runs;
    private BackupSets sets;
    private Clock clock;

    protected BackupSealer() {}

    @Inject
    public BackupSealer(WorkQueue queue, Runs runs, BackupSets sets, Clock clock) {
        this.queue = queue;
        this.runs = runs;
        this.sets = sets;
        this.clock = clock;
    }

    SealOutcome seal(
            Execution execution, BackupRunContext context, BackupParameters parameters, ServerFacts facts, String zone) {
        UUID run = execution.run();
        Optional<Problem> failed = Failures.of(queue, run);
        List<DatabaseEntry> databases = entries(run, context);
        boolean publishable = parameters.spec().continueOnError() && !databases.isEmpty();
        if (failed.isPresent() && !publishable) {
            return SealOutcome.failed(failed.get(), Map.of("databases", databases.size()));
        }
        Optional<BlobRef> globals = globals(run, context);
        Map<String, String> reasons = reasons(run);
        BackupManifest made = new BackupManifest(
                BackupManifest.FORMAT,
                context.set().encryption().isPresent() ? SetHeader.VERSION : BackupManifest.VERSION,
                execution.view().set().orElseGet(() -> runs.get(run).set().orElseThrow()),
                parameters.source(),
                run,
                Product.NAME_AND_VERSION,
                execution.view().startedAt().orElseThrow(),
                clock.instant(),
                zone,
                facts,
                context.engine().logicalBackup().consistency(databases),
                failed.isEmpty() && parameters.spec().selection().whole() && !parameters.someDatabases()
                        && databases.stream().noneMatch(DatabaseEntry::besideRestore),
                globals,
                databases,
                missing(run, context, databases, reasons),
                Optional.empty(),
                Optional.of(parameters.spec().selection()).filter(selection -> !selection.whole()),
                parameters.someDatabases(),
                Optional.of(reasons.getOrDefault("", NOT_DONE)).filter(any -> parameters.spec().globals() && globals.isEmpty()));
        BackupManifest manifest = publish(execution, context, parameters, made);
        failed = failed.or(() -> late(made, manifest));
        BackupSummary summary = BackupSummary.of(manifest, failed.map(Problem::cause));
        return failed.map(problem -> SealOutcome.partial(
                        new Problem(ErrorCode.PARTIAL_SUCCESS, problem.cause(), problem.remedy()), summary))
                .orElseGet(() -> SealOutcome.completed(!runs.warnings(run).isEmpty(), summary));
    }

    /** Of a set that was published by an execution that was killed right after it: what was done since did not get into it. */
    private static Optional<Problem> late(BackupManifest made, BackupManifest published) {
        Stream<String> globals = published.globals().isPresent() ? Stream.empty() : made.globals().map(any -> "its globals").stream();
        Stream<String> databases =
                published.missing().stream().map(database -> "\"" + database.name() + "\" (" + database.reason() + ")");
        String lacking = Stream.concat(globals, databases).collect(Collectors.joining(", "));
        return Optional.of(new Problem(
                        ErrorCode.PARTIAL_SUCCESS,
                        "the set " + published.set() + " was published without " + lacking,
                        "Start a new backup."))
                .filter(problem -> !lacking.isEmpty());
    }

    private List<DatabaseEntry> entries(UUID run, BackupRunContext context) {
        String closeKind = context.engine().logicalBackup().closeKind();
        List<DatabaseEntry> entries = new ArrayList<>();
        for (String database : queue.databases(run, closeKind, EnumSet.of(ItemState.DONE))) {
            queue.results(run, database, closeKind, item -> entries.add(item.result(DatabaseEntry.class)));
        }
        return entries;
    }

    private Optional<BlobRef> globals(UUID run, BackupRunContext context) {
        List<BlobRef> found = new ArrayList<>();
        queue.results(run, "", context.engine().logicalBackup().globalsKind(), i -> found.add(i.result(BlobRef.class)));
        return found.stream().findFirst();
    }

    /** Why databases are not done, by their names; of the globals by none. */
    private Map<String, String> reasons(UUID run) {
        Map<String, String> reasons = new HashMap<>();
        for (ItemView failure : queue.failures(run, 10_000)) {
            reasons.putIfAbsent(failure.database(), failure.problem().map(Problem::cause).orElse("failed"));
        }
        return reasons;
    }

    private List<MissingDatabase> missing(
            UUID run, BackupRunContext context, List<DatabaseEntry> databases, Map<String, String> reasons) {
        LogicalBackup backup = context.engine().logicalBackup();
        List<String> present = databases.stream().map(DatabaseEntry::name).toList();
        return queue.databases(run, backup.openKind(), EnumSet.allOf(ItemState.class)).stream()
                .filter(name -> !present.contains(name))
                .map(name -> new MissingDatabase(name, reasons.getOrDefault(name, NOT_DONE)))
                .toList();
    }

    private BackupManifest publish(
            Execution execution, BackupRunContext context, BackupParameters parameters, BackupManifest manifest) {
        execution.cancellation().check();
        SetPublication.Published published = new SetPublication(
                        context.store(), context.prefix(), context.set(),
                        database -> blobs(execution.run(), context, database))
                .publish(manifest);
        sets.enter(published.header(), parameters.store(), parameters.policy(), published.sha256());
        return published.manifest();
    }

    private List<BlobRef> blobs(UUID run, BackupRunContext context, String database) {
        LogicalBackup backup = context.engine().logicalBackup();
        List<BlobRef> blobs = new ArrayList<>();
        for (String kind : queue.kinds(run, database)) {
            queue.results(run, database, kind, item -> blobs.addAll(backup.blobsOf(kind, item)));
        }
        return blobs;
    }
}
