package io.dbbackup.service.retention;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.BackupSets;
import io.dbbackup.catalog.Configuration;
import io.dbbackup.catalog.RunDraft;
import io.dbbackup.catalog.RunView;
import io.dbbackup.catalog.Runs;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Operation;
import io.dbbackup.model.Problem;
import io.dbbackup.service.access.Access;
import io.dbbackup.service.run.Execution;
import io.dbbackup.service.run.Failures;
import io.dbbackup.service.run.Parameters;
import io.dbbackup.service.run.RunHandler;
import io.dbbackup.service.run.SealOutcome;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.ItemDraft;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.WorkItem;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The retention operation: one item decides, and yields one item per set that expires. A restart finishes the deletions
 * that were begun and decides anew about all other sets: it may come weeks later, when the rules keep what they did not.
 */
@ApplicationScoped
public class RetentionHandler implements RunHandler {
    static final String DECIDE = "retention.decide";
    static final String UPLOADS = "retention.uploads";
    private static final Duration CLOCK_TOLERANCE = Duration.ofMinutes(1);
    static final Duration ABANDONED_UPLOADS = Duration.ofHours(24);

    private Configuration configuration;
    private Access access;
    private WorkQueue queue;
    private Runs runs;
    private BackupSets sets;
    private RetentionDecider decider;
    private ExpireSet expireSet;
    private Leftovers leftovers;
    private Clock clock;

    protected RetentionHandler() {}

    @Inject
    public RetentionHandler(
            Configuration configuration,
            Access access,
            WorkQueue queue,
            Runs runs,
            BackupSets sets,
            RetentionDecider decider,
            ExpireSet expireSet,
            Leftovers leftovers,
            Clock clock) {
        this.configuration = configuration;
        this.access = access;
        this.queue = queue;
        this.runs = runs;
        this.sets = sets;
        this.decider = decider;
        this.expireSet = expireSet;
        this.leftovers = leftovers;
        this.clock = clock;
    }

    @Override
    public Operation operation() {
        return Operation.RETENTION;
    }

    @Override
    public RunDraft check(Parameters given) {
        Map<String, String> resolved = RetentionParameters.resolve(given, configuration);
        RetentionParameters parameters = RetentionParameters.of(new Parameters(resolved));
        if (parameters.dryRun()) {
            // in whatever words it was given
            resolved.put(RunView.DRY_RUN, "true");
        }
        return new RunDraft(
                Operation.RETENTION,
                (parameters.dryRun() ? "retention (dry run) of " : "retention of ") + parameters.source() + " in "
                        + parameters.store(),
                Optional.of(parameters.source()),
                Optional.of(parameters.store()),
                parameters.policy(),
                Optional.empty(),
                resolved);
    }

    @Override
    public void plan(Execution execution) {
        RetentionParameters parameters = RetentionParameters.of(execution.parameters());
        refuseClockMovedBack(parameters);
        Earlier earlier = queue.planned(execution.run()) ? decider.earlier(execution, parameters) : Earlier.NOTHING;
        queue.clear(execution.run());
        queue.add(
                execution.run(),
                List.of(new ItemDraft(DECIDE, DECIDE, "decide which sets to keep", "", 0, 0, earlier, Set.of())));
    }

    /**
     * What earlier executions of the run have done, for its report.
     *
     * @param deleted at most as many as a report shows
     * @param bytesFreed by all of them
     */
    record Earlier(List<RetentionReport.Decided> deleted, long bytesFreed) {
        static final Earlier NOTHING = new Earlier(List.of(), 0);
    }

    /** With a clock that is behind, sets of today look like tomorrow's and every age is wrong. */
    private void refuseClockMovedBack(RetentionParameters parameters) {
        Instant now = clock.instant();
        for (BackupSetView set : sets.ofSourceInStore(parameters.source(), parameters.store())) {
            Instant latest = set.sealedAt().isAfter(set.takenAt()) ? set.sealedAt() : set.takenAt();
            if (latest.isAfter(now.plus(CLOCK_TOLERANCE))) {
                throw new BackupException(
                        ErrorCode.CLOCK_MOVED_BACK,
                        "backup set " + set.id() + " was sealed at " + latest + ", but it is only " + now
                                + " by this server's clock",
                        "Set the server's clock right, then restart the run; nothing was deleted.");
            }
        }
    }

    @Override
    public ItemResult execute(Execution execution, WorkItem item, Progress progress) {
        RetentionParameters parameters = RetentionParameters.of(execution.parameters());
        BlobStore store = execution.hold(
                        "store", HeldStore.class, () -> new HeldStore(access.store(parameters.store(), execution)))
                .store();
        return switch (item.kind()) {
            case DECIDE -> decider.decide(execution, parameters, store, item.payload(Earlier.class));
            case ExpireSet.KIND -> {
                ExpireSet.Outcome outcome =
                        expireSet.run(item.payload(ExpireSet.Task.class), store, execution);
                yield new ItemResult(0, outcome.bytes(), 0, outcome, List.of());
            }
            case Leftovers.KIND -> {
                Leftovers.Outcome outcome = leftovers.remove(item.payload(Leftovers.Task.class), store, execution.cancellation());
                yield new ItemResult(0, outcome.bytes(), 0, outcome, List.of());
            }
            case UPLOADS -> new ItemResult(
                    0, store.sweepLeftovers(parameters.source() + "/", ABANDONED_UPLOADS), 0, Map.of(), List.of());
            default -> throw new IllegalArgumentException("no such kind of item: " + item.kind());
        };
    }

    /** A set that cannot be deleted must not keep the others. */
    @Override
    public boolean continueOnError(Execution execution) {
        return true;
    }

    @Override
    public SealOutcome seal(Execution execution) {
        execution.cancellation().check();
        Object summary = decider.report(execution, RetentionParameters.of(execution.parameters()))
                .<Object>map(Function.identity())
                .orElse(Map.of());
        return Failures.of(queue, execution.run())
                .map(problem -> SealOutcome.failed(
                        new Problem(problem.code(), problem.cause(), problem.remedy() + " Then restart the run."), summary))
                .orElseGet(() ->
                        SealOutcome.completed(!runs.warnings(execution.run()).isEmpty(), summary));
    }

    private record HeldStore(BlobStore store) implements AutoCloseable {
        @Override
        public void close() {
            store.close();
        }
    }
}
