package io.dbbackup.batch.step;

import io.dbbackup.batch.listener.Rejections;
import io.dbbackup.service.run.Execution;
import io.dbbackup.service.run.Executions;
import io.dbbackup.service.run.RunEngine;
import jakarta.batch.api.AbstractBatchlet;
import jakarta.batch.runtime.context.JobContext;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.inject.Named;

/** Writes the run's work items; exit status PLANNED, FAILED or INVALID_PARAMETERS. */
@Named
@Dependent
public class PlanWorkItems extends AbstractBatchlet {
    @Inject
    private JobContext job;

    @Inject
    private RunEngine engine;

    @Inject
    private Executions executions;

    @Inject
    private Rejections rejections;

    @Override
    public String process() {
        if (rejections.take(job.getExecutionId())) {
            return "INVALID_PARAMETERS";
        }
        Execution execution = executions.ofJob(job.getExecutionId());
        return engine.plan(execution.run()).isPresent() ? "FAILED" : "PLANNED";
    }

    @Override
    public void stop() {
        executions.findOfJob(job.getExecutionId()).ifPresent(e -> e.cancellation().cancel());
    }
}
