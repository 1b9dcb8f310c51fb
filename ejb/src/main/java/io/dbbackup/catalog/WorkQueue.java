package io.dbbackup.catalog;

import io.dbbackup.model.ItemState;
import io.dbbackup.model.Json;
import io.dbbackup.model.Problem;
import io.dbbackup.spi.ItemDraft;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.WorkContext;
import io.dbbackup.spi.WorkItem;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import jakarta.persistence.LockModeType;
import jakarta.persistence.PersistenceContext;
import jakarta.persistence.Query;
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
import java.util.UUID;
import java.util.function.Consumer;
import java.util.logging.Logger;

/**
 * The persisted manifest of a run: its work items and what each waits for. The catalog decides what work remains; the
 * job repository only shows it. Thread-safe and safe between nodes: an item is claimed under a row lock that other
 * claimers skip, and {@code waiting} (the number of unfinished prerequisites) changes only in the transaction that
 * finishes a prerequisite.
 */
@ApplicationScoped
public class WorkQueue {
    /** How long a claim holds without a heartbeat. */
    public static final Duration LEASE = Duration.ofSeconds(60);

    private static final Logger LOG = Logger.getLogger(WorkQueue.class.getName());
    private static final int SKIP_LOCKED = -2;
    private static final String RECOUNT =
            "update WorkItemEntity i set i.waiting = (select count(p) from ItemPrerequisite p,"
                    + " WorkItemEntity n where p.itemId = i.id and n.id = p.needsId and n.state <> :done)"
                    + " where i.runId = :run and i.state <> :done";

    @PersistenceContext(unitName = "catalog")
    private EntityManager em;

    private Clock clock;

    protected WorkQueue() {}

    @Inject
    public WorkQueue(Clock clock) {
        this.clock = clock;
    }

    /** Adds items and their prerequisites in the caller's transaction (or one of its own). */
    @Transactional
    public void add(UUID run, List<ItemDraft> drafts) {
        Map<String, WorkItemEntity> added = new HashMap<>();
        for (ItemDraft draft : drafts) {
            added.put(draft.key(), persist(run, draft));
        }
        em.flush();
        Map<String, WorkItemEntity> existing = new HashMap<>();
        for (ItemDraft draft : drafts) {
            WorkItemEntity item = added.get(draft.key());
            for (String need : draft.needs()) {
                WorkItemEntity needed = added.containsKey(need)
                        ? added.get(need)
                        : existing.computeIfAbsent(need, key -> lockByKey(run, key));
                em.persist(new ItemPrerequisite(item.id, needed.id));
                if (needed.state != ItemState.DONE) {
                    item.waiting++;
                }
            }
        }
        em.flush();
    }

    private WorkItemEntity persist(UUID run, ItemDraft draft) {
        WorkItemEntity item = new WorkItemEntity();
        item.runId = run;
        item.key = draft.key();
        item.kind = draft.kind();
        item.label = draft.label();
        item.database = draft.database();
        item.bytes = draft.bytes();
        item.priority = draft.priority();
        item.state = ItemState.PENDING;
        item.payload = Json.write(draft.payload());
        em.persist(item);
        return item;
    }

    /** Locked, so that it cannot become DONE between our look at its state and our commit. */
    private WorkItemEntity lockByKey(UUID run, String key) {
        return em.createQuery(
                        "select i from WorkItemEntity i where i.runId = :run and i.key = :key", WorkItemEntity.class)
                .setParameter("run", run)
                .setParameter("key", key)
                .setLockMode(LockModeType.PESSIMISTIC_WRITE)
                .getSingleResult();
    }

    /**
     * Claims the next ready item: lowest priority number first, then largest. Commits at once. Yields nothing to an execution that
     * is no longer that of the run: it may hold what the present one has given up, as an old snapshot.
     *
     * @param execution see {@link Runs#executedBy}
     * @param haltOnFailure claim nothing once an item of the run has failed for good
     */
    @Transactional(TxType.REQUIRES_NEW)
    public Optional<WorkItem> claim(UUID run, int execution, String owner, boolean haltOnFailure) {
        // locked, so that no other execution begins, and opens the items again, between this look and the commit
        em.find(RunEntity.class, run, LockModeType.PESSIMISTIC_READ);
        if (!Runs.executed(em, run, execution)) {
            return Optional.empty();
        }
        if (haltOnFailure && count(run, ItemState.FAILED) > 0) {
            return Optional.empty();
        }
        List<WorkItemEntity> ready = em.createQuery(
                        "select i from WorkItemEntity i where i.runId = :run and i.state = :pending and i.waiting = 0"
                                + " order by i.priority, i.bytes desc, i.id",
                        WorkItemEntity.class)
                .setParameter("run", run)
                .setParameter("pending", ItemState.PENDING)
                .setMaxResults(1)
                .setLockMode(LockModeType.PESSIMISTIC_WRITE)
                .setHint("jakarta.persistence.lock.timeout", SKIP_LOCKED)
                .getResultList();
        if (ready.isEmpty()) {
            return Optional.empty();
        }
        WorkItemEntity item = ready.get(0);
        item.state = ItemState.RUNNING;
        item.attempts++;
        item.tries++;
        item.owner = owner;
        item.leaseUntil = clock.instant().plus(LEASE);
        item.startedAt = clock.instant();
        item.endedAt = null;
        item.plainBytes = 0;
        item.problem(null);
        return Optional.of(item.toWorkItem());
    }

    /**
     * Records a finished item in the caller's transaction: its result, its follow-ups, and what it frees. Nothing when the claim
     * was lost, see {@link #ours}.
     */
    @Transactional
    public void complete(WorkItem done, int execution, ItemResult result) {
        Optional<WorkItemEntity> ours = lockOurs(done, execution);
        if (ours.isEmpty()) {
            return;
        }
        WorkItemEntity item = ours.get();
        item.state = ItemState.DONE;
        item.endedAt = clock.instant();
        item.plainBytes = result.plainBytes();
        item.storedBytes = result.storedBytes();
        item.rows = result.rows();
        item.result = Json.write(result.value());
        em.flush();
        em.createQuery("update WorkItemEntity i set i.waiting = i.waiting - 1 where i.id in"
                        + " (select p.itemId from ItemPrerequisite p where p.needsId = :done)")
                .setParameter("done", done.id())
                .executeUpdate();
        // after that, or a follow-up that needs this item, which it finds DONE, would be counted down too
        if (!result.followUps().isEmpty()) {
            add(done.run(), result.followUps());
        }
    }

    /**
     * Records a failed attempt in the caller's transaction. Nothing when the claim was lost, see {@link #ours}.
     *
     * @param retry put it back for another attempt; otherwise it is FAILED and whatever needs it is SKIPPED
     */
    @Transactional
    public void fail(WorkItem failed, int execution, Problem problem, boolean retry) {
        Optional<WorkItemEntity> ours = lockOurs(failed, execution);
        if (ours.isEmpty()) {
            return;
        }
        WorkItemEntity item = ours.get();
        item.endedAt = clock.instant();
        item.problem(problem);
        item.state = retry ? ItemState.PENDING : ItemState.FAILED;
        if (!retry) {
            Problem reason = new Problem(
                    problem.code(),
                    "not done because \"" + item.label + "\" failed: " + problem.cause(),
                    problem.remedy());
            skipWhatNeeds(List.of(item.id), reason);
        }
    }

    private void skipWhatNeeds(Collection<Long> ids, Problem reason) {
        Collection<Long> level = ids;
        while (!level.isEmpty()) {
            List<WorkItemEntity> next = em.createQuery(
                            "select i from WorkItemEntity i where i.state = :pending and i.id in"
                                    + " (select p.itemId from ItemPrerequisite p where p.needsId in :level) order by i.id",
                            WorkItemEntity.class)
                    .setParameter("pending", ItemState.PENDING)
                    .setParameter("level", level)
                    .getResultList();
            List<Long> found = new ArrayList<>();
            for (WorkItemEntity item : next) {
                item.state = ItemState.SKIPPED;
                item.problem(reason);
                found.add(item.id);
            }
            em.flush();
            level = found;
        }
    }

    /** Puts an item back that was interrupted by a stop. */
    @Transactional
    public void release(WorkItem interrupted) {
        lockRunning(interrupted).ifPresent(item -> {
            item.state = ItemState.PENDING;
            item.plainBytes = 0;
            item.endedAt = clock.instant();
        });
    }

    /**
     * Puts an item back whose outcome could not be recorded, because the transaction that was to hold it was rolled
     * back: it would stay RUNNING, with nobody who works on it. Commits at once.
     */
    @Transactional(TxType.REQUIRES_NEW)
    public void giveBack(WorkItem lost) {
        release(lost);
    }

    /**
     * Locks all items of a database, before any other lock is taken. In the order of their ids, as everybody locks who
     * locks several: two workers that lose the same snapshot at the same time would wait for each other otherwise.
     */
    @Transactional
    public void lockDatabase(UUID run, String database) {
        List<Long> ids = em.createQuery(
                        "select i.id from WorkItemEntity i where i.runId = :run and i.database = :database order by i.id",
                        Long.class)
                .setParameter("run", run)
                .setParameter("database", database)
                .getResultList();
        for (Long id : ids) {
            WorkItemEntity item = em.find(WorkItemEntity.class, id, LockModeType.PESSIMISTIC_WRITE);
            if (item != null) {
                // only the lock is wanted: not thousands of items in memory
                em.detach(item);
            }
        }
    }

    /**
     * The item under a row lock; empty when the claim was lost meanwhile (its database started again, or its lease
     * expired and another worker took it): what was done for it then counts for nothing.
     */
    private Optional<WorkItemEntity> lockRunning(WorkItem claimed) {
        WorkItemEntity item = em.find(WorkItemEntity.class, claimed.id(), LockModeType.PESSIMISTIC_WRITE);
        if (item == null || item.state != ItemState.RUNNING || item.attempts != claimed.attempt()) {
            LOG.warning(() -> "item " + claimed.id() + " (" + claimed.label() + ") is no longer ours; its outcome is dropped");
            return Optional.empty();
        }
        return Optional.of(item);
    }

    private Optional<WorkItemEntity> lockOurs(WorkItem claimed, int execution) {
        Optional<WorkItemEntity> item = lockRunning(claimed);
        if (item.isPresent() && !Runs.executed(em, claimed.run(), execution)) {
            LOG.warning(() -> "item " + claimed.id() + " (" + claimed.label() + ") was done by an execution that had been given"
                    + " up; its outcome is dropped");
            return Optional.empty();
        }
        return item;
    }

    /** True while the claim holds, and the execution is that of the run; takes the row lock. */
    @Transactional
    public boolean ours(WorkItem claimed, int execution) {
        return lockOurs(claimed, execution).isPresent();
    }

    /** True when a worker may still find something to do: an item runs, or is ready. */
    @Transactional(TxType.REQUIRES_NEW)
    public boolean mayYieldMore(UUID run, boolean haltOnFailure) {
        if (haltOnFailure && count(run, ItemState.FAILED) > 0) {
            return false;
        }
        return count(run, ItemState.RUNNING) > 0 || ready(run) > 0;
    }

    private long ready(UUID run) {
        return em.createQuery(
                        "select count(i) from WorkItemEntity i where i.runId = :run and i.state = :pending and i.waiting = 0",
                        Long.class)
                .setParameter("run", run)
                .setParameter("pending", ItemState.PENDING)
                .getSingleResult();
    }

    @Transactional
    public long count(UUID run, ItemState state) {
        return em.createQuery(
                        "select count(i) from WorkItemEntity i where i.runId = :run and i.state = :state", Long.class)
                .setParameter("run", run)
                .setParameter("state", state)
                .getSingleResult();
    }

    /** Attempts at the item in the current execution of its run. */
    @Transactional
    public int tries(WorkItem claimed) {
        WorkItemEntity item = em.find(WorkItemEntity.class, claimed.id());
        return item == null ? Integer.MAX_VALUE : item.tries;
    }

    /** Attempts ever at the items of that database and kind. */
    @Transactional
    public long attempts(UUID run, String database, String kind) {
        return em.createQuery(
                        "select coalesce(sum(i.attempts), 0) from WorkItemEntity i where i.runId = :run"
                                + " and i.database = :database and i.kind = :kind",
                        Long.class)
                .setParameter("run", run)
                .setParameter("database", database)
                .setParameter("kind", kind)
                .getSingleResult();
    }

    /** Kinds of items that a database has. */
    @Transactional
    public List<String> kinds(UUID run, String database) {
        return em.createQuery(
                        "select distinct i.kind from WorkItemEntity i where i.runId = :run and i.database = :database",
                        String.class)
                .setParameter("run", run)
                .setParameter("database", database)
                .getResultList();
    }

    /** True when the run was planned before. */
    @Transactional
    public boolean planned(UUID run) {
        return !em.createQuery("select i.id from WorkItemEntity i where i.runId = :run", Long.class)
                .setParameter("run", run)
                .setMaxResults(1)
                .getResultList()
                .isEmpty();
    }

    /** True when an item of the run was ever begun; until then it has changed nothing outside. */
    @Transactional
    public boolean begun(UUID run) {
        return !em.createQuery("select i.id from WorkItemEntity i where i.runId = :run and i.attempts > 0", Long.class)
                .setParameter("run", run)
                .setMaxResults(1)
                .getResultList()
                .isEmpty();
    }

    /** Databases by the ids of those of their items of this kind that were begun and are not DONE. */
    @Transactional
    public Map<Long, String> unfinished(UUID run, String kind) {
        Map<Long, String> databases = new HashMap<>();
        em.createQuery(
                        "select i.id, i.database from WorkItemEntity i where i.runId = :run and i.kind = :kind"
                                + " and i.attempts > 0 and i.state <> :done",
                        Object[].class)
                .setParameter("run", run)
                .setParameter("kind", kind)
                .setParameter("done", ItemState.DONE)
                .getResultList()
                .forEach(row -> databases.put((Long) row[0], (String) row[1]));
        return databases;
    }

    /** Gives back what a node that is gone was doing; of a run that has not ended, or was begun again, nothing. */
    @Transactional
    public void orphaned(UUID run) {
        em.createQuery("update WorkItemEntity i set i.state = :pending, i.owner = null, i.plainBytes = 0"
                        + " where i.runId = :run and i.state = :running"
                        + " and exists (select r.id from RunEntity r where r.id = :run and r.endedAt is not null)")
                .setParameter("pending", ItemState.PENDING)
                .setParameter("running", ItemState.RUNNING)
                .setParameter("run", run)
                .executeUpdate();
    }

    /**
     * Makes everything that is not DONE pending again, for a new execution of the run. Only for a run that no node
     * executes.
     */
    @Transactional
    public void reopen(UUID run) {
        em.createQuery("update WorkItemEntity i set i.state = :pending, i.tries = 0, i.owner = null, i.plainBytes = 0,"
                        + " i.problemCode = null, i.problemCause = null, i.problemRemedy = null"
                        + " where i.runId = :run and i.state <> :done")
                .setParameter("pending", ItemState.PENDING)
                .setParameter("done", ItemState.DONE)
                .setParameter("run", run)
                .executeUpdate();
        em.createQuery(RECOUNT)
                .setParameter("done", ItemState.DONE)
                .setParameter("run", run)
                .executeUpdate();
    }

    /**
     * Takes a database back to its opening item: its other items are dropped and the opening one is pending again.
     * Items that run at the moment lose their claim.
     */
    @Transactional
    public void startDatabaseAgain(UUID run, String database, String openKind) {
        em.createQuery("delete from WorkItemEntity i where i.runId = :run and i.database = :database and i.kind <> :open")
                .setParameter("run", run)
                .setParameter("database", database)
                .setParameter("open", openKind)
                .executeUpdate();
        em.createQuery("update WorkItemEntity i set i.state = :pending, i.owner = null, i.result = null, i.plainBytes = 0"
                        + " where i.runId = :run and i.database = :database and i.kind = :open")
                .setParameter("pending", ItemState.PENDING)
                .setParameter("run", run)
                .setParameter("database", database)
                .setParameter("open", openKind)
                .executeUpdate();
        // of this database only: a count that another worker changes meanwhile would be set to what it was before
        em.createQuery(RECOUNT + " and i.database = :database")
                .setParameter("done", ItemState.DONE)
                .setParameter("run", run)
                .setParameter("database", database)
                .executeUpdate();
    }

    /**
     * Makes everything pending again that belongs to other databases than these, or to none: what was done is gone, and what it came to
     * is known to {@link WorkItem#earlier} alone. Only for a run that no node executes.
     */
    @Transactional
    public void startOver(UUID run, Collection<String> butNot) {
        Query reset = em.createQuery("update WorkItemEntity i set i.state = :pending, i.tries = 0, i.owner = null,"
                + " i.plainBytes = 0, i.storedBytes = 0, i.rows = 0, i.problemCode = null,"
                + " i.problemCause = null, i.problemRemedy = null where i.runId = :run"
                + (butNot.isEmpty() ? "" : " and i.database not in :butNot"));
        reset.setParameter("pending", ItemState.PENDING).setParameter("run", run);
        if (!butNot.isEmpty()) {
            reset.setParameter("butNot", butNot);
        }
        reset.executeUpdate();
        em.createQuery(RECOUNT)
                .setParameter("done", ItemState.DONE)
                .setParameter("run", run)
                .executeUpdate();
    }

    /** Drops the items of all other kinds, for work that the end of an execution has made void. */
    @Transactional
    public void dropAllBut(UUID run, Collection<String> kinds) {
        em.createQuery("delete from WorkItemEntity i where i.runId = :run and i.kind not in :kinds")
                .setParameter("run", run)
                .setParameter("kinds", kinds)
                .executeUpdate();
    }

    /** Drops every item of the run, so that it is planned anew. */
    @Transactional
    public void clear(UUID run) {
        em.createQuery("delete from WorkItemEntity i where i.runId = :run").setParameter("run", run).executeUpdate();
    }

    /** Calls {@code each} for every DONE item of that database and kind, oldest first, in pages. */
    @Transactional(TxType.REQUIRES_NEW)
    public void results(UUID run, String database, String kind, Consumer<WorkContext.DoneItem> each) {
        long after = 0;
        while (true) {
            List<WorkItemEntity> page = em.createQuery(
                            "select i from WorkItemEntity i where i.runId = :run and i.database = :database"
                                    + " and i.kind = :kind and i.state = :done and i.id > :after order by i.id",
                            WorkItemEntity.class)
                    .setParameter("run", run)
                    .setParameter("database", database)
                    .setParameter("kind", kind)
                    .setParameter("done", ItemState.DONE)
                    .setParameter("after", after)
                    .setMaxResults(500)
                    .getResultList();
            for (WorkItemEntity item : page) {
                each.accept(new WorkContext.DoneItem(item.key, item.result));
                after = item.id;
            }
            em.clear();
            if (page.isEmpty()) {
                return;
            }
        }
    }

    /** What the DONE items of that database and kind were to do, oldest first. */
    @Transactional
    public <T> List<T> payloads(UUID run, String database, String kind, Class<T> type) {
        return payloads(run, database, kind, type, "i.state = :done");
    }

    /** What those items of that database and kind were to do that were begun and are not DONE, oldest first. */
    @Transactional
    public <T> List<T> unfinished(UUID run, String database, String kind, Class<T> type) {
        return payloads(run, database, kind, type, "i.attempts > 0 and i.state <> :done");
    }

    private <T> List<T> payloads(UUID run, String database, String kind, Class<T> type, String which) {
        return em.createQuery(
                        "select i.payload from WorkItemEntity i where i.runId = :run and i.database = :database"
                                + " and i.kind = :kind and " + which + " order by i.id",
                        String.class)
                .setParameter("run", run)
                .setParameter("database", database)
                .setParameter("kind", kind)
                .setParameter("done", ItemState.DONE)
                .getResultList()
                .stream()
                .map(payload -> Json.read(payload, type))
                .toList();
    }

    /** Databases of the run that have items. */
    @Transactional
    public List<String> databases(UUID run) {
        return em.createQuery(
                        "select distinct i.database from WorkItemEntity i where i.runId = :run and i.database <> ''"
                                + " order by i.database",
                        String.class)
                .setParameter("run", run)
                .getResultList();
    }

    /** Databases of the run that have an item of that kind in one of those states. */
    @Transactional
    public List<String> databases(UUID run, String kind, Collection<ItemState> states) {
        return em.createQuery(
                        "select distinct i.database from WorkItemEntity i where i.runId = :run and i.kind = :kind"
                                + " and i.state in :states order by i.database",
                        String.class)
                .setParameter("run", run)
                .setParameter("kind", kind)
                .setParameter("states", states)
                .getResultList();
    }

    /** Items in the order of their ids, at most {@code limit} after {@code after}; an empty state means all. */
    @Transactional
    public List<ItemView> list(UUID run, Optional<ItemState> state, long after, int limit) {
        TypedQuery<WorkItemEntity> query = em.createQuery(
                        "select i from WorkItemEntity i where i.runId = :run and i.id > :after"
                                + (state.isPresent() ? " and i.state = :state" : "") + " order by i.id",
                        WorkItemEntity.class)
                .setParameter("run", run)
                .setParameter("after", after)
                .setMaxResults(limit);
        state.ifPresent(s -> query.setParameter("state", s));
        return query.getResultList().stream()
                .map(WorkQueue::view)
                .toList();
    }

    private static ItemView view(WorkItemEntity i) {
        return new ItemView(
                i.id, i.key, i.kind, i.label, i.database, i.state, i.attempts, i.bytes, i.plainBytes, i.storedBytes,
                i.rows, Optional.ofNullable(i.startedAt), Optional.ofNullable(i.endedAt), i.problem());
    }

    /** Kinds with the number of attempts and of finished items: proves that finished work was not done again. */
    @Transactional
    public Map<String, long[]> attemptsByKind(UUID run) {
        Map<String, long[]> counts = new HashMap<>();
        em.createQuery(
                        "select i.kind, count(i), sum(i.attempts), sum(case when i.state = :done then 1 else 0 end)"
                                + " from WorkItemEntity i where i.runId = :run group by i.kind",
                        Object[].class)
                .setParameter("done", ItemState.DONE)
                .setParameter("run", run)
                .getResultList()
                .forEach(row -> counts.put((String) row[0], new long[] {
                    ((Number) row[1]).longValue(), ((Number) row[2]).longValue(), ((Number) row[3]).longValue()
                }));
        return counts;
    }

    @Transactional
    public RunProgress progress(UUID run) {
        Object[] sum = em.createQuery(
                        "select count(i),"
                                + " coalesce(sum(case when i.state = io.dbbackup.model.ItemState.DONE then 1 else 0 end), 0),"
                                + " coalesce(sum(case when i.state = io.dbbackup.model.ItemState.RUNNING then 1 else 0 end), 0),"
                                + " coalesce(sum(case when i.state = io.dbbackup.model.ItemState.FAILED then 1 else 0 end), 0),"
                                + " coalesce(sum(case when i.state = io.dbbackup.model.ItemState.SKIPPED then 1 else 0 end), 0),"
                                + " coalesce(sum(case when i.state = io.dbbackup.model.ItemState.DONE"
                                + "  then i.plainBytes else i.bytes end), 0),"
                                + " coalesce(sum(i.plainBytes), 0), coalesce(sum(i.storedBytes), 0), coalesce(sum(i.rows), 0)"
                                + " from WorkItemEntity i where i.runId = :run",
                        Object[].class)
                .setParameter("run", run)
                .getSingleResult();
        long[] n = new long[sum.length];
        for (int i = 0; i < sum.length; i++) {
            n[i] = ((Number) sum[i]).longValue();
        }
        return new RunProgress(n[0], n[1], n[2], n[3], n[4], Math.max(n[5], n[6]), n[6], n[7], n[8]);
    }

    /**
     * Stores the progress of running items and extends the leases of everything that this owner runs; one by one in the
     * order of their ids, see {@link #lockDatabase}.
     */
    @Transactional(TxType.REQUIRES_NEW)
    public void heartbeat(UUID run, String owner, Map<Long, Long> plainBytes) {
        List<Long> running = em.createQuery(
                        "select i.id from WorkItemEntity i where i.runId = :run and i.state = :running"
                                + " and i.owner = :owner order by i.id",
                        Long.class)
                .setParameter("run", run)
                .setParameter("running", ItemState.RUNNING)
                .setParameter("owner", owner)
                .getResultList();
        Instant until = clock.instant().plus(LEASE);
        for (Long id : running) {
            em.createQuery("update WorkItemEntity i set i.leaseUntil = :until, i.plainBytes = coalesce(:bytes, i.plainBytes)"
                            + " where i.id = :id and i.state = :running and i.owner = :owner")
                    .setParameter("until", until)
                    .setParameter("bytes", plainBytes.get(id))
                    .setParameter("id", id)
                    .setParameter("running", ItemState.RUNNING)
                    .setParameter("owner", owner)
                    .executeUpdate();
        }
    }

    /** Problems of failed items, oldest first, at most {@code limit}. */
    @Transactional
    public List<ItemView> failures(UUID run, int limit) {
        return list(run, Optional.of(ItemState.FAILED), 0, limit);
    }
}
