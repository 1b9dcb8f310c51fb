package io.dbbackup.batch.listener;

import io.dbbackup.batch.launch.JobLauncher;
import io.dbbackup.catalog.RunView;
import io.dbbackup.catalog.Runs;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Operation;
import io.dbbackup.model.Problem;
import io.dbbackup.model.RunState;
import io.dbbackup.service.run.Endings;
import io.dbbackup.service.run.Execution;
import io.dbbackup.service.run.Executions;
import io.dbbackup.service.run.LostRuns;
import io.dbbackup.service.run.Node;
import io.dbbackup.service.run.RunEngine;
import jakarta.batch.api.listener.AbstractJobListener;
import jakarta.batch.operations.JobOperator;
import jakarta.batch.runtime.BatchRuntime;
import jakarta.batch.runtime.BatchStatus;
import jakarta.batch.runtime.context.JobContext;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;
import java.util.logging.Logger;

/**
 * Connects a job execution with its run. A job that was started by the launcher names its run; one that was started from
 * the management console gets one here, from the same parameters and with the same checks.
 */
@Named
@Dependent
public class RunJournal extends AbstractJobListener {
    private static final Logger LOG = Logger.getLogger(RunJournal.class.getName());

    @Inject
    private JobContext job;

    @Inject
    private RunEngine engine;

    @Inject
    private Runs runs;

    @Inject
    private Executions executions;

    @Inject
    private Rejections rejections;

    @Inject
    private Node node;

    @Inject
    private Endings endings;

    @Override
    public void beforeJob() {
        try {
            UUID run = findRun().orElseGet(this::createRun);
            JobContext context = job;
            executions.begin(
                    run,
                    job.getInstanceId(),
                    job.getExecutionId(),
                    node.name(),
                    () -> context.getBatchStatus() == BatchStatus.STOPPING);
        } catch (BackupException e) {
            LOG.severe(() -> "job " + job.getJobName() + " execution " + job.getExecutionId() + " refused: " + e.problem());
            rejections.add(job.getExecutionId());
            // nothing else would ever end a run that waits for this job
            named().filter(run -> e.code() == ErrorCode.RUN_ALREADY_ACTIVE && runs.get(run).state() == RunState.QUEUED)
                    .ifPresent(run -> endings.refused(run, e.problem()));
        } catch (RuntimeException e) {
            rejections.add(job.getExecutionId());
            named().ifPresent(run -> endings.refused(run, new Problem(
                    ErrorCode.INTERNAL,
                    "the job could not begin: " + e.getMessage(),
                    "See the server's log for the cause, then restart the run.")));
            throw e;
        }
    }

    /** The run that the launcher named; does not ask the catalog. */
    private Optional<UUID> named() {
        return Optional.ofNullable(parameters().get(JobLauncher.RUN)).map(UUID::fromString);
    }

    private Optional<UUID> findRun() {
        String named = parameters().get(JobLauncher.RUN);
        if (named != null) {
            return Optional.of(ours(runs.get(UUID.fromString(named))).id());
        }
        return runs.findByJobInstance(job.getInstanceId()).map(RunView::id);
    }

    /** The parameter is the launcher's: given by hand it could make this job take over another one's run. */
    private RunView ours(RunView run) {
        boolean other = run.jobInstance().filter(instance -> instance != job.getInstanceId()).isPresent();
        if (other || !run.operation().jobName().equals(job.getJobName())) {
            throw new BackupException(
                    ErrorCode.INVALID_PARAMETER,
                    "run " + run.id() + " belongs to another instance of job " + run.operation().jobName(),
                    "Leave the parameter " + JobLauncher.RUN + " out to start a new run.");
        }
        return run;
    }

    private UUID createRun() {
        Map<String, String> parameters = parameters();
        parameters.keySet().removeIf(name -> name.startsWith("jberet."));
        return engine.create(Operation.ofJob(job.getJobName()), parameters, "management", "management", Optional.empty())
                .id();
    }

    private Map<String, String> parameters() {
        JobOperator operator = BatchRuntime.getJobOperator();
        Properties properties = operator.getParameters(job.getExecutionId());
        Map<String, String> parameters = new HashMap<>();
        if (properties != null) {
            // restart parameters are layered as defaults: entrySet() would miss them
            for (String name : properties.stringPropertyNames()) {
                parameters.put(name, properties.getProperty(name));
            }
        }
        return parameters;
    }

    @Override
    public void afterJob() {
        Optional<Execution> execution = executions.findOfJob(job.getExecutionId());
        if (execution.isEmpty()) {
            return;
        }
        UUID run = execution.get().run();
        // before what is held is closed, which may take long: a stop meanwhile changes nothing of what the run came to
        String exitStatus = exitStatus(execution.get());
        executions.end(run);
        RunState state = RunEngine.stateOf(exitStatus);
        endings.ended(execution.get(), state, exitStatus);
    }

    private String exitStatus(Execution execution) {
        String exitStatus = job.getExitStatus();
        BatchStatus status = job.getBatchStatus();
        boolean sealed = exitStatus != null && exitStatus.startsWith("COMPLETED");
        if (!sealed && (execution.cancellation().cancelled() || status == BatchStatus.STOPPING)) {
            if (node.suspended()) {
                execution.shutDown();
            }
            return execution.endedByServer() ? LostRuns.EXIT_STATUS : "STOPPED";
        }
        if (exitStatus != null) {
            return exitStatus;
        }
        return status == BatchStatus.STARTED ? "COMPLETED" : status.name();
    }
}
