package io.dbbackup.service.run;

import io.dbbackup.catalog.RunView;
import io.dbbackup.catalog.Runs;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Problem;
import io.dbbackup.model.RunState;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Records how runs ended. When the catalog does not answer in that moment, the ending is kept and tried again with every
 * heartbeat: a run must not look active for ever because its last word was lost. Thread-safe.
 */
@ApplicationScoped
public class Endings {
    private static final Logger LOG = Logger.getLogger(Endings.class.getName());

    /** At most as many as executions that ended since the catalog was last there. */
    private final Map<UUID, Ending> waiting = new ConcurrentHashMap<>();

    private Runs runs;
    private Event<RunEnded> ended;

    protected Endings() {}

    @Inject
    public Endings(Runs runs, Event<RunEnded> ended) {
        this.runs = runs;
        this.ended = ended;
    }

    private record Ending(RunState state, String exitStatus, Optional<Problem> problem, Optional<Integer> execution) {}

    /** Of a run whose job could not begin. */
    public void refused(UUID run, Problem problem) {
        record(run, new Ending(RunState.FAILED, "FAILED", Optional.of(problem), Optional.empty()));
    }

    /** Of an execution; says nothing of the run when that was given up meanwhile, see {@link Runs#executedBy}. */
    public void ended(Execution execution, RunState state, String exitStatus) {
        Optional<Problem> problem = state == RunState.INTERRUPTED ? Optional.of(LostRuns.shutDown()) : Optional.empty();
        record(execution.run(), new Ending(state, exitStatus, problem, Optional.of(execution.number())));
    }

    /**
     * Of a run that waited for its job here, which was stopped or died before it began; nothing when it waits elsewhere by now.
     *
     * @param how STOPPED or FAILED
     * @param suspended whether this server goes, which stops all jobs
     */
    void neverBegan(UUID run, String owner, RunState how, boolean suspended) {
        boolean server = how == RunState.STOPPED && suspended && !runs.get(run).stopRequested();
        Optional<Problem> problem = how == RunState.FAILED
                ? Optional.of(new Problem(
                        ErrorCode.INTERNAL, "the job ended before the run began",
                        "See the server's log for the cause, then restart the run."))
                : Optional.of(LostRuns.shutDown()).filter(shutDown -> server);
        runs.endQueued(
                        run, owner, server ? RunState.INTERRUPTED : how, server ? LostRuns.EXIT_STATUS : how.name(), problem)
                .ifPresent(view -> {
                    LOG.info(() -> view.label() + " (run " + run + ") ended as " + view.state() + " before it began");
                    ended.fire(new RunEnded(view));
                });
    }

    /** Whether the catalog could not yet be told how that run ended. */
    boolean waits(UUID run) {
        return waiting.containsKey(run);
    }

    private void record(UUID run, Ending ending) {
        waiting.put(run, ending);
        attempt(run);
    }

    void attemptAll() {
        waiting.keySet().forEach(this::attempt);
    }

    /** One after the other: what one has recorded must not look given up to the other. */
    private synchronized void attempt(UUID run) {
        Ending ending = waiting.get(run);
        if (ending == null) {
            return;
        }
        RunView view;
        try {
            if (ending.execution.filter(number -> !runs.executedBy(run, number)).isPresent()) {
                if (waiting.remove(run, ending)) {
                    LOG.warning(() -> "execution " + ending.execution.get() + " of run " + run + " ended (" + ending.exitStatus
                            + ") after it had been given up elsewhere; the run's state stays");
                }
                return;
            }
            ending.problem.ifPresent(problem -> runs.problem(run, problem));
            view = runs.end(run, ending.state, ending.exitStatus);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, e, () -> "run " + run + " ended (" + ending.exitStatus
                    + "), but the catalog cannot be told; it will be tried again");
            return;
        }
        if (waiting.remove(run, ending)) {
            LOG.log(
                    ending.state == RunState.FAILED ? Level.SEVERE : Level.INFO,
                    () -> view.label() + " (run " + run + ") ended: " + ending.exitStatus
                            + view.problem().map(p -> "\n" + p).orElse(""));
            ended.fire(new RunEnded(view));
        }
    }
}
