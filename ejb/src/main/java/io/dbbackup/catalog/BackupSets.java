package io.dbbackup.catalog;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.ItemState;
import io.dbbackup.model.Json;
import io.dbbackup.model.Omission;
import io.dbbackup.model.RunState;
import io.dbbackup.model.VerifyLevel;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.Reused;
import io.dbbackup.model.manifest.SetHeader;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.persistence.LockModeType;
import jakarta.persistence.PersistenceContext;
import jakarta.persistence.TypedQuery;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Sealed backup sets and the stores that have a copy of them. The stores' manifests are the truth; this is their index.
 * Where no store is named, the best copy is meant: one that is not being deleted and has not failed its verification, and of
 * these the first that was made. Thread-safe.
 */
@ApplicationScoped
public class BackupSets {
    private static final String NAMES = "List the backup sets and use one of their names, or latest:<source>, which passes over"
            + " sets that leave something out by intention.";
    private static final String LATEST = "latest:";
    private static final String WHOLE = " and s.omissions is null";
    private static final String WHOLE_DATABASES = " and s.omissions = '" + Omission.SOME_DATABASES + "'";
    private static final String ANY = " and s.databases > 0";

    @PersistenceContext(unitName = "catalog")
    private EntityManager em;

    /**
     * Enters a set whose manifest is in the store; entering it again changes nothing, but adds what it refers to when a version
     * entered it that did not know of that.
     */
    @Transactional
    public void enter(BackupManifest manifest, String store, Optional<String> policy, String manifestSha256) {
        enter(SetHeader.of(manifest), store, policy, manifestSha256);
    }

    /**
     * The same with what is known of a set without its key. A set that is known in another store has a further copy then.
     *
     * @throws BackupException SET_CONFLICT when the set is known with another manifest; nothing was changed
     */
    @Transactional
    public void enter(SetHeader manifest, String store, Optional<String> policy, String manifestSha256) {
        enter(manifest, store, policy, manifestSha256, manifest.reuses());
    }

    /** As the other, for a copy that needs no other set: what it refers to elsewhere it has itself. */
    @Transactional
    public void enterComplete(SetHeader manifest, String store, Optional<String> policy, String manifestSha256) {
        enter(manifest, store, policy, manifestSha256, List.of());
        em.createQuery("delete from SetReferenceEntity r where r.setId = :set and r.store = :store")
                .setParameter("set", manifest.set())
                .setParameter("store", store)
                .executeUpdate();
    }

    private void enter(
            SetHeader manifest, String store, Optional<String> policy, String manifestSha256, List<Reused> references) {
        BackupSetEntity set = em.find(BackupSetEntity.class, manifest.set(), LockModeType.PESSIMISTIC_WRITE);
        if (set == null) {
            set = entity(manifest, manifestSha256);
            em.persist(set);
        } else if (!set.manifestSha256.equals(manifestSha256)) {
            throw new BackupException(
                    ErrorCode.SET_CONFLICT,
                    "the catalog knows backup set " + set.id + " with the SHA-256 " + set.manifestSha256
                            + " of its manifest; the one in store \"" + store + "\" has " + manifestSha256,
                    "Find out who replaced the manifest; the catalog was left as it is.");
        }
        List<SetCopyEntity> copies = copiesOf(List.of(set.id)).getOrDefault(set.id, List.of());
        if (set.reuses == null && !manifest.reuses().isEmpty()) {
            // entered by a version that did not know references; which of its copies are complete is not known
            set.reuses = Json.write(manifest.reuses());
            copies.forEach(copy -> manifest.reuses().forEach(reused ->
                    em.merge(new SetReferenceEntity(manifest.set(), copy.store, reused.set()))));
        }
        if (copies.stream().noneMatch(copy -> copy.store.equals(store))) {
            SetCopyEntity copy = new SetCopyEntity();
            copy.setId = set.id;
            copy.store = store;
            copy.number = copies.stream().mapToInt(other -> other.number).max().orElse(0) + 1;
            copy.policy = policy.orElse(null);
            copy.state = BackupSetView.State.SEALED;
            em.persist(copy);
            // the references' rows depend on it
            em.flush();
            references.forEach(reused -> em.persist(new SetReferenceEntity(manifest.set(), store, reused.set())));
        }
    }

    /** Sets that refer to others in a store, by those that they refer to, the oldest first. */
    @Transactional
    public Map<String, List<String>> referrers(String store) {
        Map<String, List<String>> referrers = new HashMap<>();
        em.createQuery("select r from SetReferenceEntity r where r.store = :store order by r.setId", SetReferenceEntity.class)
                .setParameter("store", store)
                .getResultList()
                .forEach(r -> referrers.computeIfAbsent(r.originId, id -> new ArrayList<>()).add(r.setId));
        return referrers;
    }

    /** Sets that refer to this one in a store, the oldest first. */
    @Transactional
    public List<String> referrers(String id, String store) {
        return em.createQuery(
                        "select r.setId from SetReferenceEntity r where r.originId = :id and r.store = :store order by r.setId",
                        String.class)
                .setParameter("id", id)
                .setParameter("store", store)
                .getResultList();
    }

    private static BackupSetEntity entity(SetHeader manifest, String manifestSha256) {
        BackupSetEntity set = new BackupSetEntity();
        set.id = manifest.set();
        set.source = manifest.source();
        set.run = manifest.run();
        set.engine = manifest.engine();
        set.serverVersion = manifest.serverVersion();
        set.takenAt = manifest.startedAt();
        set.sealedAt = manifest.sealedAt();
        set.zone = manifest.zone();
        set.complete = manifest.complete();
        set.databases = manifest.databaseCount();
        set.sourceDatabases = manifest.sourceDatabases().orElse(null);
        set.missingDatabases = manifest.missingDatabases().orElse(null);
        set.globals = manifest.globals().isPresent();
        set.besideRestore = manifest.databasesBesideRestore().isEmpty() ? null : Json.write(manifest.databasesBesideRestore());
        set.rows = manifest.rows();
        set.plainBytes = manifest.plainBytes();
        set.storedBytes = manifest.storedBytes();
        set.manifestSha256 = manifestSha256;
        set.recipients = Json.write(manifest.recipients());
        set.derivedFrom = manifest.derivedFrom().orElse(null);
        set.omissions = manifest.omissions().isEmpty()
                ? null
                : manifest.omissions().stream().map(Enum::name).collect(Collectors.joining(","));
        set.reuses = manifest.reuses().isEmpty() ? null : Json.write(manifest.reuses());
        return set;
    }

    /** The best copy of a set. */
    @Transactional
    public Optional<BackupSetView> find(String id) {
        return copies(id).stream().findFirst();
    }

    /** The copy of a set in a store. */
    @Transactional
    public Optional<BackupSetView> find(String id, String store) {
        return copies(id).stream().filter(copy -> copy.store().equals(store)).findFirst();
    }

    /** Every copy of a set, the best first. */
    @Transactional
    public List<BackupSetView> copies(String id) {
        BackupSetEntity set = em.find(BackupSetEntity.class, id);
        return set == null
                ? List.of()
                : copiesOf(List.of(id)).getOrDefault(id, List.of()).stream().map(set::view).toList();
    }

    /** As the other, whichever store it is in. */
    @Transactional
    public BackupSetView get(String reference) {
        return get(reference, Optional.empty());
    }

    /**
     * A set by its id, or the {@link #latest newest sealed one} of a source by {@code latest:<source>}.
     *
     * @param store the copy in this store; empty for the best
     * @throws BackupException UNKNOWN_BACKUP_SET, also when the set is being deleted or the store has no copy of it
     */
    @Transactional
    public BackupSetView get(String reference, Optional<String> store) {
        Optional<String> source = latestOf(reference);
        Optional<BackupSetView> found = source.isPresent()
                ? latest(source.get(), store)
                : store.map(name -> find(reference, name)).orElseGet(() -> find(reference));
        String where = store.map(name -> " in store \"" + name + "\"").orElse("");
        if (found.filter(set -> set.state() == BackupSetView.State.EXPIRING).isPresent()) {
            throw new BackupException(
                    ErrorCode.UNKNOWN_BACKUP_SET,
                    "backup set \"" + reference + "\"" + where + " has expired and is being deleted",
                    NAMES);
        }
        return found.orElseThrow(() -> source
                .flatMap(name -> newerThan(Instant.EPOCH, name, store))
                .map(newest -> newest.refused(reference, where))
                .orElseGet(() -> new BackupException(
                        ErrorCode.UNKNOWN_BACKUP_SET,
                        "there is no backup set \"" + reference + "\"" + where,
                        elsewhere(reference))));
    }

    /**
     * A set, and what whoever meant it has to know.
     *
     * @param warnings why {@code latest:<source>} does not mean the newest set of that source, and that it means one which lacks
     *     databases that an older one has; none when a set is named by its id
     */
    public record Resolved(BackupSetView set, List<String> warnings) {
        public Resolved {
            warnings = List.copyOf(warnings);
        }
    }

    /** As {@link #get(String, Optional)}, for a run, which has to say what it does not work on. */
    @Transactional
    public Resolved resolve(String reference, Optional<String> store) {
        BackupSetView set = get(reference, store);
        Optional<String> source = latestOf(reference);
        Stream<String> passedOver = source.flatMap(name -> newerThan(set.takenAt(), name, store))
                .map(newest -> newest.warning(reference, set)).stream();
        Stream<String> elsewhere = source.filter(any -> store.isPresent())
                .flatMap(name -> latest(name, Optional.empty()))
                .filter(newest -> newest.takenAt().isAfter(set.takenAt()))
                .map(newest -> reference + " in store \"" + store.orElseThrow() + "\" is " + set.id() + " of " + set.takenAt()
                        + "; the newest set of that source, " + newest.id() + " of " + newest.takenAt() + ", is not there, but in store \""
                        + newest.store() + "\"").stream();
        Stream<String> fuller = source.flatMap(name -> fullerThan(set, name, store))
                .map(older -> reference + " is " + set.id() + " of " + set.takenAt() + ", which holds " + set.databasesText()
                        + "; the newest set with more is " + older.id() + " of " + older.takenAt() + " (" + older.databasesText()
                        + "). Name that by its id for what the newest lacks").stream();
        return new Resolved(set, Stream.of(passedOver, elsewhere, fuller).flatMap(each -> each).toList());
    }

    /**
     * The newest whole set with more databases than one that lacks some which its source had, as by a policy that takes a part. None that
     * left as many out: it has more because its source had.
     */
    private Optional<BackupSetView> fullerThan(BackupSetView set, String source, Optional<String> store) {
        return set.sourceDatabases()
                .map(all -> all - set.databases())
                .filter(leftOut -> leftOut > 0)
                .flatMap(leftOut -> list(
                                Optional.of(source), store, Optional.of(set.id()), 1,
                                WHOLE + " and s.databases > " + set.databases()
                                        + " and (s.sourceDatabases is null or s.sourceDatabases - s.databases < " + leftOut + ")")
                        .stream().findFirst());
    }

    private static Optional<String> latestOf(String reference) {
        return Optional.of(reference).filter(text -> text.startsWith(LATEST)).map(text -> text.substring(LATEST.length()));
    }

    /** Not another form of the same backup, which has its instant. */
    private Optional<PassedOver> newerThan(Instant takenAt, String source, Optional<String> store) {
        String which = " from BackupSetEntity s where s.source = :source and s.takenAt > :takenAt and exists (select c.setId from"
                + " SetCopyEntity c where c.setId = s.id" + (store.isPresent() ? " and c.store = :store" : "") + ")";
        TypedQuery<BackupSetEntity> newest =
                em.createQuery("select s" + which + " order by s.id desc", BackupSetEntity.class).setMaxResults(1);
        TypedQuery<Long> count = em.createQuery("select count(s)" + which, Long.class);
        for (TypedQuery<?> query : List.of(newest, count)) {
            query.setParameter("source", source).setParameter("takenAt", takenAt);
            store.ifPresent(name -> query.setParameter("store", name));
        }
        return newest.getResultStream()
                .findFirst()
                .flatMap(set -> copiesOf(List.of(set.id)).get(set.id).stream()
                        .filter(copy -> store.isEmpty() || store.get().equals(copy.store))
                        .findFirst()
                        .map(set::view))
                .map(view -> new PassedOver(view, count.getSingleResult() - 1))
                // one that was sealed meanwhile was not there to be passed over
                .filter(PassedOver::explained);
    }

    private String elsewhere(String reference) {
        List<String> stores = copies(reference).stream().map(BackupSetView::store).toList();
        return stores.isEmpty() ? NAMES : "It is in: " + String.join(", ", stores) + ".";
    }

    /** As the other, whichever store they are in. */
    @Transactional
    public List<BackupSetView> list(Optional<String> source, Optional<String> before, int limit) {
        return list(source, Optional.empty(), before, limit);
    }

    /**
     * Sealed sets, newest first, each once; at most {@code limit} that are older than the set {@code before}.
     *
     * @param store only sets with a copy in this store, which is then the one that is shown
     */
    @Transactional
    public List<BackupSetView> list(
            Optional<String> source, Optional<String> store, Optional<String> before, int limit) {
        return list(source, store, before, limit, "");
    }

    /**
     * The newest sealed set of a source that leaves nothing out by intention and was not taken beside an unfinished restore, since
     * nobody who asks for the latest expects a part. A source of which only chosen databases were ever taken has no such set; its newest one with whole databases is
     * meant then. One that holds no database at all is meant only where there is no other.
     *
     * @param store only sets with a copy in this store
     */
    @Transactional
    public Optional<BackupSetView> latest(String source, Optional<String> store) {
        return Stream.of(WHOLE + ANY, WHOLE_DATABASES + ANY, WHOLE, WHOLE_DATABASES)
                .flatMap(which -> list(Optional.of(source), store, Optional.empty(), 1, which).stream())
                .findFirst();
    }

    private List<BackupSetView> list(
            Optional<String> source, Optional<String> store, Optional<String> before, int limit, String which) {
        TypedQuery<BackupSetEntity> query = em.createQuery(
                        "select s from BackupSetEntity s where exists (select c.setId from SetCopyEntity c where c.setId = s.id"
                                + " and c.state = :sealed" + (store.isPresent() ? " and c.store = :store" : "") + ")"
                                + which
                                + (source.isPresent() ? " and s.source = :source" : "")
                                + (before.isPresent() ? " and s.id < :before" : "") + " order by s.id desc",
                        BackupSetEntity.class)
                .setParameter("sealed", BackupSetView.State.SEALED)
                .setMaxResults(limit);
        source.ifPresent(s -> query.setParameter("source", s));
        store.ifPresent(s -> query.setParameter("store", s));
        before.ifPresent(b -> query.setParameter("before", b));
        List<BackupSetEntity> found = query.getResultList();
        Map<String, List<SetCopyEntity>> copies = copiesOf(found.stream().map(set -> set.id).toList());
        return found.stream()
                .flatMap(set -> copies.get(set.id).stream()
                        .filter(copy -> store.isEmpty() || store.get().equals(copy.store))
                        .limit(1)
                        .map(set::view))
                .toList();
    }

    /** Best first. */
    private Map<String, List<SetCopyEntity>> copiesOf(List<String> sets) {
        Map<String, List<SetCopyEntity>> copies = new HashMap<>();
        if (!sets.isEmpty()) {
            em.createQuery("select c from SetCopyEntity c where c.setId in :sets", SetCopyEntity.class)
                    .setParameter("sets", sets)
                    .getResultList()
                    .forEach(copy -> copies.computeIfAbsent(copy.setId, set -> new ArrayList<>()).add(copy));
            copies.values().forEach(list -> list.sort(SetCopyEntity.BEST_FIRST));
        }
        return copies;
    }

    /** Every set of a source in a store, whatever its state, newest first. */
    @Transactional
    public List<BackupSetView> ofSourceInStore(String source, String store) {
        return em.createQuery(
                        "select s, c from BackupSetEntity s, SetCopyEntity c where c.setId = s.id and s.source = :source"
                                + " and c.store = :store order by s.id desc",
                        Object[].class)
                .setParameter("source", source)
                .setParameter("store", store)
                .getResultList()
                .stream()
                .map(row -> ((BackupSetEntity) row[0]).view((SetCopyEntity) row[1]))
                .toList();
    }

    /** Ids of the sets of a source with a copy in a store that nobody has begun to delete; of this moment, also inside a transaction. */
    @Transactional
    public Set<String> sealed(String source, String store) {
        return Set.copyOf(em.createQuery(
                        "select s.id from BackupSetEntity s, SetCopyEntity c where c.setId = s.id and s.source = :source"
                                + " and c.store = :store and c.state = :sealed",
                        String.class)
                .setParameter("source", source)
                .setParameter("store", store)
                .setParameter("sealed", BackupSetView.State.SEALED)
                .getResultList());
    }

    /**
     * Remembers a verdict about a copy; the one place that decides what a copy counts as. A failure always counts, of whatever
     * level, and what was proven before it counts no more. Only an equal or stronger look takes a failure back: stored bytes
     * that are as written do not make a set restorable that could not be restored. A weaker look with the same outcome takes
     * nothing from a stronger one, so that a proof by a real restore stays, with its own date, and so does its refutation.
     */
    @Transactional
    public void verified(String id, String store, VerifyLevel level, boolean passed, Instant at) {
        SetCopyEntity copy = lock(id, store);
        if (copy == null) {
            return;
        }
        boolean weaker = copy.verifiedLevel != null && level.compareTo(copy.verifiedLevel) < 0;
        boolean refutesAProof = !passed && Boolean.TRUE.equals(copy.verifiedOk);
        if (!weaker || refutesAProof) {
            copy.verifiedLevel = level;
            copy.verifiedOk = passed;
            copy.verifiedAt = at;
        }
    }

    /**
     * Marks a copy as being deleted; it is then no longer listed, verified or restored. Atomic: whoever deletes a manifest has marked
     * the copy before, so that a sealed copy whose manifest was not there before this call was not deleted by us. Commits at once.
     *
     * @param seen whether its manifest was there before this call
     * @return false when it was not there and nobody has begun to delete the copy, which stays as it is then
     */
    @Transactional(TxType.REQUIRES_NEW)
    public boolean expiring(String id, String store, boolean seen) {
        SetCopyEntity copy = lock(id, store);
        if (copy != null && copy.state == BackupSetView.State.SEALED) {
            if (!seen) {
                return false;
            }
            copy.state = BackupSetView.State.EXPIRING;
        }
        return true;
    }

    /**
     * Takes {@link #expiring} back for a copy of which nothing was deleted yet, unless another active run is to delete it, too: that
     * may have seen that nobody uses the copy, and whoever began to now would lose it. Then it stays marked, at the latest until the
     * next retention. Atomic: who is to delete it has that work item before it marks the copy. Commits at once.
     *
     * @param run that takes it back
     * @param deletion key of the work items that delete copies of the set
     */
    @Transactional(TxType.REQUIRES_NEW)
    public void sealedAgain(String id, String store, UUID run, String deletion) {
        SetCopyEntity copy = lock(id, store);
        if (copy == null) {
            return;
        }
        boolean elsewhere = !em.createQuery(
                        "select i.id from WorkItemEntity i, RunEntity r where i.key = :deletion and i.state <> :done"
                                + " and r.id = i.runId and r.id <> :run and r.storeName = :store and r.state in :active",
                        Long.class)
                .setParameter("deletion", deletion)
                .setParameter("done", ItemState.DONE)
                .setParameter("run", run)
                .setParameter("store", store)
                .setParameter("active", List.of(RunState.QUEUED, RunState.RUNNING, RunState.STOPPING))
                .setMaxResults(1)
                .getResultList()
                .isEmpty();
        if (!elsewhere) {
            copy.state = BackupSetView.State.SEALED;
        }
    }

    /** Adds names of keys that open a set from now on, too. */
    @Transactional
    public void openedBy(String id, List<String> keys) {
        BackupSetEntity set = em.find(BackupSetEntity.class, id, LockModeType.PESSIMISTIC_WRITE);
        if (set != null && set.recipients != null) {
            Set<String> all = new LinkedHashSet<>(List.of(Json.read(set.recipients, String[].class)));
            all.addAll(keys);
            set.recipients = Json.write(all);
        }
    }

    /** Forgets a copy whose last blob was deleted, and with its last copy the set. */
    @Transactional
    public void forget(String id, String store) {
        BackupSetEntity set = em.find(BackupSetEntity.class, id, LockModeType.PESSIMISTIC_WRITE);
        if (set == null) {
            return;
        }
        List<SetCopyEntity> copies = copiesOf(List.of(id)).getOrDefault(id, List.of());
        copies.stream().filter(copy -> copy.store.equals(store)).forEach(em::remove);
        if (copies.stream().allMatch(copy -> copy.store.equals(store))) {
            em.flush();
            em.remove(set);
        }
    }

    private SetCopyEntity lock(String id, String store) {
        return em.find(SetCopyEntity.class, new SetCopyEntity.Key(id, store), LockModeType.PESSIMISTIC_WRITE);
    }
}
