package io.dbbackup.service.run;

import io.dbbackup.catalog.ItemView;
import io.dbbackup.catalog.RunProgress;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Plural;
import io.dbbackup.model.Problem;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** What kept a run from being done, as one problem. */
public final class Failures {
    private Failures() {}

    /** Empty when every item of the run is DONE; otherwise the first failure with the number of all. */
    public static Optional<Problem> of(WorkQueue queue, UUID run) {
        RunProgress progress = queue.progress(run);
        long open = progress.items() - progress.itemsDone();
        if (open == 0) {
            return Optional.empty();
        }
        List<ItemView> failures = queue.failures(run, 1);
        if (failures.isEmpty()) {
            return Optional.of(new Problem(
                    ErrorCode.WORK_ITEMS_FAILED,
                    open + " of " + progress.items() + " work items are not done",
                    "Restart the run; it continues with what is left."));
        }
        ItemView first = failures.get(0);
        Problem problem = first.problem().orElseThrow();
        String more = progress.itemsFailed() == 1 ? "" : " (and " + Plural.of(progress.itemsFailed() - 1, "more failure", "more failures") + ")";
        return Optional.of(new Problem(problem.code(), first.label() + ": " + problem.cause() + more, problem.remedy()));
    }
}
