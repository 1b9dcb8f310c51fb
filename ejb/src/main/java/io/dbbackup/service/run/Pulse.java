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
 * REST, the management console, the management command line) and unblocks its workers; stores progress and extends
 * leases every second; and tells the catalog what it could not be told before.
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

    private ScheduledExecutorService threads;

    @PostConstruct
    void start() {
        ClassLoader deployment = Thread.currentThread().getContextClassLoader();
        threads = Executors.newScheduledThreadPool(2, task -> {
            Thread thread = new Thread(task, "dbbackup-pulse");
            thread.setDaemon(true);
            thread.setContextClassLoader(deployment);
            return thread;
        });
        threads.scheduleWithFixedDelay(() -> guarded(this::watchStops), 250, 250, TimeUnit.MILLISECONDS);
        threads.scheduleWithFixedDelay(() -> guarded(this::beat), 1, 1, TimeUnit.SECONDS);
        threads.scheduleWithFixedDelay(() -> guarded(this::readLimits), 5, 5, TimeUnit.SECONDS);
    }

    @PreDestroy
    void stop() {
        threads.shutdownNow();
    }

    private void watchStops() {
        for (Execution execution : executions.all()) {
            if (!execution.cancellation().cancelled() && execution.stopRequested()) {
                LOG.info(() -> execution.view().label() + ": stop was requested");
                runs.stopRequested(execution.run());
                execution.cancellation().cancel();
                execution.changed();
            }
        }
    }

    private void readLimits() {
        if (!executions.all().isEmpty()) {
            limits.refresh();
        }
    }

    private void beat() {
        endings.attemptAll();
        for (Execution execution : executions.all()) {
            boolean current = runs.heartbeat(execution.run(), execution.number());
            // one that has ended since it was listed has not been given up
            if (!current && executions.find(execution.run()).filter(active -> active == execution).isPresent()) {
                execution.giveUp();
                continue;
            }
            queue.heartbeat(execution.run(), execution.owner(), execution.progressNow());
        }
    }

    /** A pulse that threw once must beat again: a scheduled task that throws is never run again. */
    private static void guarded(Runnable beat) {
        try {
            beat.run();
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "heartbeat failed; it will be tried again", e);
        }
    }
}
