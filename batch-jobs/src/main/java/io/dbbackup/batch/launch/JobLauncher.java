package io.dbbackup.batch.launch;

import io.dbbackup.catalog.RunView;
import io.dbbackup.catalog.Runs;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Operation;
import io.dbbackup.model.RunState;
import io.dbbackup.service.run.Endings;
import io.dbbackup.service.run.Execution;
import io.dbbackup.service.run.Executions;
import io.dbbackup.service.run.Node;
import io.dbbackup.service.run.RunEngine;
import jakarta.batch.operations.BatchRuntimeException;
import jakarta.batch.operations.JobOperator;
import jakarta.batch.runtime.BatchStatus;
import jakarta.batch.runtime.JobExecution;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;

/**
 * Starts, stops and restarts runs. Thread-safe. A run exists in the catalog before its job starts, so that nothing that
 * was started can be missing there.
 */
@ApplicationScoped
public class JobLauncher {
    /** Job parameter that names the run. */
    public static final String RUN = "run";

    private RunEngine engine;
    private Runs runs;
    private Executions executions;
    private Endings endings;
    private Node node;
    private BatchOperator operator;

    protected JobLauncher() {}

    @Inject
    public JobLauncher(
            RunEngine engine, Runs runs, Executions executions, Endings endings, Node node, BatchOperator operator) {
        this.engine = engine;
        this.runs = runs;
        this.executions = executions;
        this.endings = endings;
        this.node = node;
        this.operator = operator;
    }

    /**
     * Checks the parameters and starts a job.
     *
     * @param user who asked
     * @param via {@code rest}, {@code cli} or {@code schedule}
     * @param idempotencyKey a second start with the same key and parameters yields the first run
     * @throws BackupException INVALID_PARAMETER, UNKNOWN_…, CONFIRMATION_REQUIRED; RUN_ALREADY_ACTIVE when the same
     *     thing is being done already; then nothing was started
     */
    public RunView start(
            Operation operation,
            Map<String, String> parameters,
            String user,
            String via,
            Optional<String> idempotencyKey) {
        RunEngine.Created created = engine.createOnce(operation, parameters, user, via, idempotencyKey);
        return created.existed() ? created.run() : submit(created.run());
    }

    private RunView submit(RunView run) {
        Properties properties = new Properties();
        properties.putAll(run.parameters());
        properties.setProperty(RUN, run.id().toString());
        long execution;
        try {
            executions.queue(run.id(), node.name());
            execution = operator.call(jobs -> jobs.start(run.operation().jobName(), properties));
        } catch (RuntimeException e) {
            executions.dequeue(run.id());
            endings.refused(run.id(), BackupException.problemOf(e));
            throw e;
        }
        submitted(run.id(), execution);
        return runs.get(run.id());
    }

    private void submitted(UUID run, long execution) {
        // that of the runner, so that the status is the present one
        runs.submitted(run, execution);
        JobExecution job = operator.call(jobs -> jobs.getJobExecution(execution));
        executions.waits(run, () -> over(job.getBatchStatus()));
    }

    /** Of a job that is not about to begin the runtime does not tell the listeners. */
    private static Optional<RunState> over(BatchStatus status) {
        return switch (status) {
            case STARTING, STARTED -> Optional.empty();
            case FAILED -> Optional.of(RunState.FAILED);
            case STOPPING, STOPPED, COMPLETED, ABANDONED -> Optional.of(RunState.STOPPED);
        };
    }

    /**
     * Asks a run to stop; it does so within two seconds.
     *
     * @throws BackupException UNKNOWN_RUN, or RUN_ALREADY_ENDED
     */
    public RunView stop(UUID id) {
        RunView run = runs.get(id);
        if (run.state().ended()) {
            throw new BackupException(
                    ErrorCode.RUN_ALREADY_ENDED,
                    "run " + id + " has ended already (" + run.state() + "), so that there is nothing to be stopped",
                    "Look at how it ended: dbbackup runs " + id + "; runs that can be stopped are those that dbbackup status"
                            + " shows as active.");
        }
        runs.stopRequested(id);
        executions.find(id).ifPresent(Execution::stop);
        run.jobExecution().ifPresent(execution -> {
            try {
                operator.call(jobs -> {
                    jobs.stop(execution);
                    return execution;
                });
            } catch (jakarta.batch.operations.JobExecutionNotRunningException e) {
                // it ended between our look and our call, which is what was asked for
                return;
            }
        });
        return runs.get(id);
    }

    /**
     * Continues a run with what is left.
     *
     * @throws BackupException UNKNOWN_RUN; RUN_ALREADY_ACTIVE; RUN_NOT_RESTARTABLE when it has nothing left to do
     */
    public RunView restart(UUID id, String user) {
        RunView run = runs.get(id);
        if (!run.restartable() || run.jobExecution().isEmpty()) {
            throw notRestartable(run);
        }
        JobExecution newest = operator.call(jobs -> newest(jobs, run.jobExecution().get()));
        BatchStatus status = newest.getBatchStatus();
        if (status == BatchStatus.COMPLETED || status == BatchStatus.ABANDONED) {
            throw notRestartable(run);
        }
        if (executions.find(id).isPresent()) {
            throw new BackupException(
                    ErrorCode.RUN_ALREADY_ACTIVE,
                    "an execution of run " + id + " that was given up for dead is still ending on this server",
                    "Restart the run when server.log says that it has ended, or on another server.");
        }
        if (!runs.queued(id, node.name())) {
            throw notRestartable(runs.get(id));
        }
        Properties properties = new Properties();
        properties.setProperty(RUN, id.toString());
        // the reconciled execution of a killed node may still be cached as running by this process
        properties.setProperty("jberet.restart.mode", "force");
        long execution;
        try {
            executions.queue(id, node.name());
            execution = operator.call(jobs -> jobs.restart(newest.getExecutionId(), properties));
        } catch (RuntimeException e) {
            executions.dequeue(id);
            runs.endQueued(id, node.name(), run.state(), run.exitStatus().orElse("FAILED"), Optional.empty());
            if (!(e instanceof BatchRuntimeException)) {
                throw e;
            }
            throw new BackupException(
                    ErrorCode.RUN_NOT_RESTARTABLE,
                    "the job repository refuses to restart execution " + newest.getExecutionId() + ": " + e.getMessage(),
                    "Start a new run.",
                    e);
        }
        submitted(id, execution);
        return runs.get(id);
    }

    /** The repository restarts no other one; the catalog does not know an execution that ended before it began. */
    private static JobExecution newest(JobOperator jobs, long known) {
        return jobs.getJobExecutions(jobs.getJobInstance(known)).stream()
                .max(Comparator.comparingLong(JobExecution::getExecutionId))
                .orElseGet(() -> jobs.getJobExecution(known));
    }

    private static BackupException notRestartable(RunView run) {
        if (!run.state().ended()) {
            return new BackupException(
                    ErrorCode.RUN_ALREADY_ACTIVE,
                    "run " + run.id() + " is " + run.state(),
                    "Wait for it to end, or stop it first.");
        }
        return new BackupException(
                ErrorCode.RUN_NOT_RESTARTABLE,
                "run " + run.id() + " is " + run.state() + " and has nothing left to restart",
                "Start a new run.");
    }
}
