package io.dbbackup.batch.step;

import io.dbbackup.service.run.ItemOutcome;
import io.dbbackup.service.run.RunEngine;
import io.dbbackup.spi.WorkItem;
import jakarta.batch.api.chunk.ItemProcessor;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.inject.Named;

/** Does a work item. A failure is an outcome, not an exception, so that the other items go on. */
@Named
@Dependent
public class WorkItemProcessor implements ItemProcessor {
    @Inject
    private RunEngine engine;

    @Override
    public ItemOutcome processItem(Object item) {
        return engine.execute((WorkItem) item);
    }
}
