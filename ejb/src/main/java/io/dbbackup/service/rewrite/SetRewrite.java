package io.dbbackup.service.rewrite;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.BackupSets;
import io.dbbackup.catalog.Configuration;
import io.dbbackup.catalog.RunDraft;
import io.dbbackup.catalog.Runs;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.ItemState;
import io.dbbackup.model.Operation;
import io.dbbackup.model.Problem;
import io.dbbackup.model.SetId;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.model.manifest.KeyDocument;
import io.dbbackup.model.manifest.SetHeader;
import io.dbbackup.pipeline.Codecs;
import io.dbbackup.service.Product;
import io.dbbackup.service.access.Access;
import io.dbbackup.service.run.Execution;
import io.dbbackup.service.run.Failures;
import io.dbbackup.service.run.Parameters;
import io.dbbackup.service.run.SealOutcome;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.service.set.BlobSetWriter;
import io.dbbackup.service.set.SameRecipients;
import io.dbbackup.service.set.SetPublication;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.WorkItem;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Makes a new set of a sealed one. Every blob is read once: its stored bytes are checked, its encryption is undone, and it
 * is encrypted anew when there are recipients; compression stays. The old set stays, too, and the new one is not there
 * before it is complete. Stateless and thread-safe.
 */
@ApplicationScoped
public class SetRewrite {
    private static final String CONTEXT = "rewrite";

    private Configuration configuration;
    private Access access;
    private WorkQueue queue;
    private Runs runs;
    private BackupSets sets;
    private Clock clock;

    protected SetRewrite() {}

    @Inject
    public SetRewrite(
            Configuration configuration, Access access, WorkQueue queue, Runs runs, BackupSets sets, Clock clock) {
        this.configuration = configuration;
        this.access = access;
        this.queue = queue;
        this.runs = runs;
        this.sets = sets;
        this.clock = clock;
    }

    RunDraft check(Operation operation, Parameters given) {
        RewriteParameters parameters = RewriteParameters.of(operation, given);
        BackupSets.Resolved found = sets.resolve(parameters.set(), parameters.store());
        BackupSetView set = found.set();
        access.keys().checkNames(parameters.encrypt());
        refuseClear(parameters, set);
        String store = configuration.store(parameters.to().orElse(set.store())).name();
        Map<String, String> resolved = new TreeMap<>(given.asMap());
        resolved.put("set", set.id());
        resolved.put("store", set.store());
        resolved.put("to", store);
        String what = operation == Operation.ENCRYPT
                ? "encryption of " + set.source() + " " + set.id() + " for " + String.join(", ", parameters.encrypt())
                : "decryption of " + set.source() + " " + set.id();
        return new RunDraft(
                operation, what, Optional.of(set.source()), Optional.of(store), Optional.empty(), Optional.of(set.id()),
                resolved, found.warnings());
    }

    private void refuseClear(RewriteParameters parameters, BackupSetView set) {
        boolean demanded = configuration.requireEncryption()
                || configuration.sources().stream()
                        .filter(source -> source.name().equals(set.source()))
                        .anyMatch(SourceConfig::requireEncryption);
        if (parameters.encrypt().isEmpty() && demanded) {
            throw new BackupException(
                    ErrorCode.ENCRYPTION_REQUIRED,
                    "the new set would not be encrypted, and the configuration demands encryption of " + set.source(),
                    "Take require_encryption out of the configuration, or restore from the encrypted set.");
        }
    }

    void plan(Execution execution) {
        RewriteContext context = context(execution);
        context.to().probe();
        refuseFullStore(context);
        runs.writes(execution.run(), context.set());
        context.writer().publishKey(clock.instant());
        startOverUnlessOurs(execution, context);
        if (queue.planned(execution.run())) {
            queue.reopen(execution.run());
        } else {
            BackupManifest manifest = context.reader().manifest();
            queue.add(execution.run(), RewriteItem.plan(manifest.globals(), manifest.databases()));
        }
    }

    /**
     * What an earlier execution encrypted for a key that was replaced since goes, since a set is opened with all of its keys or not at
     * all; unless it is published, when its manifest names it.
     */
    private void startOverUnlessOurs(Execution execution, RewriteContext context) {
        if (context.writer().encryption().isEmpty()
                || context.to().stat(context.prefix() + BackupManifest.BLOB_NAME).isPresent()) {
            return;
        }
        SameRecipients same = new SameRecipients(context.writer().encryption().get(), () -> access.keys().atHand());
        boolean ours = queue.databases(execution.run(), RewriteItem.BLOB, EnumSet.of(ItemState.DONE)).stream()
                .flatMap(database -> moved(execution.run(), database).values().stream())
                .allMatch(blob -> same.wrote(blob, context.to(), context.prefix()));
        if (ours) {
            return;
        }
        List<String> old = new ArrayList<>();
        context.to().list(context.prefix(), blob -> old.add(blob.name()));
        old.stream()
                .filter(name -> !name.startsWith(context.prefix() + KeyDocument.DIRECTORY))
                .forEach(name -> deleteOrRefuse(context.to(), name));
        // not before: another try must find that there is something to delete, since it would write under the same names
        queue.clear(execution.run());
        execution.warn("the set was encrypted for a key that was replaced since, and started again with the present one");
    }

    private static void deleteOrRefuse(BlobStore store, String name) {
        try {
            store.delete(name);
        } catch (BackupException e) {
            if (e.code() != ErrorCode.BLOB_LOCKED) {
                throw e;
            }
            throw new BackupException(
                    ErrorCode.RUN_NOT_RESTARTABLE,
                    "a key was replaced since, and what this run has encrypted for it is in the way of what it would encrypt now: "
                            + e.problem().cause(),
                    "Start a new run, and discard this one. Retention deletes what it left as soon as the store allows it.",
                    e);
        }
    }

    private static void refuseFullStore(RewriteContext context) {
        long free = context.to().freeBytes().orElse(Long.MAX_VALUE);
        if (free < context.original().storedBytes()) {
            throw new BackupException(
                    ErrorCode.STORE_FULL,
                    "the store has " + free + " bytes free, the new set needs about " + context.original().storedBytes(),
                    "Free space in the store, or name another store.");
        }
    }

    private RewriteContext context(Execution execution) {
        return execution.hold(CONTEXT, RewriteContext.class, () -> {
            Operation operation = execution.view().operation();
            RewriteParameters parameters = RewriteParameters.of(operation, execution.parameters());
            BackupSetView original = sets.get(parameters.set(), parameters.store());
            BlobStore from = access.store(original.store(), execution);
            BlobStore to = from;
            try {
                BlobSetReader reader = BlobSetReader.open(
                        from, original.prefix(), Optional.of(original.manifestSha256()), access.keys().atHand());
                refusePointless(operation, reader.manifest());
                String store = parameters.to().orElse(original.store());
                to = store.equals(original.store()) ? from : access.store(store, execution);
                String set = name(execution, reader.manifest());
                String prefix = BackupSetView.prefix(original.source(), set);
                BlobSetWriter writer = new BlobSetWriter(
                        to, prefix, Codecs.standard(), OptionalInt.empty(), execution.cancellation(),
                        BlobSetWriter.Encryption.newKey(set, access.keys().recipients(parameters.encrypt())));
                return new RewriteContext(original, reader, from, set, prefix, writer, to);
            } catch (RuntimeException e) {
                Stream.of(from, to).distinct().forEach(BlobStore::close);
                throw e;
            }
        });
    }

    private static void refusePointless(Operation operation, BackupManifest manifest) {
        if (operation == Operation.DECRYPT && manifest.version() == BackupManifest.VERSION) {
            throw Parameters.invalid(
                    "backup set " + manifest.set() + " is not encrypted", "Use it as it is.");
        }
    }

    /** The same instant as the old one, since its age is that of what it holds; the rest is the run's. */
    private static String name(Execution execution, BackupManifest manifest) {
        long begun = execution.view().startedAt().orElseThrow().toEpochMilli();
        UUID unique = new UUID(0, execution.run().getLeastSignificantBits() ^ begun);
        return SetId.of(manifest.startedAt(), ZoneId.of(manifest.zone()), unique).value();
    }

    ItemResult execute(Execution execution, WorkItem item, Progress progress) {
        RewriteContext context = context(execution);
        return switch (item.kind()) {
            case RewriteItem.OPEN -> context.open(item);
            case RewriteItem.BLOB -> context.move(item, progress);
            case RewriteItem.CLOSE -> context.close(item, moved(execution.run(), item.database()));
            default -> throw new IllegalArgumentException("no such kind of item: " + item.kind());
        };
    }

    private Map<String, BlobRef> moved(UUID run, String database) {
        Map<String, BlobRef> moved = new HashMap<>();
        queue.results(run, database, RewriteItem.BLOB, item -> {
            RewriteItem.Moved result = item.result(RewriteItem.Moved.class);
            moved.put(result.name(), result.blob());
        });
        return moved;
    }

    SealOutcome seal(Execution execution) {
        UUID run = execution.run();
        execution.cancellation().check();
        Optional<Problem> failed = Failures.of(queue, run);
        if (failed.isPresent()) {
            return SealOutcome.failed(failed.get(), Map.of());
        }
        RewriteParameters parameters =
                RewriteParameters.of(execution.view().operation(), execution.parameters());
        RewriteContext context = context(execution);
        SetPublication.Published published = new SetPublication(
                        context.to(), context.prefix(), context.writer(), database -> blobs(run, database))
                .publish(manifest(run, context));
        String store = parameters.to().orElse(context.original().store());
        // retention of the policy goes on with the new set where the old one is
        Optional<String> policy = store.equals(context.original().store()) ? context.original().policy() : Optional.empty();
        sets.enter(published.header(), store, policy, published.sha256());
        return SealOutcome.completed(
                !runs.warnings(run).isEmpty(),
                RewriteSummary.of(published.manifest(), store, parameters.encrypt()));
    }

    private List<BlobRef> blobs(UUID run, String database) {
        List<BlobRef> blobs = new ArrayList<>(moved(run, database).values());
        queue.results(run, database, RewriteItem.CLOSE, item -> blobs.add(item.result(DatabaseEntry.class).manifest()));
        return blobs;
    }

    private BackupManifest manifest(UUID run, RewriteContext context) {
        BackupManifest old = context.reader().manifest();
        List<DatabaseEntry> entries = new ArrayList<>();
        for (String database : queue.databases(run, RewriteItem.CLOSE, EnumSet.of(ItemState.DONE))) {
            queue.results(run, database, RewriteItem.CLOSE, item -> entries.add(item.result(DatabaseEntry.class)));
        }
        return new BackupManifest(
                BackupManifest.FORMAT,
                context.writer().encryption().isPresent() ? SetHeader.VERSION : BackupManifest.VERSION,
                context.set(),
                old.source(),
                run,
                Product.NAME_AND_VERSION,
                old.startedAt(),
                clock.instant(),
                old.zone(),
                old.server(),
                old.consistency(),
                old.complete(),
                old.globals().map(blob -> moved(run, "").get(blob.name())),
                entries,
                old.missing(),
                Optional.of(old.set()),
                old.selection(),
                old.someDatabases(),
                old.globalsMissing());
    }
}
