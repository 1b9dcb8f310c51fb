package io.dbbackup.service.rewrite;

import io.dbbackup.catalog.RunDraft;
import io.dbbackup.model.Operation;
import io.dbbackup.service.run.Execution;
import io.dbbackup.service.run.Parameters;
import io.dbbackup.service.run.RunHandler;
import io.dbbackup.service.run.SealOutcome;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.WorkItem;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/** Makes a set that is not encrypted of one that is. */
@ApplicationScoped
public class DecryptHandler implements RunHandler {
    private SetRewrite rewrite;

    protected DecryptHandler() {}

    @Inject
    public DecryptHandler(SetRewrite rewrite) {
        this.rewrite = rewrite;
    }

    @Override
    public Operation operation() {
        return Operation.DECRYPT;
    }

    @Override
    public RunDraft check(Parameters given) {
        return rewrite.check(operation(), given);
    }

    @Override
    public void plan(Execution execution) {
        rewrite.plan(execution);
    }

    @Override
    public ItemResult execute(Execution execution, WorkItem item, Progress progress) {
        return rewrite.execute(execution, item, progress);
    }

    @Override
    public boolean continueOnError(Execution execution) {
        return false;
    }

    @Override
    public SealOutcome seal(Execution execution) {
        return rewrite.seal(execution);
    }
}
