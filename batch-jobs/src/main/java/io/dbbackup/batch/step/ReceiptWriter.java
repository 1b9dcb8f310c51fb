package io.dbbackup.batch.step;

import io.dbbackup.service.run.ItemOutcome;
import io.dbbackup.service.run.RunEngine;
import jakarta.batch.api.chunk.AbstractItemWriter;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.util.List;

/** Records outcomes in the chunk's transaction, which also holds the job repository's checkpoint. */
@Named
@Dependent
public class ReceiptWriter extends AbstractItemWriter {
    @Inject
    private RunEngine engine;

    @Override
    public void writeItems(List<Object> outcomes) {
        for (Object outcome : outcomes) {
            engine.record((ItemOutcome) outcome);
        }
    }
}
