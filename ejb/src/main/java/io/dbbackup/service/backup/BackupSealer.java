package io.dbbackup.service.backup;

import io.dbbackup.catalog.BackupSets;
import io.dbbackup.catalog.ItemView;
import io.dbbackup.catalog.Runs;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.crypto.SetKeys;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.ItemState;
import io.dbbackup.model.Problem;
import io.dbbackup.model.ServerFacts;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.BackupManifest.MissingDatabase;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.model.manifest.SetHeader;
import io.dbbackup.model.manifest.StoredBlob;
import io.dbbackup.service.Product;
import io.dbbackup.service.run.Execution;
import io.dbbackup.service.run.Failures;
import io.dbbackup.service.run.SealOutcome;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.service.set.ManifestFile;
import io.dbbackup.spi.LogicalBackup;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Publishes a backup set: checks that every item is done and every blob is in the store with its size, then writes the
 * manifest, the commit point.
 */
@ApplicationScoped
public class BackupSealer {
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
        BackupManifest manifest = publish(execution, context, parameters, new BackupManifest(
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
                "per-database",
                failed.isEmpty(),
                globals(run, context),
                databases,
                missing(run, context, databases)));
        BackupSummary summary = BackupSummary.of(manifest);
        if (failed.isEmpty() && !manifest.complete()) {
            // published by an execution that was killed right after it; what was done since did not get into the set
            failed = Optional.of(new Problem(
                    ErrorCode.PARTIAL_SUCCESS,
                    "the set " + manifest.set() + " was published without " + manifest.missing().stream()
                            .map(database -> "\"" + database.name() + "\" (" + database.reason() + ")")
                            .collect(Collectors.joining(", ")),
                    "Start a new backup."));
        }
        return failed.map(problem -> SealOutcome.partial(
                        new Problem(ErrorCode.PARTIAL_SUCCESS, problem.cause(), problem.remedy()), summary))
                .orElseGet(() -> SealOutcome.completed(!runs.warnings(run).isEmpty(), summary));
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

    private List<MissingDatabase> missing(UUID run, BackupRunContext context, List<DatabaseEntry> databases) {
        LogicalBackup backup = context.engine().logicalBackup();
        List<String> present = databases.stream().map(DatabaseEntry::name).toList();
        Map<String, String> reasons = new HashMap<>();
        for (ItemView failure : queue.failures(run, 10_000)) {
            reasons.putIfAbsent(failure.database(), failure.problem().map(Problem::cause).orElse("failed"));
        }
        return queue.databases(run, backup.openKind(), EnumSet.allOf(ItemState.class)).stream()
                .filter(name -> !present.contains(name))
                .map(name -> new MissingDatabase(name, reasons.getOrDefault(name, "not done")))
                .toList();
    }

    private BackupManifest publish(
            Execution execution, BackupRunContext context, BackupParameters parameters, BackupManifest manifest) {
        execution.cancellation().check();
        SetHeader header = checkStored(execution.run(), context, manifest);
        try {
            BlobRef stored = header.encryption().isPresent()
                    ? context.set().seal(header, manifest)
                    : context.set().seal(manifest);
            sets.enter(header, parameters.store(), parameters.policy(), stored.storedSha256());
            return manifest;
        } catch (BackupException e) {
            if (e.code() != ErrorCode.BLOB_EXISTS) {
                throw e;
            }
            // an earlier execution was killed between publishing the set and entering it into the catalog
            ManifestFile published = BlobSetReader.file(context.store(), context.prefix(), Optional.empty());
            if (!published.header().run().equals(execution.run())) {
                throw e;
            }
            sets.enter(published.header(), parameters.store(), parameters.policy(), published.sha256());
            return published.encrypted() ? asPublished(manifest, published.header()) : published.manifest(SetKeys.NONE);
        }
    }

    /** What was published, as far as it can be told without the key that died with the earlier execution. */
    private static BackupManifest asPublished(BackupManifest manifest, SetHeader published) {
        Set<String> names =
                published.databases().stream().map(SetHeader.Database::name).collect(Collectors.toSet());
        List<MissingDatabase> missing = new ArrayList<>(manifest.missing());
        manifest.databases().stream()
                .filter(entry -> !names.contains(entry.name()))
                .forEach(entry -> missing.add(new MissingDatabase(entry.name(), "was done after the set was published")));
        return new BackupManifest(
                manifest.format(), manifest.version(), manifest.set(), manifest.source(), manifest.run(),
                published.product(), published.startedAt(), published.sealedAt(), manifest.zone(), manifest.server(),
                manifest.consistency(), published.complete(), manifest.globals(),
                manifest.databases().stream().filter(entry -> names.contains(entry.name())).toList(), missing);
    }

    /**
     * Compares every blob's size with the store, by the databases' manifests (which checks their digests), or, when these
     * are encrypted, by the receipts. What a worker stored that was killed before it could say so belongs to nothing and is
     * removed.
     */
    private SetHeader checkStored(UUID run, BackupRunContext context, BackupManifest manifest) {
        Map<String, Long> stored = new HashMap<>();
        context.store().list(context.prefix(), blob -> stored.put(blob.name(), blob.bytes()));
        Set<String> named = new HashSet<>();
        Consumer<StoredBlob> check = blob -> {
            check(context, stored, blob);
            named.add(context.prefix() + blob.name());
        };
        SetHeader header;
        if (context.set().encryption().isPresent()) {
            header = EncryptedSets.header(run, context, queue, manifest, check, stored, named);
        } else {
            BlobSetReader reader = BlobSetReader.of(context.store(), context.prefix(), manifest);
            manifest.globals().map(StoredBlob::of).ifPresent(check);
            for (DatabaseEntry database : manifest.databases()) {
                check.accept(StoredBlob.of(database.manifest()));
                reader.database(database).blobs().forEach(blob -> check.accept(StoredBlob.of(blob)));
            }
            header = SetHeader.of(manifest);
        }
        if (!stored.containsKey(context.prefix() + BackupManifest.BLOB_NAME)) {
            stored.keySet().stream().filter(name -> !named.contains(name)).forEach(context.store()::delete);
        }
        return header;
    }

    private static void check(BackupRunContext context, Map<String, Long> stored, StoredBlob blob) {
        Long size = stored.get(context.prefix() + blob.name());
        if (size == null || size != blob.storedBytes()) {
            throw new BackupException(
                    size == null ? ErrorCode.BLOB_MISSING : ErrorCode.BLOB_SIZE_MISMATCH,
                    "blob " + blob.name() + " was written with " + blob.storedBytes() + " bytes, the store has "
                            + (size == null ? "none" : size.toString()),
                    "Find out what changes the store behind our back, then start a new backup.");
        }
    }
}
