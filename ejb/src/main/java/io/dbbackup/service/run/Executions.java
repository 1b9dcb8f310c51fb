package io.dbbackup.service.run;

import io.dbbackup.catalog.RunView;
import io.dbbackup.catalog.Runs;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.RunState;
import io.dbbackup.service.limit.Limits;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** The executions that run on this node. Thread-safe. */
@ApplicationScoped
public class Executions {
    private final Map<UUID, Execution> active = new ConcurrentHashMap<>();
    private final Map<UUID, Waiting> queued = new ConcurrentHashMap<>();
    private WorkQueue queue;
    private Runs runs;
    private Limits limits;

    protected Executions() {}

    @Inject
    public Executions(WorkQueue queue, Runs runs, Limits limits) {
        this.queue = queue;
        this.runs = runs;
        this.limits = limits;
    }

    /** @param over how its job has come to its end, or will, without having begun */
    private record Waiting(String owner, Supplier<Optional<RunState>> over) {}

    /** What {@link #beatQueued} calls. */
    interface NeverBegan {
        void ended(UUID run, String owner, RunState how);
    }

    /**
     * Begins an execution.
     *
     * @param stopRequested asked a few times a second whether an operator stopped the job
     * @throws BackupException RUN_ALREADY_ACTIVE when this node executes the run already; or as {@link Runs#begin}
     */
    public synchronized Execution begin(UUID id, long jobInstance, long jobExecution, String owner, BooleanSupplier stopRequested) {
        // before the catalog is told: the row belongs to the execution that is under way
        if (active.containsKey(id)) {
            throw new BackupException(
                    ErrorCode.RUN_ALREADY_ACTIVE,
                    "run " + id + " is already being executed",
                    "Wait for it, or stop it first.");
        }
        RunView run = runs.begin(id, jobInstance, jobExecution, owner);
        queued.remove(id);
        int workers = (int) new Parameters(run.parameters()).number("workers", 0, 0, 64);
        limits.refresh();
        Execution execution = new Execution(
                run, owner, workers > 0 ? workers : Runtime.getRuntime().availableProcessors(), stopRequested, queue, runs,
                limits.workers());
        active.put(id, execution);
        if (run.stopRequested()) {
            execution.stop();
        }
        return execution;
    }

    /**
     * Gives signs of life of a queued run from now on, for as long as it is queued: its job waits here for its turn, or this
     * node is giving it up.
     */
    public void queue(UUID id, String owner) {
        if (runs.heartbeatOfQueued(id, owner)) {
            queued.put(id, new Waiting(owner, Optional::empty));
        }
    }

    /**
     * Says how to find out that a queued run will never begin; nothing when it has begun.
     *
     * @param over asked every second, and quick: STOPPED or FAILED once its job has come to that, or will, without having begun
     */
    public void waits(UUID id, Supplier<Optional<RunState>> over) {
        queued.computeIfPresent(id, (run, waiting) -> new Waiting(waiting.owner, over));
    }

    /** Whether this node gives the signs of life of that run as of a queued one. */
    boolean waits(UUID id) {
        return queued.containsKey(id);
    }

    /** Takes {@link #queue} back: whatever becomes of the run, it does not begin here. */
    public void dequeue(UUID id) {
        queued.remove(id);
    }

    /** @param neverBegan called for each run whose job is over */
    void beatQueued(NeverBegan neverBegan) {
        List<RuntimeException> failures = new ArrayList<>();
        queued.forEach((run, waiting) -> {
            try {
                beat(run, waiting, neverBegan);
            } catch (RuntimeException e) {
                // the others are to be seen alive
                failures.add(e);
            }
        });
        if (!failures.isEmpty()) {
            throw failures.get(0);
        }
    }

    private void beat(UUID run, Waiting waiting, NeverBegan neverBegan) {
        Optional<RunState> over = waiting.over.get();
        if (over.isPresent()) {
            neverBegan.ended(run, waiting.owner, over.get());
            queued.remove(run, waiting);
        } else if (!runs.heartbeatOfQueued(run, waiting.owner)) {
            queued.remove(run, waiting);
        }
    }

    /** Ends an execution and closes everything that it held, which may take long: it gives signs of life until then. */
    public void end(UUID id) {
        Execution execution = active.get(id);
        if (execution == null) {
            return;
        }
        try {
            execution.releaseAll();
        } finally {
            active.remove(id, execution);
            execution.endAllWork();
        }
    }

    public Optional<Execution> find(UUID id) {
        return Optional.ofNullable(active.get(id));
    }

    /** @throws IllegalStateException when the run is not executed here */
    public Execution get(UUID id) {
        return find(id).orElseThrow(() -> new IllegalStateException("run " + id + " is not executed on this node"));
    }

    public Collection<Execution> all() {
        return List.copyOf(active.values());
    }

    /** The execution that a job execution of the job repository carries out. */
    public Optional<Execution> findOfJob(long jobExecution) {
        return active.values().stream()
                .filter(e -> e.view().jobExecution().filter(id -> id == jobExecution).isPresent())
                .findFirst();
    }

    /** @throws IllegalStateException when the job execution has no run here */
    public Execution ofJob(long jobExecution) {
        return findOfJob(jobExecution)
                .orElseThrow(() -> new IllegalStateException("job execution " + jobExecution + " has no run on this node"));
    }
}
