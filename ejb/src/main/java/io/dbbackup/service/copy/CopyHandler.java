package io.dbbackup.service.copy;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.BackupSets;
import io.dbbackup.catalog.Configuration;
import io.dbbackup.catalog.RunDraft;
import io.dbbackup.catalog.Runs;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.model.Operation;
import io.dbbackup.service.run.Execution;
import io.dbbackup.service.run.Failures;
import io.dbbackup.service.run.Parameters;
import io.dbbackup.service.run.RunHandler;
import io.dbbackup.service.run.SealOutcome;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.WorkItem;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The copy operation: a sealed set to another store, byte for byte. A target that has the whole set already, of which every
 * blob is read, is a success that says so. A copy there that has failed its verification is mended.
 */
@ApplicationScoped
public class CopyHandler implements RunHandler {
    private Configuration configuration;
    private BackupSets sets;
    private WorkQueue queue;
    private Runs runs;
    private SetCopier copier;

    protected CopyHandler() {}

    @Inject
    public CopyHandler(Configuration configuration, BackupSets sets, WorkQueue queue, Runs runs, SetCopier copier) {
        this.configuration = configuration;
        this.sets = sets;
        this.queue = queue;
        this.runs = runs;
        this.copier = copier;
    }

    @Override
    public Operation operation() {
        return Operation.COPY;
    }

    @Override
    public RunDraft check(Parameters given) {
        CopyParameters parameters = CopyParameters.of(given);
        String to = configuration.store(parameters.to()).name();
        BackupSets.Resolved found =
                sets.resolve(parameters.set(), parameters.store().map(name -> configuration.store(name).name()));
        BackupSetView set = found.set();
        if (parameters.store().isEmpty()) {
            // the best copy may be the one that is to be made
            set = sets.copies(set.id()).stream()
                    .filter(copy -> copy.state() == BackupSetView.State.SEALED && !copy.store().equals(to))
                    .findFirst()
                    .orElse(set);
        }
        copier.check(set.store(), to);
        Optional<String> policy = parameters.policy().map(name -> configuration.policy(name).name()).or(set::policy);
        Map<String, String> resolved = new TreeMap<>(given.asMap());
        resolved.put("set", set.id());
        resolved.put("store", set.store());
        resolved.put("to", to);
        policy.ifPresent(name -> resolved.put("policy", name));
        return new RunDraft(
                Operation.COPY,
                "copy of " + set.source() + " " + set.id() + " to " + to,
                Optional.of(set.source()),
                Optional.of(to),
                policy,
                Optional.of(set.id()),
                resolved,
                found.warnings());
    }

    @Override
    public void plan(Execution execution) {
        queue.reopen(execution.run());
        copier.plan(execution, set(execution), CopyParameters.of(execution.parameters()).to());
    }

    @Override
    public ItemResult execute(Execution execution, WorkItem item, Progress progress) {
        return copier.execute(execution, item, progress);
    }

    /** What can be copied is worth having when the rest is tried again. */
    @Override
    public boolean continueOnError(Execution execution) {
        return true;
    }

    @Override
    public SealOutcome seal(Execution execution) {
        execution.cancellation().check();
        CopyParameters parameters = CopyParameters.of(execution.parameters());
        return Failures.of(queue, execution.run())
                .map(problem -> SealOutcome.failed(problem, Map.of()))
                .orElseGet(() -> {
                    CopySummary summary =
                            copier.publish(execution, set(execution), parameters.to(), parameters.policy());
                    return SealOutcome.completed(!runs.warnings(execution.run()).isEmpty(), summary);
                });
    }

    private BackupSetView set(Execution execution) {
        CopyParameters parameters = CopyParameters.of(execution.parameters());
        return sets.get(parameters.set(), parameters.store());
    }
}
