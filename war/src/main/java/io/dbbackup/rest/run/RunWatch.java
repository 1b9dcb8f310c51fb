package io.dbbackup.rest.run;

import io.dbbackup.catalog.RunView;
import io.dbbackup.catalog.Runs;
import io.dbbackup.service.run.RunEnded;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Reception;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Lets requests wait for runs without a thread each: one look at the catalog per watched run and quarter of a second,
 * however many wait for it, and one more as soon as a run of this node has ended. Runs of other nodes are seen as well.
 * Thread-safe.
 */
@ApplicationScoped
public class RunWatch {
    private static final Logger LOG = Logger.getLogger(RunWatch.class.getName());
    private static final long TICK_MILLIS = 250;
    /** More waiting requests than this are answered at once. */
    private static final int MAX_WAITING = 1000;

    private final Queue<Waiting> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();
    private Runs runs;
    private ScheduledExecutorService ticker;
    private ExecutorService answers;

    protected RunWatch() {}

    @Inject
    public RunWatch(Runs runs) {
        this.runs = runs;
        ThreadFactory threads = threads(Thread.currentThread().getContextClassLoader());
        ticker = Executors.newSingleThreadScheduledExecutor(threads);
        answers = Executors.newFixedThreadPool(4, threads);
        ticker.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private static ThreadFactory threads(ClassLoader deployment) {
        return task -> {
            Thread thread = new Thread(task, "dbbackup-watch");
            thread.setDaemon(true);
            thread.setContextClassLoader(deployment);
            return thread;
        };
    }

    @PreDestroy
    void stop() {
        ticker.shutdownNow();
        answers.shutdownNow();
    }

    /**
     * Completes when the run is as wanted or the time is over, with the run as it is then, on a thread that may write
     * the answer.
     */
    public CompletableFuture<RunView> await(RunView run, Predicate<RunView> wanted, Duration atMost) {
        if (atMost.isZero() || wanted.test(run) || count.get() >= MAX_WAITING) {
            return CompletableFuture.completedFuture(run);
        }
        Waiting request = new Waiting(run.id(), wanted, System.nanoTime() + atMost.toNanos(), new CompletableFuture<>());
        count.incrementAndGet();
        waiting.add(request);
        return request.answer();
    }

    /** Who waits for the end of a run hears of it at once; the look itself is the ticker's, so that it has one thread only. */
    void ended(@Observes(notifyObserver = Reception.IF_EXISTS) RunEnded event) {
        if (!waiting.isEmpty()) {
            ticker.execute(this::tick);
        }
    }

    /** Whatever comes out of it ends all further ticks without a word, and every request would wait for ever. */
    private void tick() {
        try {
            look();
        } catch (Throwable e) {
            LOG.log(Level.SEVERE, e, () -> "runs cannot be watched at the moment");
        }
    }

    private void look() {
        Map<UUID, RunView> seen = new HashMap<>();
        for (Iterator<Waiting> each = waiting.iterator(); each.hasNext();) {
            Waiting request = each.next();
            answerTo(request, seen).ifPresent(answer -> {
                each.remove();
                count.decrementAndGet();
                give(answer);
            });
        }
    }

    /** Empty while it waits on. */
    private Optional<Runnable> answerTo(Waiting request, Map<UUID, RunView> seen) {
        try {
            RunView now = seen.computeIfAbsent(request.run(), runs::get);
            return request.wanted().test(now) || System.nanoTime() - request.deadline() >= 0
                    ? Optional.of(() -> request.answer().complete(now))
                    : Optional.empty();
        } catch (Throwable e) {
            // an Error, too: nobody else would answer
            LOG.log(Level.WARNING, e, () -> "run " + request.run() + " cannot be watched");
            return Optional.of(() -> request.answer().completeExceptionally(e));
        }
    }

    private void give(Runnable answer) {
        try {
            answers.execute(answer);
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            // no thread for it, or the server ends; the request is in no list any more
            answer.run();
        }
    }

    private record Waiting(UUID run, Predicate<RunView> wanted, long deadline, CompletableFuture<RunView> answer) {}
}
