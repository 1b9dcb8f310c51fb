package io.dbbackup.service.notice;

import io.dbbackup.catalog.Configuration;
import io.dbbackup.catalog.RunView;
import io.dbbackup.catalog.Runs;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ChannelConfig;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.service.run.RunEnded;
import io.dbbackup.spi.Notification;
import io.dbbackup.spi.Notifier;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Tells the configured channels how runs ended. Sending happens beside the job and never changes its outcome: what
 * cannot be sent leaves a warning on the run and an entry in the log. Thread-safe.
 */
@ApplicationScoped
public class RunNotices {
    private static final Logger LOG = Logger.getLogger(RunNotices.class.getName());
    private static final int MAX_WAITING = 1000;

    private Configuration configuration;
    private Runs runs;
    private WorkQueue queue;
    private Iterable<Notifier> notifiers;
    private ThreadPoolExecutor sender;

    protected RunNotices() {}

    @Inject
    public RunNotices(Configuration configuration, Runs runs, WorkQueue queue, @Any Instance<Notifier> notifiers) {
        this(configuration, runs, queue, (Iterable<Notifier>) notifiers);
    }

    RunNotices(Configuration configuration, Runs runs, WorkQueue queue, Iterable<Notifier> notifiers) {
        this.configuration = configuration;
        this.runs = runs;
        this.queue = queue;
        this.notifiers = notifiers;
        ClassLoader deployment = Thread.currentThread().getContextClassLoader();
        sender = new ThreadPoolExecutor(1, 1, 1, TimeUnit.MINUTES, new ArrayBlockingQueue<>(MAX_WAITING), task -> {
            Thread thread = new Thread(task, "dbbackup-notices");
            thread.setDaemon(true);
            thread.setContextClassLoader(deployment);
            return thread;
        });
        sender.allowCoreThreadTimeOut(true);
    }

    /** What is being sent gets a moment when the server stops. */
    @PreDestroy
    void stop() throws InterruptedException {
        sender.shutdown();
        if (!sender.awaitTermination(5, TimeUnit.SECONDS)) {
            for (Runnable waiting : sender.shutdownNow()) {
                LOG.warning(() -> "the server stops; nobody is told " + said(((Notice) waiting).run));
            }
        }
    }

    void ended(@Observes RunEnded event) {
        ended(event.run());
    }

    /**
     * Queues the notices of a run that has ended and returns at once.
     *
     * @param run as it ended: when its turn comes, it may have been restarted
     */
    public void ended(RunView run) {
        try {
            sender.execute(new Notice(run));
        } catch (RejectedExecutionException e) {
            LOG.log(Level.WARNING, e, () -> "too many notifications wait; nobody is told " + said(run));
        }
    }

    /** What waits to be sent. */
    private final class Notice implements Runnable {
        private final RunView run;

        private Notice(RunView run) {
            this.run = run;
        }

        @Override
        public void run() {
            tell(run);
        }
    }

    private static String said(RunView run) {
        return "that run " + run.id() + " (" + run.label() + ") ended as " + run.state();
    }

    private void tell(RunView run) {
        try {
            for (ChannelConfig channel : configuration.channels()) {
                if (RunNotice.wanted(channel.when(), run)) {
                    tell(channel, run, new RunNotice(run, queue.progress(run.id()), runs.warnings(run.id())).notification());
                }
            }
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, e, () -> "nobody could be told " + said(run));
        }
    }

    private void tell(ChannelConfig channel, RunView run, Notification notification) {
        try {
            notifier(channel.type()).send(channel.settings(), notification);
            LOG.info(() -> "notification \"" + channel.name() + "\" was sent: " + notification.subject());
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, e, () -> run.label() + ": notification \"" + channel.name() + "\" was not sent");
            runs.warn(
                    run.id(),
                    "notification \"" + channel.name() + "\" was not sent: " + BackupException.problemOf(e).cause());
        }
    }

    private Notifier notifier(String type) {
        for (Notifier notifier : notifiers) {
            if (notifier.type().equals(type)) {
                return notifier;
            }
        }
        throw new BackupException(
                ErrorCode.INVALID_CONFIGURATION,
                "there is no notification type \"" + type + "\"",
                "Correct the configuration and apply it again.");
    }
}
