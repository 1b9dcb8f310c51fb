package io.dbbackup.batch.step;

import io.dbbackup.service.run.Executions;
import io.dbbackup.service.run.RunEngine;
import io.dbbackup.spi.WorkItem;
import jakarta.batch.api.chunk.AbstractItemReader;
import jakarta.batch.runtime.context.JobContext;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.inject.Named;

/** Claims the next ready work item. Has no checkpoint of its own: the catalog knows what is done. */
@Named
@Dependent
public class WorkItemReader extends AbstractItemReader {
    @Inject
    private JobContext job;

    @Inject
    private RunEngine engine;

    @Inject
    private Executions executions;

    @Override
    public WorkItem readItem() throws InterruptedException {
        return engine.next(executions.ofJob(job.getExecutionId()).run()).orElse(null);
    }
}
