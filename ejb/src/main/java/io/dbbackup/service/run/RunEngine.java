package io.dbbackup.service.run;

import io.dbbackup.catalog.RunDraft;
import io.dbbackup.catalog.RunView;
import io.dbbackup.catalog.Runs;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Json;
import io.dbbackup.model.Operation;
import io.dbbackup.model.Problem;
import io.dbbackup.model.RunState;
import io.dbbackup.service.hook.RunHooks;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.WorkItem;
import jakarta.annotation.Resource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.transaction.Status;
import jakarta.transaction.Synchronization;
import jakarta.transaction.TransactionSynchronizationRegistry;
import jakarta.transaction.Transactional;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The one mechanism behind every job: plan the work items, let workers drain them, seal the result. The batch artifacts
 * call these methods and nothing else. Thread-safe.
 */
@ApplicationScoped
public class RunEngine {
    private static final Logger LOG = Logger.getLogger(RunEngine.class.getName());
    /** Attempts of an item in one execution, when its error is worth another. */
    private static final int MAX_TRIES = 3;

    private static final Duration POLL = Duration.ofSeconds(1);

    @Resource(lookup = "java:comp/TransactionSynchronizationRegistry")
    private TransactionSynchronizationRegistry transactions;

    private Instance<RunHandler> handlers;
    private Executions executions;
    private WorkQueue queue;
    private Runs runs;

    protected RunEngine() {}

    @Inject
    public RunEngine(@Any Instance<RunHandler> handlers, Executions executions, WorkQueue queue, Runs runs) {
        this.handlers = handlers;
        this.executions = executions;
        this.queue = queue;
        this.runs = runs;
    }

    /** Checks parameters without side effects; see {@link RunHandler#check}. */
    public RunDraft check(Operation operation, Map<String, String> parameters) {
        return handler(operation).check(new Parameters(parameters));
    }

    /**
     * Checks the parameters and creates the run.
     *
     * @throws BackupException as {@link RunHandler#check}; RUN_ALREADY_ACTIVE as {@link RunHandler#conflict}
     */
    public RunView create(
            Operation operation, Map<String, String> parameters, String user, String via, Optional<String> key) {
        RunDraft draft = check(operation, parameters);
        requireNone(operation, active -> handler(operation).conflict(draft, active));
        return runs.create(draft, user, via, key, digest(operation, parameters));
    }

    private void requireNone(Operation operation, Function<RunView, Optional<String>> conflict) {
        runs.active().stream()
                .filter(active -> active.operation() == operation)
                .flatMap(active -> conflict.apply(active).stream())
                .findFirst()
                .ifPresent(cause -> {
                    throw new BackupException(ErrorCode.RUN_ALREADY_ACTIVE, cause, "Wait for that run, or stop it.");
                });
    }

    private void requireAlone(Execution execution) {
        requireNone(execution.view().operation(), active -> active.id().equals(execution.run())
                ? Optional.empty()
                : handler(execution).conflict(execution, active));
    }

    /**
     * As {@link #create}, but a second call with the same key yields the run of the first.
     *
     * @throws BackupException INVALID_PARAMETER when the key was used for another request
     */
    public Created createOnce(
            Operation operation, Map<String, String> parameters, String user, String via, Optional<String> key) {
        Optional<RunView> earlier = key.flatMap(runs::findByIdempotencyKey);
        if (earlier.isEmpty()) {
            try {
                return new Created(create(operation, parameters, user, via, key), false);
            } catch (RuntimeException e) {
                // another request with the same key may have been faster
                earlier = key.flatMap(runs::findByIdempotencyKey);
                if (earlier.isEmpty()) {
                    throw e;
                }
            }
        }
        if (!runs.requestDigest(earlier.get().id()).equals(Optional.of(digest(operation, parameters)))) {
            throw Parameters.invalid(
                    "the idempotency key was used for another request, run " + earlier.get().id(),
                    "Use a new key for a new request.");
        }
        return new Created(earlier.get(), true);
    }

    /** A run and whether it was there before. */
    public record Created(RunView run, boolean existed) {}

    private static String digest(Operation operation, Map<String, String> parameters) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            byte[] request = (operation + " " + Json.write(new TreeMap<>(parameters))).getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(sha256.digest(request));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Plans a run or prepares its restart.
     *
     * @return empty on success; otherwise the problem, which is also recorded on the run
     */
    public Optional<Problem> plan(UUID run) {
        Execution execution = executions.get(run);
        try {
            RunHooks.before(execution, () -> runs.get(run));
            requireAlone(execution);
            handler(execution).plan(execution);
            requireAlone(execution);
            return Optional.empty();
        } catch (RuntimeException e) {
            return Optional.of(refused(execution, "planning", e));
        }
    }

    /** Waits for the next item that is ready; empty when this execution has nothing more to give. */
    public Optional<WorkItem> next(UUID run) throws InterruptedException {
        Execution execution = executions.get(run);
        boolean halt = !handler(execution).continueOnError(execution);
        while (!execution.cancellation().cancelled()) {
            long seen = execution.changes();
            putBackUnrecorded(execution);
            // before the claim: what is claimed is under way, and others could have done it meanwhile
            if (execution.beginWork(POLL)) {
                Optional<WorkItem> item = claim(execution, halt);
                if (item.isPresent() || !execution.current() || !queue.mayYieldMore(run, halt)) {
                    return item;
                }
                execution.awaitChange(seen, POLL);
            } else if (!queue.mayYieldMore(run, halt)) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** Ends the work that was begun when there is nothing to claim. */
    private Optional<WorkItem> claim(Execution execution, boolean halt) {
        Optional<WorkItem> item = Optional.empty();
        try {
            item = queue.claim(execution.run(), execution.number(), execution.owner(), halt);
            return item;
        } finally {
            if (item.isEmpty()) {
                execution.endWork();
            }
        }
    }

    /**
     * What a worker had done when its transaction was rolled back (a deadlock, a lost connection to the catalog) ended
     * that worker. Without this the others would wait for its item for ever.
     */
    private void putBackUnrecorded(Execution execution) {
        for (Optional<WorkItem> lost = execution.takeUnrecorded(); lost.isPresent(); lost = execution.takeUnrecorded()) {
            WorkItem item = lost.get();
            LOG.warning(() -> execution.view().label() + ": " + item.label()
                    + ": its outcome was not recorded; it is done again");
            try {
                queue.giveBack(item);
            } catch (RuntimeException e) {
                execution.unrecorded(item);
                throw e;
            }
        }
    }

    /** Executes an item; throws no exception, so that one bad item does not end its worker. */
    public ItemOutcome execute(WorkItem item) {
        Execution execution = executions.get(item.run());
        LongAdder done = execution.progressOf(item.id());
        try {
            execution.cancellation().check();
            ItemResult result = handler(execution).execute(execution, item, done::add);
            return new ItemOutcome.Done(item, result);
        } catch (RuntimeException e) {
            if (execution.cancellation().cancelled()) {
                return new ItemOutcome.Interrupted(item);
            }
            Problem problem = BackupException.problemOf(e);
            LOG.log(Level.WARNING, e, () -> execution.view().label() + ": " + item.label() + ": " + problem);
            return new ItemOutcome.Failed(item, problem);
        } catch (Error e) {
            // ends this worker; the others must not wait for the item
            execution.unrecorded(item);
            throw e;
        } finally {
            execution.forgetProgress(item.id());
            execution.endWork();
        }
    }

    /** Records what became of an item, in the caller's transaction, and wakes the other workers when it commits. */
    @Transactional
    public void record(ItemOutcome outcome) {
        Execution execution = executions.get(outcome.item().run());
        followTransaction(execution, outcome.item());
        if (outcome instanceof ItemOutcome.Done done) {
            queue.complete(done.item(), execution.number(), done.result());
        } else if (outcome instanceof ItemOutcome.Failed failed) {
            recordFailure(execution, failed);
        } else {
            queue.release(outcome.item());
        }
    }

    private void recordFailure(Execution execution, ItemOutcome.Failed failed) {
        if (handler(execution).mayRecover(failed.problem())) {
            queue.lockDatabase(execution.run(), failed.item().database());
        }
        if (!queue.ours(failed.item(), execution.number())) {
            return;
        }
        try {
            if (handler(execution).recover(execution, failed.item(), failed.problem())) {
                return;
            }
        } catch (RuntimeException e) {
            // it would end this worker, and each of the others at the same item, and nobody would be told why
            queue.fail(failed.item(), execution.number(), unrecovered(execution, failed, e), false);
            return;
        }
        boolean retry = failed.problem().code().retryable() && queue.tries(failed.item()) < MAX_TRIES;
        queue.fail(failed.item(), execution.number(), failed.problem(), retry);
    }

    private static Problem unrecovered(Execution execution, ItemOutcome.Failed failed, RuntimeException e) {
        Problem problem = BackupException.problemOf(e);
        LOG.log(Level.WARNING, e, () -> execution.view().label() + ": starting again after " + failed.problem() + ": " + problem);
        return new Problem(
                problem.code(), problem.cause() + " (when it was to start again, because " + failed.problem().cause() + ")",
                problem.remedy());
    }

    /** Checks and publishes. Never throws; a failure is in the outcome. */
    public SealOutcome seal(UUID run) {
        Execution execution = executions.get(run);
        if (!execution.current()) {
            return SealOutcome.failed(stopped(), Map.of());
        }
        SealOutcome outcome;
        try {
            outcome = RunHooks.after(execution, handler(execution).seal(execution));
        } catch (RuntimeException e) {
            // what an earlier execution has told stays: a restart may need it
            return SealOutcome.failed(refused(execution, "sealing", e), Map.of());
        }
        if (execution.current()) {
            outcome.problem().ifPresent(problem -> runs.problem(run, problem));
            runs.summary(run, outcome.summary());
        }
        return outcome;
    }

    private Problem refused(Execution execution, String what, RuntimeException e) {
        Problem problem = execution.cancellation().cancelled()
                ? stopped()
                : BackupException.problemOf(e);
        LOG.log(Level.SEVERE, e, () -> execution.view().label() + ": " + what + " failed: " + problem);
        if (execution.current()) {
            runs.problem(execution.run(), problem);
        }
        return problem;
    }

    private static Problem stopped() {
        return new Problem(ErrorCode.CANCELLED, "the run was stopped", "Restart the run to continue.");
    }

    /** State of a run whose job ended with this exit status. */
    public static RunState stateOf(String exitStatus) {
        return switch (exitStatus) {
            case "COMPLETED" -> RunState.SUCCEEDED;
            case "COMPLETED_WITH_WARNINGS" -> RunState.SUCCEEDED_WITH_WARNINGS;
            case "STOPPED" -> RunState.STOPPED;
            case LostRuns.EXIT_STATUS -> RunState.INTERRUPTED;
            default -> RunState.FAILED;
        };
    }

    /** Wakes the workers when the transaction commits, and puts the item back when it does not. */
    private void followTransaction(Execution execution, WorkItem item) {
        switch (transactions.getTransactionStatus()) {
            case Status.STATUS_ACTIVE -> transactions.registerInterposedSynchronization(new Synchronization() {
                @Override
                public void beforeCompletion() {
                    // nothing to do before
                }

                @Override
                public void afterCompletion(int status) {
                    if (status == Status.STATUS_COMMITTED) {
                        execution.changed();
                    } else {
                        execution.unrecorded(item);
                    }
                }
            });
            case Status.STATUS_MARKED_ROLLBACK -> execution.unrecorded(item);
            default -> {
                // no transaction: nothing that could be rolled back
            }
        }
    }

    private RunHandler handler(Execution execution) {
        return handler(execution.view().operation());
    }

    private RunHandler handler(Operation operation) {
        return handlers.stream()
                .filter(h -> h.operation() == operation)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no handler for " + operation));
    }
}
