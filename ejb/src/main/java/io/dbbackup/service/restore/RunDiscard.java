package io.dbbackup.service.restore;

import io.dbbackup.catalog.RunView;
import io.dbbackup.catalog.Runs;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.ItemState;
import io.dbbackup.model.Operation;
import io.dbbackup.service.access.Access;
import io.dbbackup.service.retention.HiddenSets;
import io.dbbackup.service.run.Executions;
import io.dbbackup.service.run.Node;
import io.dbbackup.service.run.Parameters;
import io.dbbackup.spi.Discarded;
import io.dbbackup.spi.LogicalRestore;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Gives up a run that has not ended well: it waits for nobody any more and needs no set. What a restore left unfinished on its
 * target is dropped, and a restart of the run begins these databases anew. Thread-safe; while a restore is given up its run
 * counts as queued, so that nobody restarts it.
 */
@ApplicationScoped
public class RunDiscard {
    private static final int SHOWN = 50;

    private Access access;
    private Runs runs;
    private WorkQueue queue;
    private HiddenSets hiddenSets;
    private Executions executions;
    private Node node;

    protected RunDiscard() {}

    @Inject
    public RunDiscard(Access access, Runs runs, WorkQueue queue, HiddenSets hiddenSets, Executions executions, Node node) {
        this.access = access;
        this.runs = runs;
        this.queue = queue;
        this.hiddenSets = hiddenSets;
        this.executions = executions;
        this.node = node;
    }

    /**
     * What giving up came to.
     *
     * @param databases as {@link Discarded}
     * @param triggers as {@link Discarded}
     * @param notes what was done and what is left, as sentences; also among the warnings of the run
     */
    public record GivenUp(List<String> databases, List<String> triggers, List<String> notes) {
        public GivenUp {
            databases = List.copyOf(databases);
            triggers = List.copyOf(triggers);
            notes = List.copyOf(notes);
        }
    }

    /**
     * Gives a run up. Can be repeated. Nobody connects to the target of a restore that has begun nothing.
     *
     * @throws BackupException UNKNOWN_RUN; RUN_ALREADY_ACTIVE; RUN_NOT_RESTARTABLE when there is nothing unfinished;
     *     CONFIRMATION_REQUIRED as {@link LogicalRestore#requireDiscardable}; or of the server
     */
    public GivenUp discard(UUID id) {
        RunView run = runs.get(id);
        if (!run.state().ended()) {
            throw active(run);
        }
        if (!run.discardable()) {
            throw new BackupException(
                    ErrorCode.RUN_NOT_RESTARTABLE,
                    "run " + run.id() + " is " + run.state() + " and left nothing unfinished",
                    "Nothing needs to be done.");
        }
        if (run.operation() == Operation.RESTORE && queue.begun(id)) {
            return restore(run);
        }
        if (!runs.discarded(id)) {
            throw active(runs.get(id));
        }
        List<String> notes = new ArrayList<>();
        notes.add(queue.begun(id) ? left(run) : "given up; it had begun nothing");
        if (run.operation() == Operation.RETENTION || run.operation() == Operation.REMOVE) {
            notes.addAll(hiddenSets.listAgain(id));
        }
        notes.forEach(note -> noted(id, note));
        return new GivenUp(List.of(), List.of(), notes);
    }

    private GivenUp restore(RunView run) {
        UUID id = run.id();
        RestoreParameters parameters = RestoreParameters.of(new Parameters(run.parameters()));
        Endpoint target = access.endpoint(parameters.target());
        LogicalRestore restore = access.engine(target.engine()).logicalRestore();
        boolean dataOnly = dataOnly(id, restore);
        if (!runs.queued(id, node.name())) {
            throw active(runs.get(id));
        }
        boolean done = false;
        try {
            executions.queue(id, node.name());
            List<String> notes = new ArrayList<>();
            List<String> finished = queue.databases(id, restore.finishKind(), EnumSet.of(ItemState.DONE));
            if (!dataOnly) {
                Map<Long, String> finishing = finishing(id, restore, parameters);
                restore.requireDiscardable(target, id, finishing);
                // first: when the others are dropped, nothing tells such databases from those of somebody else
                restore.halfFinished(target, id, finishing)
                        .forEach(name -> notes.add(noted(id, partly(name, target))));
                // who dies in between leaves databases that a restart makes anew, not items that are done with nothing to show for
                queue.startOver(id, finished);
            }
            Discarded dropped = dataOnly ? rows(id, restore, parameters, target, finished) : restore.discard(target, id);
            RestoreSealer.withoutEvents(queue, id, restore, finished).forEach(source -> notes.add(noted(
                    id, eventless(parameters.databases().getOrDefault(source, source), target))));
            dropped.losses().forEach(loss -> notes.add(noted(id, loss)));
            notes.add(0, noted(id, said(dropped, target, dataOnly)));
            done = true;
            return new GivenUp(dropped.databases(), dropped.triggers(), notes);
        } finally {
            executions.dequeue(id);
            // unless this server was silent for so long that others have ended it
            runs.endQueued(id, node.name(), run.state(), run.exitStatus().orElse(run.state().name()), Optional.empty());
            if (done) {
                runs.discarded(id);
            }
        }
    }

    /**
     * Of those whose marks are dropped everything is begun anew; when others cannot be, as where a trigger cannot come back, a restart
     * goes on from the marks that are left.
     */
    private Discarded rows(
            UUID id, LogicalRestore restore, RestoreParameters parameters, Endpoint target, List<String> finished) {
        List<String> dropped = new ArrayList<>();
        List<String> triggers = new ArrayList<>();
        List<String> losses = new ArrayList<>();
        List<String> kept = new ArrayList<>(finished);
        Optional<BackupException> failure = Optional.empty();
        for (String source : queue.databases(id, restore.finishKind(), EnumSet.allOf(ItemState.class))) {
            try {
                Discarded one = restore.discardRows(target, id, parameters.databases().getOrDefault(source, source));
                dropped.addAll(one.databases());
                triggers.addAll(one.triggers());
                // at once: who dies at the next one finds nothing on the server that says it
                one.losses().forEach(loss -> losses.add(noted(id, loss)));
            } catch (BackupException e) {
                kept.add(source);
                failure = failure.or(() -> Optional.of(e));
            }
        }
        queue.startOver(id, kept);
        Discarded done = new Discarded(dropped, triggers, losses);
        failure.ifPresent(e -> {
            if (!dropped.isEmpty()) {
                noted(id, said(done, target, true));
            }
            throw e;
        });
        return done;
    }

    /** Final names by the items that have begun to give them. */
    private Map<Long, String> finishing(UUID run, LogicalRestore restore, RestoreParameters parameters) {
        return queue.unfinished(run, restore.finishKind()).entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        item -> parameters.databases().getOrDefault(item.getValue(), item.getValue())));
    }

    /** By the run's own work: its set may have expired. */
    private boolean dataOnly(UUID run, LogicalRestore restore) {
        return restore.rowsOnlyKind()
                .filter(kind -> !queue.databases(run, kind, EnumSet.allOf(ItemState.class)).isEmpty())
                .isPresent();
    }

    private String noted(UUID run, String note) {
        runs.warn(run, note);
        return note;
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

    private static String partly(String name, Endpoint target) {
        return "database \"" + name + "\" on " + target.name() + " has its final name, but only a part of what it was to hold: this run"
                + " was interrupted while it filled it; it was left as it is. Look into it, then drop it, or restore again with clean"
                + " and confirm=" + name + " to replace it";
    }

    private static String eventless(String name, Endpoint target) {
        return "database \"" + name + "\" on " + target.name() + " is finished, but its events were not created, which wait for all databases"
                + " of the run: create them yourself from its after-data.sql in the set, or restore it again in a run of its own";
    }

    private static String left(RunView run) {
        return switch (run.operation()) {
            case BACKUP, ENCRYPT, DECRYPT, COPY ->
                "given up; what it has stored without finishing it stays until retention deletes leftovers";
            case RETENTION, REMOVE, VERIFY, RESTORE -> "given up";
        };
    }

    private static BackupException active(RunView run) {
        return new BackupException(
                ErrorCode.RUN_ALREADY_ACTIVE,
                "run " + run.id() + " is " + run.state(),
                "Wait for it to end, or stop it first.");
    }
}
