package io.dbbackup.service.restore;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.BackupSets;
import io.dbbackup.catalog.Configuration;
import io.dbbackup.catalog.RunDraft;
import io.dbbackup.catalog.RunView;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ItemState;
import io.dbbackup.model.Operation;
import io.dbbackup.model.Selection;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.model.manifest.SetHeader;
import io.dbbackup.service.access.Access;
import io.dbbackup.service.hook.HookParameters;
import io.dbbackup.service.run.Execution;
import io.dbbackup.service.run.Parameters;
import io.dbbackup.service.run.RunHandler;
import io.dbbackup.service.run.SealOutcome;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.DatabaseEngine;
import io.dbbackup.spi.ItemDraft;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.LogicalRestore;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.RestoreSpec;
import io.dbbackup.spi.WorkItem;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The restore operation: refusals first, then the engine's items, then the comparison with the set. */
@ApplicationScoped
public class RestoreHandler implements RunHandler {
    private static final String CONTEXT = "restore";

    private Configuration configuration;
    private Access access;
    private WorkQueue queue;
    private BackupSets sets;
    private RestoreSealer sealer;

    protected RestoreHandler() {}

    @Inject
    public RestoreHandler(
            Configuration configuration, Access access, WorkQueue queue, BackupSets sets, RestoreSealer sealer) {
        this.configuration = configuration;
        this.access = access;
        this.queue = queue;
        this.sets = sets;
        this.sealer = sealer;
    }

    @Override
    public Operation operation() {
        return Operation.RESTORE;
    }

    @Override
    public RunDraft check(Parameters given) {
        RestoreParameters parameters = RestoreParameters.of(given);
        HookParameters.checked(given);
        SourceConfig target = configuration.source(parameters.target());
        BackupSets.Resolved found = sets.resolve(parameters.set(), parameters.store());
        BackupSetView set = found.set();
        if (!set.engine().equals(target.engine())) {
            // the driver of one engine waits in vain for the greeting of another, and would blame the network
            throw Parameters.invalid(
                    "backup set " + set.id() + " is of " + set.engine() + ", and the target \"" + target.name()
                            + "\" is of " + target.engine(),
                    "Name a target whose engine is " + set.engine() + ".");
        }
        Map<String, String> resolved = new TreeMap<>(given.asMap());
        resolved.put("set", set.id());
        resolved.put("store", set.store());
        return new RunDraft(
                Operation.RESTORE,
                "restore of " + set.source() + " " + set.id() + " into " + parameters.target(),
                Optional.of(set.source()),
                Optional.of(set.store()),
                Optional.empty(),
                Optional.of(set.id()),
                resolved,
                found.warnings());
    }

    /** Two restores must not write to one database; what one without a list of databases writes to is known when it is planned. */
    @Override
    public Optional<String> conflict(RunDraft draft, RunView active) {
        RestoreParameters mine = RestoreParameters.of(new Parameters(draft.parameters()));
        RestoreParameters others = RestoreParameters.of(new Parameters(active.parameters()));
        boolean same = mine.databases().isEmpty() && others.databases().isEmpty() && mine.target().equals(others.target())
                && draft.set().equals(active.set());
        return same
                ? Optional.of(draft.label() + " is being done already by run " + active.id())
                : conflict(RestoredNames.of(mine), active);
    }

    @Override
    public Optional<String> conflict(Execution execution, RunView active) {
        RestoreSpec spec = open(execution).spec();
        return conflict(
                RestoredNames.of(RestoreParameters.of(execution.parameters()).target(), spec.databases().values()), active);
    }

    private Optional<String> conflict(RestoredNames mine, RunView active) {
        Set<String> both = mine.both(RestoredNames.of(active, queue));
        return both.isEmpty()
                ? Optional.empty()
                : Optional.of("run " + active.id() + " (" + active.label() + ") is restoring into database \""
                        + String.join("\", \"", both) + "\" of \"" + mine.target() + "\" already");
    }

    @Override
    public void plan(Execution execution) {
        RestoreRunContext context = open(execution);
        LogicalRestore restore = context.engine().logicalRestore();
        if (queue.planned(execution.run())) {
            List<String> finished =
                    queue.databases(execution.run(), restore.finishKind(), EnumSet.of(ItemState.DONE));
            preflightWithout(context, finished);
            queue.reopen(execution.run());
            return;
        }
        restore.preflight(context);
        List<ItemDraft> items = new ArrayList<>(restore.plan(context));
        if (RestoreParameters.of(execution.parameters()).compare()) {
            items.addAll(restore.planComparison(context));
        }
        items.addAll(restore.planEnd(context, List.copyOf(items)));
        queue.add(execution.run(), items);
    }

    /** What an earlier execution restored stands under its final name now and must not be refused. */
    private static void preflightWithout(RestoreRunContext context, List<String> finished) {
        RestoreSpec spec = context.spec();
        Map<String, String> left = new HashMap<>(spec.databases());
        left.keySet().removeAll(finished);
        if (!left.isEmpty()) {
            context.engine()
                    .logicalRestore()
                    .preflight(context.with(spec.of(left)));
        }
    }

    private RestoreRunContext open(Execution execution) {
        return execution.hold(CONTEXT, RestoreRunContext.class, () -> {
            RestoreParameters parameters = RestoreParameters.of(execution.parameters());
            BackupSetView set = sets.get(parameters.set(), parameters.store());
            access.reserveConnections(parameters.target(), execution);
            Endpoint target = access.endpoint(parameters.target());
            DatabaseEngine engine = access.engine(set.engine());
            BlobStore store = access.store(set.store(), execution);
            BlobSetReader reader = BlobSetReader.open(
                    store, set.prefix(), Optional.of(set.manifestSha256()), access.keys().atHand());
            RestoreSpec spec = parameters.spec(databases(parameters, reader.manifest()));
            if (!reader.manifest().ofDatabases().isEmpty()) {
                execution.warn("backup set " + reader.manifest().set() + " is a partial one: "
                        + Selection.text(reader.manifest().ofDatabases()) + "; its manifest says what it leaves out");
            }
            reader.manifest().databases().stream()
                    .filter(entry -> entry.besideRestore() && spec.databases().containsKey(entry.name()))
                    .forEach(entry -> execution.warn("database \"" + entry.name() + "\" of backup set " + reader.manifest().set()
                            + " was taken beside an unfinished restore into its source, and may be a part of it only"));
            if (parameters.databases().isEmpty()) {
                warnOfMissing(execution, reader.manifest());
            }
            if (spec.globals() != RestoreSpec.Globals.NONE && SetHeader.of(reader.manifest()).lacksGlobals()) {
                execution.warn("the roles or accounts of the server, which its backup was to take, are not in backup set "
                        + reader.manifest().set() + reader.manifest().globalsMissing().map(why -> " (" + why + ")").orElse("")
                        + ", so not restored: owners, definers and privileges need those that the target has");
            }
            return new RestoreRunContext(execution, engine, target, spec, reader, store);
        });
    }

    /** All databases of the set are not all that its backup was to take. */
    private static void warnOfMissing(Execution execution, BackupManifest manifest) {
        if (!manifest.missing().isEmpty()) {
            execution.warn("backup set " + manifest.set() + " is incomplete; not in it, so not restored: "
                    + manifest.missing().stream()
                            .map(database -> "\"" + database.name() + "\"")
                            .collect(Collectors.joining(", ")));
        }
    }

    /** Every chosen database must be in the set; none chosen means all, under their own names. */
    private static Map<String, String> databases(RestoreParameters parameters, BackupManifest manifest) {
        Map<String, String> all = new LinkedHashMap<>();
        for (DatabaseEntry entry : manifest.databases()) {
            all.put(entry.name(), entry.name());
        }
        if (parameters.databases().isEmpty()) {
            return all;
        }
        List<String> unknown =
                parameters.databases().keySet().stream().filter(name -> !all.containsKey(name)).sorted().toList();
        if (!unknown.isEmpty()) {
            throw Parameters.invalid(
                    "the backup set has no database " + String.join(", ", unknown),
                    "It has: " + String.join(", ", all.keySet()) + ".");
        }
        return parameters.databases();
    }

    @Override
    public ItemResult execute(Execution execution, WorkItem item, Progress progress) {
        RestoreRunContext context = context(execution);
        String target = RestoreParameters.of(execution.parameters()).target();
        LogicalRestore restore = context.engine().logicalRestore();
        try {
            return restore.execute(context, item, access.limited(target, execution, progress));
        } catch (BackupException e) {
            throw GoneDatabase.explained(
                    context, item,
                    () -> queue.databases(execution.run(), restore.finishKind(), EnumSet.of(ItemState.DONE)).contains(item.database()), e);
        }
    }

    @Override
    public boolean continueOnError(Execution execution) {
        return RestoreParameters.of(execution.parameters()).continueOnError();
    }

    @Override
    public SealOutcome seal(Execution execution) {
        return sealer.seal(execution, context(execution));
    }

    private static RestoreRunContext context(Execution execution) {
        return execution.hold(CONTEXT, RestoreRunContext.class, () -> {
            throw new IllegalStateException("restore work without a plan in this execution");
        });
    }
}
