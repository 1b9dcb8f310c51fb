package io.dbbackup.catalog;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochGenerator;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Json;
import io.dbbackup.model.Operation;
import io.dbbackup.model.Problem;
import io.dbbackup.model.RunState;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import jakarta.persistence.LockModeType;
import jakarta.persistence.PersistenceContext;
import jakarta.persistence.TypedQuery;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;

/** Runs of all operations; ids are version 7 UUIDs and so sort by time. Thread-safe. */
@ApplicationScoped
public class Runs {
    private static final TimeBasedEpochGenerator IDS = Generators.timeBasedEpochGenerator();
    private static final int MAX_WARNINGS = 1000;
    /** How long a run that has done nothing waits for somebody. */
    private static final Duration REFUSED_SHOWN = Duration.ofDays(7);
    private static final List<RunState> EXECUTED = List.of(RunState.RUNNING, RunState.STOPPING);
    private static final List<RunState> HALFWAY = List.of(RunState.STOPPED, RunState.INTERRUPTED, RunState.FAILED);

    @PersistenceContext(unitName = "catalog")
    private EntityManager em;

    private Clock clock;

    protected Runs() {}

    @Inject
    public Runs(Clock clock) {
        this.clock = clock;
    }

    @Transactional(TxType.REQUIRES_NEW)
    public RunView create(
            RunDraft draft, String startedBy, String startedVia, Optional<String> idempotencyKey, String requestDigest) {
        RunEntity run = new RunEntity();
        run.id = IDS.generate();
        run.operation = draft.operation();
        run.state = RunState.QUEUED;
        run.label = draft.label();
        run.sourceName = draft.source().orElse(null);
        run.storeName = draft.store().orElse(null);
        run.policyName = draft.policy().orElse(null);
        run.setId = draft.set().orElse(null);
        run.parameters = Json.write(draft.parameters());
        run.startedBy = startedBy;
        run.startedVia = startedVia;
        run.createdAt = clock.instant();
        run.heartbeatAt = run.createdAt;
        run.idempotencyKey = idempotencyKey.orElse(null);
        run.requestDigest = requestDigest;
        em.persist(run);
        // its row must be there before those that refer to it
        em.flush();
        draft.warnings().forEach(text -> em.persist(new RunWarning(run.id, text)));
        return view(run);
    }

    @Transactional
    public Optional<RunView> find(UUID id) {
        return Optional.ofNullable(em.find(RunEntity.class, id)).map(Runs::view);
    }

    /** @throws BackupException UNKNOWN_RUN */
    @Transactional
    public RunView get(UUID id) {
        return find(id).orElseThrow(() -> new BackupException(
                ErrorCode.UNKNOWN_RUN, "there is no run " + id, "List the runs and use one of their ids."));
    }

    @Transactional
    public Optional<RunView> findByJobInstance(long jobInstance) {
        return em.createQuery("select r from RunEntity r where r.jobInstance = :instance", RunEntity.class)
                .setParameter("instance", jobInstance)
                .getResultStream()
                .findFirst()
                .map(Runs::view);
    }

    @Transactional
    public Optional<RunView> findByIdempotencyKey(String key) {
        return em.createQuery("select r from RunEntity r where r.idempotencyKey = :key", RunEntity.class)
                .setParameter("key", key)
                .getResultStream()
                .findFirst()
                .map(Runs::view);
    }

    /** Digest of the request that created the run; for the idempotency check. */
    @Transactional
    public Optional<String> requestDigest(UUID id) {
        return Optional.ofNullable(em.find(RunEntity.class, id)).map(r -> r.requestDigest);
    }

    /** Newest first; at most {@code limit} that are older than {@code before}. */
    @Transactional
    public List<RunView> list(
            Optional<Operation> operation, Collection<RunState> states, Optional<UUID> before, int limit) {
        StringBuilder jpql = new StringBuilder("select r from RunEntity r where 1 = 1");
        operation.ifPresent(o -> jpql.append(" and r.operation = :operation"));
        if (!states.isEmpty()) {
            jpql.append(" and r.state in :states");
        }
        Optional<Instant> createdBefore = before.map(id -> em.find(RunEntity.class, id)).map(r -> r.createdAt);
        createdBefore.ifPresent(t -> jpql.append(" and (r.createdAt < :at or (r.createdAt = :at and r.id < :id))"));
        jpql.append(" order by r.createdAt desc, r.id desc");
        TypedQuery<RunEntity> query = em.createQuery(jpql.toString(), RunEntity.class).setMaxResults(limit);
        operation.ifPresent(o -> query.setParameter("operation", o));
        if (!states.isEmpty()) {
            query.setParameter("states", states);
        }
        createdBefore.ifPresent(t -> query.setParameter("at", t).setParameter("id", before.orElseThrow()));
        return query.getResultList().stream().map(Runs::view).toList();
    }

    /**
     * Runs that have not ended well and that nobody has given up, newest first; see {@link RunView#discardable}. One that ended before it
     * had work items, as a refused one does, has changed nothing and holds nothing: it is among them for {@link #REFUSED_SHOWN}, and no
     * longer than until the same is tried again.
     */
    @Transactional
    public List<RunView> waiting(int limit) {
        return em.createQuery(
                        "select r from RunEntity r where r.discardedAt is null and cast(r.parameters as String) not like :dry"
                                + " and (r.state = :warnings and r.problemCode is not null"
                                // of backups without copies there are as many as nights: not to be read for being dropped
                                + " and (r.operation = :restore or r.operation = :backup and cast(r.parameters as String) like :copies)"
                                + " or r.state in :states"
                                + " and (exists (select i.id from WorkItemEntity i where i.runId = r.id) or r.endedAt > :since"
                                + " and not exists (select n.id from RunEntity n where n.operation = r.operation and n.label = r.label"
                                // two policies may have one label
                                + " and coalesce(n.policyName, '') = coalesce(r.policyName, '')"
                                + " and (n.createdAt > r.createdAt or n.createdAt = r.createdAt and n.id > r.id))))"
                                + " order by r.createdAt desc, r.id desc",
                        RunEntity.class)
                .setParameter("states", HALFWAY)
                .setParameter("warnings", RunState.SUCCEEDED_WITH_WARNINGS)
                .setParameter("since", clock.instant().minus(REFUSED_SHOWN))
                .setParameter("restore", Operation.RESTORE)
                .setParameter("backup", Operation.BACKUP)
                // the key of the JSON; within a value its quotes are escaped
                .setParameter("copies", "%\"" + RunView.COPIES + "\":%")
                .setParameter("dry", "%\"" + RunView.DRY_RUN + "\":\"true\"%")
                .setMaxResults(limit)
                .getResultList().stream().map(Runs::view).toList();
    }

    /** Runs created in {@code [from, to)}, oldest first, at most {@code limit} after {@code last}. */
    @Transactional
    public List<RunView> page(Instant from, Instant to, Optional<RunView> last, int limit) {
        TypedQuery<RunEntity> query = em.createQuery(
                        "select r from RunEntity r where r.createdAt >= :from and r.createdAt < :to"
                                + (last.isPresent() ? " and (r.createdAt > :at or (r.createdAt = :at and r.id > :id))" : "")
                                + " order by r.createdAt, r.id",
                        RunEntity.class)
                .setParameter("from", from)
                .setParameter("to", to)
                .setMaxResults(limit);
        last.ifPresent(run -> query.setParameter("at", run.createdAt()).setParameter("id", run.id()));
        return query.getResultList().stream().map(Runs::view).toList();
    }

    /**
     * An execution of the job has begun on a node; warnings of earlier ones stay. Commits at once.
     *
     * @throws BackupException RUN_ALREADY_ACTIVE when another execution carries the run out; RUN_NOT_RESTARTABLE when the run
     *     ended, or was queued anew, while this job waited for its turn. Nothing was changed then
     */
    @Transactional(TxType.REQUIRES_NEW)
    public RunView begin(UUID id, long jobInstance, long jobExecution, String owner) {
        RunEntity run = lock(id);
        requireTurn(run, jobExecution);
        // a stop that was asked for while it waited holds
        run.state = run.stopRequested ? RunState.STOPPING : RunState.RUNNING;
        run.executionStartedAt = clock.instant();
        run.startedAt = run.startedAt == null ? run.executionStartedAt : run.startedAt;
        run.endedAt = null;
        run.exitStatus = null;
        run.jobInstance = jobInstance;
        run.jobExecution = jobExecution;
        run.executions++;
        run.owner = owner;
        run.heartbeatAt = clock.instant();
        run.discardedAt = null;
        run.problem(null);
        return view(run);
    }

    /** Jobs are numbered as they are submitted; one that the management console restarts is newer than the run's. */
    private static void requireTurn(RunEntity run, long jobExecution) {
        if (EXECUTED.contains(run.state)) {
            throw new BackupException(
                    ErrorCode.RUN_ALREADY_ACTIVE, "run " + run.id + " is " + run.state, "Wait for it, or stop it first.");
        }
        boolean newer = run.jobExecution != null && jobExecution > run.jobExecution;
        boolean own = run.jobExecution == null || jobExecution == run.jobExecution;
        if (!newer && !(own && run.state == RunState.QUEUED)) {
            throw new BackupException(
                    ErrorCode.RUN_NOT_RESTARTABLE,
                    "run " + run.id + " became " + run.state + " otherwise while job execution " + jobExecution
                            + " waited for its turn",
                    "Restart the run if it is still wanted.");
        }
    }

    /**
     * Whether an execution is still the one that carries the run out. It is not when the run has ended, or was begun again,
     * while it worked: its server did not answer for a while, or another one has its name, so that it was taken for dead. In a
     * transaction of its own: that of a worker is as long as its work item, and would keep a connection all the time.
     *
     * @param execution {@link RunView#executions()} as {@link #begin} returned it
     */
    @Transactional(TxType.REQUIRES_NEW)
    public boolean executedBy(UUID id, int execution) {
        return executed(em, id, execution);
    }

    static boolean executed(EntityManager em, UUID id, int execution) {
        // no entity, which might be an old one of a transaction that is as long as its work item
        return em.createQuery(
                                "select count(r) from RunEntity r where r.id = :id and r.executions = :execution"
                                        + " and r.state in :executed",
                                Long.class)
                        .setParameter("id", id)
                        .setParameter("execution", execution)
                        .setParameter("executed", EXECUTED)
                        .getSingleResult()
                > 0;
    }

    /**
     * Says that nobody will continue a run that has not ended well: it waits for nobody and needs no set any more. A restart
     * takes that back.
     *
     * @return false when it is active; nothing was changed then
     */
    @Transactional(TxType.REQUIRES_NEW)
    public boolean discarded(UUID id) {
        RunEntity run = lock(id);
        if (run.state.ended()) {
            run.discardedAt = clock.instant();
        }
        return run.state.ended();
    }

    /**
     * Remembers the job execution of a run that was just submitted, so that it can be stopped before it begins, and restarted
     * should it never begin.
     */
    @Transactional(TxType.REQUIRES_NEW)
    public void submitted(UUID id, long jobExecution) {
        RunEntity run = lock(id);
        // it may have ended, and begun again, since
        run.jobExecution = run.jobExecution == null ? jobExecution : Math.max(run.jobExecution, jobExecution);
    }

    /**
     * A restart is about to be submitted, or the run is about to be given up.
     *
     * @param owner the server that does it
     * @return false when the run is active, because somebody else was faster; nothing was changed then
     */
    @Transactional(TxType.REQUIRES_NEW)
    public boolean queued(UUID id, String owner) {
        RunEntity run = lock(id);
        if (!run.state.ended()) {
            return false;
        }
        run.state = RunState.QUEUED;
        run.executionStartedAt = null;
        run.endedAt = null;
        run.owner = owner;
        run.heartbeatAt = clock.instant();
        run.stopRequested = false;
        return true;
    }

    /** A run that waits stays QUEUED, since nobody executes it: it ends when its turn comes. Nothing when it has ended. */
    @Transactional(TxType.REQUIRES_NEW)
    public void stopRequested(UUID id) {
        RunEntity run = lock(id);
        if (!run.state.ended()) {
            run.stopRequested = true;
            run.state = run.state == RunState.QUEUED ? RunState.QUEUED : RunState.STOPPING;
        }
    }

    /** What an execution is to do after a sign of life. */
    public enum Beat {
        GO_ON,
        /** An operator asked for it, perhaps at another server. */
        STOP,
        /** It is no longer that of the run, see {@link #executedBy}. */
        GIVE_UP
    }

    /** A sign of life of an execution; changes nothing when the answer is {@link Beat#GIVE_UP}. Commits at once. */
    @Transactional(TxType.REQUIRES_NEW)
    public Beat heartbeat(UUID id, int execution) {
        RunEntity run = lock(id);
        if (run.executions != execution || !EXECUTED.contains(run.state)) {
            return Beat.GIVE_UP;
        }
        run.heartbeatAt = clock.instant();
        return run.stopRequested ? Beat.STOP : Beat.GO_ON;
    }

    @Transactional(TxType.REQUIRES_NEW)
    public void problem(UUID id, Problem problem) {
        lock(id).problem(problem);
    }

    @Transactional(TxType.REQUIRES_NEW)
    public void summary(UUID id, Object summary) {
        lock(id).summary = Json.write(summary);
    }

    @Transactional(TxType.REQUIRES_NEW)
    public void set(UUID id, String setId) {
        lock(id).setId = setId;
    }

    /** Says which set a run other than a backup writes, so that nobody takes it for a leftover. */
    @Transactional(TxType.REQUIRES_NEW)
    public void writes(UUID id, String setId) {
        lock(id).writtenSet = setId;
    }

    @Transactional(TxType.REQUIRES_NEW)
    public RunView end(UUID id, RunState state, String exitStatus) {
        RunEntity run = lock(id);
        run.state = state;
        run.exitStatus = exitStatus;
        run.endedAt = clock.instant();
        run.stopRequested = false;
        return view(run);
    }

    /**
     * A sign of life of a run that waits for its job at a server, or is given up there. Commits at once.
     *
     * @param owner the server
     * @return false when it is not queued there any more; then nothing was changed
     */
    @Transactional(TxType.REQUIRES_NEW)
    public boolean heartbeatOfQueued(UUID id, String owner) {
        RunEntity run = em.find(RunEntity.class, id, LockModeType.PESSIMISTIC_WRITE);
        if (run == null || !queuedAt(run, owner)) {
            return false;
        }
        run.owner = owner;
        run.heartbeatAt = clock.instant();
        return true;
    }

    /** Somebody else may have ended it and queued it anew. */
    private static boolean queuedAt(RunEntity run, String owner) {
        return run.state == RunState.QUEUED && (run.owner == null || run.owner.equals(owner));
    }

    /**
     * Ends a run that waited at a server and does not begin there. Commits at once.
     *
     * @param problem if any; otherwise the run keeps the one that it has
     * @return empty when it is not queued there any more; then nothing was changed
     */
    @Transactional(TxType.REQUIRES_NEW)
    public Optional<RunView> endQueued(UUID id, String owner, RunState state, String exitStatus, Optional<Problem> problem) {
        RunEntity run = lock(id);
        if (!queuedAt(run, owner)) {
            return Optional.empty();
        }
        problem.ifPresent(run::problem);
        run.state = state;
        run.exitStatus = exitStatus;
        run.endedAt = clock.instant();
        run.stopRequested = false;
        return Optional.of(view(run));
    }

    /**
     * An active run and its last sign of life.
     *
     * @param at by the clock of the server that gave it: to be compared for equality only
     */
    public record Sign(RunView run, Instant at) {}

    @Transactional
    public List<Sign> signs() {
        return em.createQuery("select r from RunEntity r where r.state in :active order by r.createdAt", RunEntity.class)
                .setParameter("active", List.of(RunState.QUEUED, RunState.RUNNING, RunState.STOPPING))
                .getResultList()
                .stream()
                .map(run -> new Sign(view(run), run.heartbeatAt))
                .toList();
    }

    /**
     * Ends an active run whose server is gone: as STOPPED when an operator had asked for its end, otherwise as INTERRUPTED.
     * Commits at once.
     *
     * @param last what was believed to be its last sign of life
     * @return empty when it has given another one, or has ended; then nothing was changed
     */
    @Transactional(TxType.REQUIRES_NEW)
    public Optional<RunView> lost(Sign last, Problem problem, String exitStatus) {
        RunEntity run = lock(last.run().id());
        if (run.state.ended() || !run.heartbeatAt.equals(last.at())) {
            return Optional.empty();
        }
        if (!run.stopRequested) {
            run.problem(problem);
        }
        run.exitStatus = run.stopRequested ? RunState.STOPPED.name() : exitStatus;
        run.state = run.stopRequested ? RunState.STOPPED : RunState.INTERRUPTED;
        run.endedAt = clock.instant();
        run.stopRequested = false;
        return Optional.of(view(run));
    }

    /** Other active runs that name this source or backup set. */
    @Transactional
    public List<RunView> active() {
        return list(Optional.empty(), List.of(RunState.QUEUED, RunState.RUNNING, RunState.STOPPING), Optional.empty(), 1000);
    }

    /**
     * Runs that need a sealed set to stay: active ones that name it, and those that ended half-way, or without some of
     * their databases or copies, after {@code since} and can be restarted: restores that had begun anything, and backups that make
     * copies of their set. Not those that nobody wants any more.
     *
     * @param set only those of this set
     */
    @Transactional
    public List<RunView> usersOfSets(Optional<String> set, Instant since) {
        TypedQuery<RunEntity> query = em.createQuery(
                        "select r from RunEntity r where r.setId is not null and (r.state in :active or"
                                + " (r.endedAt > :since and r.discardedAt is null and (r.operation = :backup or r.operation = :restore"
                                + " and exists (select i.id from WorkItemEntity i where i.runId = r.id and i.attempts > 0))"
                                + " and (r.state in :halfway or r.state = :warnings and r.problemCode is not null)))"
                                + (set.isPresent() ? " and r.setId = :set" : "") + " order by r.createdAt",
                        RunEntity.class)
                .setParameter("active", List.of(RunState.QUEUED, RunState.RUNNING, RunState.STOPPING))
                .setParameter("restore", Operation.RESTORE)
                .setParameter("backup", Operation.BACKUP)
                .setParameter("warnings", RunState.SUCCEEDED_WITH_WARNINGS)
                .setParameter("halfway", HALFWAY)
                .setParameter("since", since);
        set.ifPresent(id -> query.setParameter("set", id));
        return query.getResultList().stream()
                .map(Runs::view)
                .filter(run -> !run.state().ended()
                        || run.operation() != Operation.BACKUP
                        || run.parameters().containsKey(RunView.COPIES))
                .toList();
    }

    /**
     * Keeps sets from being deleted while the run is active. Whoever deletes a set marks it before it asks for its users; so pin it
     * first, and look at its state afterwards. Commits at once.
     */
    @Transactional(TxType.REQUIRES_NEW)
    public void pin(UUID id, Collection<String> sets) {
        lock(id);
        for (String set : new TreeSet<>(sets)) {
            if (em.find(RunPin.class, new RunPin.Key(id, set)) == null) {
                em.persist(new RunPin(id, set));
            }
        }
    }

    /** Active runs by the sets that they have pinned. */
    @Transactional
    public Map<String, List<RunView>> pinning(Optional<String> set) {
        TypedQuery<Object[]> query = em.createQuery(
                        "select p.setId, r from RunPin p, RunEntity r where r.id = p.runId and r.state in :active"
                                + (set.isPresent() ? " and p.setId = :set" : "") + " order by r.createdAt",
                        Object[].class)
                .setParameter("active", List.of(RunState.QUEUED, RunState.RUNNING, RunState.STOPPING));
        set.ifPresent(id -> query.setParameter("set", id));
        Map<String, List<RunView>> pinning = new HashMap<>();
        query.getResultList().forEach(row -> pinning
                .computeIfAbsent((String) row[0], id -> new ArrayList<>())
                .add(view((RunEntity) row[1])));
        return pinning;
    }

    /** The run that writes, or wrote, this set: a backup, or one that makes a set of another. */
    @Transactional
    public Optional<RunView> backupOf(String set) {
        return em.createQuery(
                        "select r from RunEntity r where r.setId = :set and r.operation = :backup"
                                + " or r.writtenSet = :set",
                        RunEntity.class)
                .setParameter("set", set)
                .setParameter("backup", Operation.BACKUP)
                .getResultStream()
                .findFirst()
                .map(Runs::view);
    }

    /** Runs that write, or wrote, blobs of this set somewhere: the one that made it, and copies. */
    @Transactional
    public List<RunView> writersOf(String set) {
        return em.createQuery(
                        "select r from RunEntity r where r.setId = :set and r.operation in :writing or r.writtenSet = :set"
                                + " order by r.createdAt",
                        RunEntity.class)
                .setParameter("set", set)
                .setParameter("writing", List.of(Operation.BACKUP, Operation.COPY))
                .getResultList()
                .stream()
                .map(Runs::view)
                .toList();
    }

    /**
     * Takes from an ended run what it has written, because it will be deleted: a restart then begins anew, with
     * a set of its own.
     *
     * @return false when the run is active; nothing was changed then
     */
    @Transactional(TxType.REQUIRES_NEW)
    public boolean giveUpSet(UUID id) {
        RunEntity run = lock(id);
        if (!run.state.ended()) {
            return false;
        }
        if (run.operation == Operation.BACKUP) {
            run.setId = null;
        }
        run.writtenSet = null;
        // names the set, together with the run: a new start makes a new name
        run.startedAt = null;
        em.createQuery("delete from WorkItemEntity i where i.runId = :run").setParameter("run", id).executeUpdate();
        return true;
    }

    /** Keeps a warning once; beyond {@value #MAX_WARNINGS} only the log has them. */
    @Transactional(TxType.REQUIRES_NEW)
    public void warn(UUID id, String text) {
        keep(new RunWarning(id, text));
    }

    /** The same until {@link #settled}. */
    @Transactional(TxType.REQUIRES_NEW)
    public void warn(UUID id, String matter, String text) {
        keep(new RunWarning(id, text, matter));
    }

    private void keep(RunWarning warning) {
        List<String> known = warnings(warning.runId);
        if (!known.contains(warning.text) && known.size() < MAX_WARNINGS) {
            em.persist(warning);
        }
    }

    /** Forgets what executions of the run have warned of a matter: it is so no more, or is found out anew. Commits at once. */
    @Transactional(TxType.REQUIRES_NEW)
    public void settled(UUID id, String matter) {
        em.createQuery("delete from RunWarning w where w.runId = :run and w.matter = :matter")
                .setParameter("run", id)
                .setParameter("matter", matter)
                .executeUpdate();
    }

    @Transactional
    public List<String> warnings(UUID id) {
        return em.createQuery("select w.text from RunWarning w where w.runId = :run order by w.id", String.class)
                .setParameter("run", id)
                .getResultList();
    }

    private RunEntity lock(UUID id) {
        RunEntity run = em.find(RunEntity.class, id, LockModeType.PESSIMISTIC_WRITE);
        if (run == null) {
            throw new BackupException(
                    ErrorCode.UNKNOWN_RUN, "there is no run " + id, "List the runs and use one of their ids.");
        }
        return run;
    }

    private static RunView view(RunEntity r) {
        return new RunView(
                r.id, r.operation, r.state, Optional.ofNullable(r.exitStatus), r.label,
                Optional.ofNullable(r.sourceName), Optional.ofNullable(r.storeName), Optional.ofNullable(r.policyName),
                Optional.ofNullable(r.setId), parameters(r.parameters), r.startedBy, r.startedVia, r.createdAt,
                Optional.ofNullable(r.startedAt), Optional.ofNullable(r.executionStartedAt), Optional.ofNullable(r.endedAt), Optional.ofNullable(r.jobInstance),
                Optional.ofNullable(r.jobExecution), r.executions, Optional.ofNullable(r.owner), r.stopRequested,
                r.problem(), Optional.ofNullable(r.summary), Optional.ofNullable(r.discardedAt));
    }

    private static Map<String, String> parameters(String json) {
        try {
            return Json.MAPPER.readValue(json, new TypeReference<Map<String, String>>() {});
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IllegalStateException("parameters of a run are not JSON", e);
        }
    }
}
