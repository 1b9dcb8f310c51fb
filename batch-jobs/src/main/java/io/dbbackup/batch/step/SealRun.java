package io.dbbackup.batch.step;

import io.dbbackup.service.run.Executions;
import io.dbbackup.service.run.RunEngine;
import jakarta.batch.api.AbstractBatchlet;
import jakarta.batch.runtime.context.JobContext;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.inject.Named;

/** Checks that every item is done and publishes the result; exit status COMPLETED, WARNINGS, PARTIAL or FAILED. */
@Named
@Dependent
public class SealRun extends AbstractBatchlet {
    @Inject
    private JobContext job;

    @Inject
    private RunEngine engine;

    @Inject
    private Executions executions;

    @Override
    public String process() {
        return engine.seal(executions.ofJob(job.getExecutionId()).run()).result().name();
    }

    @Override
    public void stop() {
        executions.findOfJob(job.getExecutionId()).ifPresent(e -> e.cancellation().cancel());
    }
}
