package io.dbbackup.service.run;

import io.dbbackup.catalog.Runs;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.service.limit.Limits;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.ejb.DependsOn;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import jakarta.inject.Inject;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The heartbeat of this node: notices within a quarter of a second that an execution was asked to stop (by whomever:
 * REST, the management console, the management command line), or within a second when another node was asked, and
 * unblocks its workers; gives signs of life and stores progress every second; and tells the catalog
 * what it could not be told before. Signs of life wait for nothing but the rows of the runs: without them other nodes take
 * this one for dead.
 */
@Singleton
@Startup
@DependsOn("CatalogSchema")
@TransactionManagement(TransactionManagementType.BEAN)
public class Pulse {
    private static final Logger LOG = Logger.getLogger(Pulse.class.getName());

    @Inject
    private Executions executions;

    @Inject
    private WorkQueue queue;

    @Inject
    private Runs runs;

    @Inject
    private Endings endings;

    @Inject
    private Limits limits;

    @Inject
    private Node node;

    private ScheduledExecutorService threads;

    @PostConstruct
    void start() {
        ClassLoader deployment = Thread.currentThread().getContextClassLoader();
        threads = Executors.newScheduledThreadPool(4, task -> {
            Thread thread = new Thread(task, "dbbackup-pulse");
            thread.setDaemon(true);
            thread.setContextClassLoader(deployment);
            return thread;
        });
        threads.scheduleWithFixedDelay(() -> guarded(this::watchStops), 250, 250, TimeUnit.MILLISECONDS);
        threads.scheduleWithFixedDelay(() -> guarded(this::beat), 1, 1, TimeUnit.SECONDS);
        threads.scheduleWithFixedDelay(() -> guarded(this::storeProgress), 1, 1, TimeUnit.SECONDS);
        threads.scheduleWithFixedDelay(() -> guarded(endings::attemptAll), 1, 1, TimeUnit.SECONDS);
        threads.scheduleWithFixedDelay(() -> guarded(this::readLimits), 5, 5, TimeUnit.SECONDS);
    }

    @PreDestroy
    void stop() {
        threads.shutdownNow();
    }

    void watchStops() {
        for (Execution execution : executions.all()) {
            if (execution.cancellation().cancelled() || !execution.stopRequested()) {
                continue;
            }
            // the batch runtime does not say who stopped the job
            if (node.suspended()) {
                execution.shutDown();
            } else {
                runs.stopRequested(execution.run());
                execution.stop();
            }
        }
    }

    private void readLimits() {
        if (!executions.all().isEmpty()) {
            limits.refresh();
        }
    }

    void beat() {
        for (Execution execution : executions.all()) {
            guarded(() -> beat(execution));
        }
        executions.beatQueued((run, owner, how) -> endings.neverBegan(run, owner, how, node.suspended()));
    }

    private void beat(Execution execution) {
        Runs.Beat beat = runs.heartbeat(execution.run(), execution.number());
        // one that has ended since it was listed has not been given up
        if (beat == Runs.Beat.GIVE_UP
                && executions.find(execution.run()).filter(active -> active == execution).isPresent()) {
            execution.giveUp();
        } else if (beat == Runs.Beat.STOP) {
            execution.stop();
        }
    }

    /** Apart from the signs of life: it waits for whoever has locked items, as while a database is begun again. */
    void storeProgress() {
        for (Execution execution : executions.all()) {
            queue.heartbeat(execution.run(), execution.owner(), execution.progressNow());
        }
    }

    /** A pulse that threw once must beat again: a scheduled task that throws, an Error, too, is never run again. */
    private static void guarded(Runnable beat) {
        try {
            beat.run();
        } catch (Throwable e) {
            LOG.log(Level.WARNING, "heartbeat failed; it will be tried again", e);
        }
    }
}
