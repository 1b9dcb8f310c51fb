package io.dbbackup.service.restore;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.BackupSets;
import io.dbbackup.catalog.RunView;
import io.dbbackup.catalog.Runs;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.ItemState;
import io.dbbackup.model.Omission;
import io.dbbackup.model.Operation;
import io.dbbackup.service.access.Access;
import io.dbbackup.service.run.Parameters;
import io.dbbackup.spi.Discarded;
import io.dbbackup.spi.LogicalRestore;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.EnumSet;
import java.util.List;
import java.util.UUID;

/**
 * Gives up what a restore that has not ended well left unfinished on its target. A restart of the run begins these databases
 * anew. Thread-safe; while it works the run counts as queued, so that nobody restarts it.
 */
@ApplicationScoped
public class RestoreDiscard {
    private static final int SHOWN = 50;

    private Access access;
    private Runs runs;
    private WorkQueue queue;
    private BackupSets sets;

    protected RestoreDiscard() {}

    @Inject
    public RestoreDiscard(Access access, Runs runs, WorkQueue queue, BackupSets sets) {
        this.access = access;
        this.runs = runs;
        this.queue = queue;
        this.sets = sets;
    }

    /**
     * Drops the unfinished databases of a run. Can be repeated.
     *
     * @return also what came back
     * @throws BackupException UNKNOWN_RUN; INVALID_PARAMETER when it is no restore, or of a data-only set of PostgreSQL; RUN_ALREADY_ACTIVE;
     *     RUN_NOT_RESTARTABLE when there is nothing unfinished; or of the server
     */
    public Discarded discard(UUID id) {
        RunView run = runs.get(id);
        refuseOthers(run);
        Parameters parameters = new Parameters(run.parameters());
        Endpoint target = access.endpoint(parameters.required("target"));
        LogicalRestore restore = access.engine(target.engine()).logicalRestore();
        boolean dataOnly = dataOnly(run);
        if (dataOnly && !restore.discardsDataOnly()) {
            throw Parameters.invalid(
                    "run " + run.id() + " loads rows into tables that exist, and has no database of its own to be dropped",
                    "Restart the run, or restore again with clean to replace what it has loaded.");
        }
        if (!runs.queued(id)) {
            throw active(runs.get(id));
        }
        try {
            Discarded dropped = restore.discard(target, id);
            queue.startOver(id, queue.databases(id, restore.finishKind(), EnumSet.of(ItemState.DONE)));
            runs.warn(id, said(dropped, target, dataOnly));
            return dropped;
        } finally {
            runs.end(id, run.state(), run.exitStatus().orElse(run.state().name()));
        }
    }

    private void refuseOthers(RunView run) {
        if (run.operation() != Operation.RESTORE) {
            throw Parameters.invalid(
                    "run " + run.id() + " is no restore", "Give the id of a restore that has not ended well.");
        }
        if (!run.state().ended()) {
            throw active(run);
        }
        if (!run.restartable()) {
            throw new BackupException(
                    ErrorCode.RUN_NOT_RESTARTABLE,
                    "run " + run.id() + " is " + run.state() + " and left nothing unfinished",
                    "Nothing needs to be done.");
        }
    }

    private boolean dataOnly(RunView run) {
        return run.set().flatMap(sets::find).map(BackupSetView::omissions).orElse(List.of()).contains(Omission.DEFINITIONS);
    }

    private static String said(Discarded dropped, Endpoint target, boolean dataOnly) {
        if (dropped.databases().isEmpty()) {
            return "given up; there was nothing unfinished on " + target.name();
        }
        String names = String.join(", ", dropped.databases());
        return dataOnly
                ? "given up: the marks of what was loaded (" + names + ") were dropped on " + target.name()
                        + "; rows that were loaded stay in their tables, so that another restore into them needs clean"
                        + (dropped.triggers().isEmpty()
                                ? ""
                                : "; the triggers that were suspended exist again: " + some(dropped.triggers()))
                : "given up: the unfinished databases " + names + " were dropped on " + target.name();
    }

    private static String some(List<String> names) {
        return String.join(", ", names.stream().limit(SHOWN).toList())
                + (names.size() > SHOWN ? " and " + (names.size() - SHOWN) + " more" : "");
    }

    private static BackupException active(RunView run) {
        return new BackupException(
                ErrorCode.RUN_ALREADY_ACTIVE,
                "run " + run.id() + " is " + run.state(),
                "Wait for it to end, or stop it first.");
    }
}
