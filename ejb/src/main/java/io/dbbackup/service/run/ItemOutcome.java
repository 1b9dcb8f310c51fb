package io.dbbackup.service.run;

import io.dbbackup.model.Problem;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.WorkItem;

/** What became of an attempt at an item. */
public sealed interface ItemOutcome {
    WorkItem item();

    record Done(WorkItem item, ItemResult result) implements ItemOutcome {}

    record Failed(WorkItem item, Problem problem) implements ItemOutcome {}

    /** The run was stopped in the middle of it. */
    record Interrupted(WorkItem item) implements ItemOutcome {}
}
