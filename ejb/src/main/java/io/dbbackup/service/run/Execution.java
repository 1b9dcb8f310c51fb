package io.dbbackup.service.run;

import io.dbbackup.catalog.RunView;
import io.dbbackup.catalog.Runs;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.service.limit.WorkerSlots;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.WorkContext;
import io.dbbackup.spi.WorkItem;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * One execution of a run on this node: what its workers share while it lasts. Thread-safe. Nothing here survives the
 * execution; what must survive is in the catalog.
 */
public final class Execution implements WorkContext {
    private static final Logger LOG = Logger.getLogger(Execution.class.getName());

    private final RunView run;
    private final String owner;
    private final WorkerSlots slots;
    private final Map<String, Supplier<Optional<String>>> limits = new ConcurrentSkipListMap<>();
    private final BooleanSupplier stopRequested;
    private final WorkQueue queue;
    private final Runs runs;
    private final Cancellation cancellation = new Cancellation();
    private final Map<String, Held> held = new ConcurrentHashMap<>();
    private final Deque<String> heldOrder = new ArrayDeque<>();
    private final Map<Long, LongAdder> progress = new ConcurrentHashMap<>();
    private final Queue<WorkItem> unrecorded = new ConcurrentLinkedQueue<>();
    private final Object change = new Object();
    private volatile int workers;
    private volatile boolean stopped;
    private volatile boolean shutDown;
    private long changes;

    Execution(
            RunView run,
            String owner,
            int workers,
            BooleanSupplier stopRequested,
            WorkQueue queue,
            Runs runs,
            WorkerSlots slots) {
        this.run = run;
        this.owner = owner;
        this.workers = workers;
        this.slots = slots;
        this.stopRequested = stopRequested;
        this.queue = queue;
        this.runs = runs;
    }

    @Override
    public UUID run() {
        return run.id();
    }

    /** The run as it was when this execution began; its parameters never change. */
    public RunView view() {
        return run;
    }

    public Parameters parameters() {
        return new Parameters(run.parameters());
    }

    public String owner() {
        return owner;
    }

    /** Which one of its run it is. */
    public int number() {
        return run.executions();
    }

    /** False when it is no longer that of its run, see {@link Runs#executedBy}; it is cancelled then. */
    boolean current() {
        boolean current = runs.executedBy(run.id(), number());
        if (!current) {
            giveUp();
        }
        return current;
    }

    /** An operator wants it to end. */
    public void stop() {
        stopped = true;
        if (!cancellation.cancelled()) {
            LOG.info(() -> run.label() + ": stop was requested");
            cancellation.cancel();
            changed();
        }
    }

    /** Ends it because this server goes: nobody wanted that of the run. */
    public void shutDown() {
        shutDown = true;
        if (!cancellation.cancelled()) {
            LOG.warning(() -> run.label() + " (run " + run.id() + ") ends because the server is shut down or suspended");
            cancellation.cancel();
            changed();
        }
    }

    /** True when it ends because this server goes, and not because an operator had asked for it before. */
    public boolean endedByServer() {
        return shutDown && !stopped;
    }

    /** Ends it because it was given up elsewhere: what it would still do counts for nothing. */
    void giveUp() {
        if (!cancellation.cancelled()) {
            LOG.warning(() -> run.label() + " (run " + run.id() + "): execution " + number() + " was given up elsewhere, because this"
                    + " server was silent for a while or another one has its name (jboss.node.name); it ends here");
            cancellation.cancel();
            changed();
        }
    }

    @Override
    public Cancellation cancellation() {
        return cancellation;
    }

    @Override
    public int workers() {
        return workers;
    }

    /** Takes workers away, before they begin. */
    public void mostWorkers(int most) {
        workers = Math.min(workers, most);
    }

    /**
     * Adds a limit that slows this execution down, to be shown to people.
     *
     * @param key of an earlier one that it replaces
     * @param what asked when somebody looks; empty while it does not hold
     */
    public void limitedBy(String key, Supplier<Optional<String>> what) {
        limits.put(key, what);
    }

    /** What slows this execution down at this moment. */
    public List<String> limits() {
        List<String> now = new ArrayList<>();
        limits.values().forEach(limit -> limit.get().ifPresent(now::add));
        if (slots.limit() > 0 && (slots.limit() < workers || slots.waiting(run.id()))) {
            now.add("limited to the server's " + slots.limit() + " workers (limits.workers)"
                    + (slots.waiting(run.id()) ? ", some of this run wait" : ""));
        }
        return now;
    }

    /** Waits for the right to be at work; see {@link WorkerSlots#enter}. */
    boolean beginWork(Duration atMost) throws InterruptedException {
        return slots.enter(run.id(), workers, atMost, cancellation);
    }

    void endWork() {
        slots.leave(run.id());
    }

    void endAllWork() {
        slots.forget(run.id());
    }

    @Override
    public void warn(String warning) {
        LOG.warning(() -> run.label() + ": " + warning);
        runs.warn(run.id(), warning);
    }

    @Override
    public void warn(String matter, String warning) {
        LOG.warning(() -> run.label() + ": " + warning);
        runs.warn(run.id(), matter, warning);
    }

    @Override
    public void settled(String matter) {
        runs.settled(run.id(), matter);
    }

    @Override
    public <T extends AutoCloseable> T hold(String key, Class<T> type, Supplier<T> maker) {
        Held entry = held.computeIfAbsent(key, k -> new Held());
        synchronized (entry) {
            if (entry.thing == null) {
                entry.thing = maker.get();
                synchronized (heldOrder) {
                    heldOrder.push(key);
                }
            }
            return type.cast(entry.thing);
        }
    }

    @Override
    public void release(String key) {
        Held entry = held.remove(key);
        if (entry == null) {
            return;
        }
        synchronized (heldOrder) {
            heldOrder.remove(key);
        }
        synchronized (entry) {
            if (entry.thing != null) {
                try {
                    entry.thing.close();
                } catch (Exception e) {
                    // its work is done or given up: what cannot be closed must not change the outcome
                    LOG.log(Level.WARNING, e, () -> run.label() + ": " + key + " could not be closed");
                }
                entry.thing = null;
            }
        }
    }

    @Override
    public void results(String database, String kind, Consumer<DoneItem> each) {
        queue.results(run.id(), database, kind, each);
    }

    /** Closes everything that is held, last one first. */
    void releaseAll() {
        while (true) {
            String key;
            synchronized (heldOrder) {
                key = heldOrder.peek();
            }
            if (key == null) {
                return;
            }
            release(key);
        }
    }

    boolean stopRequested() {
        return stopRequested.getAsBoolean();
    }

    LongAdder progressOf(long item) {
        return progress.computeIfAbsent(item, id -> new LongAdder());
    }

    void forgetProgress(long item) {
        progress.remove(item);
    }

    Map<Long, Long> progressNow() {
        Map<Long, Long> now = new HashMap<>();
        progress.forEach((id, bytes) -> now.put(id, bytes.sum()));
        return now;
    }

    /** The outcome of this item was not recorded: somebody must put it back. */
    void unrecorded(WorkItem item) {
        unrecorded.add(item);
        changed();
    }

    Optional<WorkItem> takeUnrecorded() {
        return Optional.ofNullable(unrecorded.poll());
    }

    /** Wakes the workers that wait for something to do. */
    void changed() {
        synchronized (change) {
            changes++;
            change.notifyAll();
        }
    }

    long changes() {
        synchronized (change) {
            return changes;
        }
    }

    /** Waits until {@link #changed()} was called after {@code seen} was read, or for the given time. */
    void awaitChange(long seen, Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        synchronized (change) {
            while (changes == seen) {
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    return;
                }
                change.wait(left);
            }
        }
    }

    private static final class Held {
        private AutoCloseable thing;
    }
}
