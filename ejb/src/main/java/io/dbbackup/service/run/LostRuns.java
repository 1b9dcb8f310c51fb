package io.dbbackup.service.run;

import io.dbbackup.catalog.RunView;
import io.dbbackup.catalog.Runs;
import io.dbbackup.catalog.Runs.Sign;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Problem;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.logging.Logger;

/**
 * Finds and ends the active runs whose server is gone. A run is lost when it gave no sign of life between many looks in a
 * row: so no clocks are compared, and the time counts in which both servers could ask the catalog. Thread-safe.
 */
@ApplicationScoped
public class LostRuns {
    /** Exit status of a job whose server was lost or shut down. */
    public static final String EXIT_STATUS = "NODE_LOST";

    /** Seconds between two looks. */
    public static final int INTERVAL = 10;

    /** The first one only notes what there is. */
    private static final long LOOKS = WorkQueue.LEASE.dividedBy(Duration.ofSeconds(INTERVAL)) + 1;

    private static final Logger LOG = Logger.getLogger(LostRuns.class.getName());

    private Runs runs;
    private WorkQueue queue;
    private Executions executions;
    private Endings endings;
    private Node node;
    private Event<RunEnded> ended;
    /** Runs that were silent at the last look. */
    private Map<UUID, Silence> silent = Map.of();

    protected LostRuns() {}

    @Inject
    public LostRuns(Runs runs, WorkQueue queue, Executions executions, Endings endings, Node node, Event<RunEnded> ended) {
        this.runs = runs;
        this.queue = queue;
        this.executions = executions;
        this.endings = endings;
        this.node = node;
        this.ended = ended;
    }

    /** @param looks how many have seen this sign */
    private record Silence(Sign last, long looks) {}

    /**
     * Ends what this server left when it ended, before it begins anything.
     *
     * @param release called with each of them first
     */
    public synchronized void endOwn(Consumer<RunView> release) {
        for (Sign sign : runs.signs()) {
            if (sign.run().owner().filter(node.name()::equals).isPresent() && !here(sign)) {
                end(sign, release);
            }
        }
    }

    /**
     * One look at all runs; ends those that have been silent for too many.
     *
     * @param release called with each of them first
     */
    public synchronized void look(Consumer<RunView> release) {
        Map<UUID, Silence> now = new HashMap<>();
        for (Sign sign : runs.signs()) {
            UUID id = sign.run().id();
            Silence before = silent.get(id);
            boolean same = before != null && before.last.at().equals(sign.at());
            now.put(id, new Silence(sign, same ? before.looks + 1 : 1));
        }
        silent = now;
        for (Silence one : List.copyOf(now.values())) {
            if (one.looks >= LOOKS && !here(one.last)) {
                end(one.last, release);
            }
        }
    }

    /** This server knows better than the catalog, which it perhaps could not tell. */
    private boolean here(Sign sign) {
        UUID id = sign.run().id();
        return executions.find(id).isPresent() || executions.waits(id) || endings.waits(id);
    }

    private void end(Sign sign, Consumer<RunView> release) {
        release.accept(sign.run());
        runs.lost(sign, lost(sign.run()), EXIT_STATUS).ifPresent(run -> {
            queue.orphaned(run.id());
            LOG.warning(() -> run.label() + " (run " + run.id() + ") lost its server"
                    + sign.run().owner().map(name -> " " + name).orElse("") + " and ended as " + run.state()
                    + "; it can be restarted");
            ended.fire(new RunEnded(run));
        });
    }

    private static Problem lost(RunView run) {
        return new Problem(
                ErrorCode.NODE_LOST,
                "the server" + run.owner().map(name -> " " + name).orElse("") + " ended while the run was " + run.state(),
                "Restart the run; it continues with what is left.");
    }

    /** Of a run that a server ended because it was going. */
    static Problem shutDown() {
        return new Problem(
                ErrorCode.NODE_LOST,
                "the server was shut down or suspended while the run was active",
                "Restart the run when the server is up again; it continues with what is left.");
    }
}
