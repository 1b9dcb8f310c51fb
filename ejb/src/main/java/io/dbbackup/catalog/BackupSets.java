package io.dbbackup.catalog;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.VerifyLevel;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.SetHeader;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.persistence.LockModeType;
import jakarta.persistence.PersistenceContext;
import jakarta.persistence.TypedQuery;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Sealed backup sets. The store's manifests are the truth; this is their index. Thread-safe. */
@ApplicationScoped
public class BackupSets {
    @PersistenceContext(unitName = "catalog")
    private EntityManager em;

    /** Enters a set whose manifest is in the store; entering it again changes nothing. */
    @Transactional
    public void enter(BackupManifest manifest, String store, Optional<String> policy, String manifestSha256) {
        enter(SetHeader.of(manifest), store, policy, manifestSha256);
    }

    /** The same with what is known of a set without its key. */
    @Transactional
    public void enter(SetHeader manifest, String store, Optional<String> policy, String manifestSha256) {
        if (em.find(BackupSetEntity.class, manifest.set()) != null) {
            return;
        }
        BackupSetEntity set = new BackupSetEntity();
        set.id = manifest.set();
        set.source = manifest.source();
        set.store = store;
        set.policy = policy.orElse(null);
        set.run = manifest.run();
        set.state = BackupSetView.State.SEALED;
        set.engine = manifest.engine();
        set.serverVersion = manifest.serverVersion();
        set.takenAt = manifest.startedAt();
        set.sealedAt = manifest.sealedAt();
        set.zone = manifest.zone();
        set.complete = manifest.complete();
        set.databases = manifest.databaseCount();
        set.rows = manifest.rows();
        set.plainBytes = manifest.plainBytes();
        set.storedBytes = manifest.storedBytes();
        set.manifestSha256 = manifestSha256;
        em.persist(set);
    }

    @Transactional
    public Optional<BackupSetView> find(String id) {
        return Optional.ofNullable(em.find(BackupSetEntity.class, id)).map(BackupSetEntity::view);
    }

    /**
     * A set by its id, or the newest sealed one of a source by {@code latest:<source>}.
     *
     * @throws BackupException UNKNOWN_BACKUP_SET, also when the set is being deleted
     */
    @Transactional
    public BackupSetView get(String reference) {
        Optional<BackupSetView> found = reference.startsWith("latest:")
                ? list(Optional.of(reference.substring("latest:".length())), Optional.empty(), 1).stream().findFirst()
                : find(reference);
        if (found.filter(set -> set.state() == BackupSetView.State.EXPIRING).isPresent()) {
            throw new BackupException(
                    ErrorCode.UNKNOWN_BACKUP_SET,
                    "backup set \"" + reference + "\" has expired and is being deleted",
                    "List the backup sets and use one of their names, or latest:<source>.");
        }
        return found.orElseThrow(() -> new BackupException(
                ErrorCode.UNKNOWN_BACKUP_SET,
                "there is no backup set \"" + reference + "\"",
                "List the backup sets and use one of their names, or latest:<source>."));
    }

    /** Newest first; at most {@code limit} that are older than the set {@code before}. */
    @Transactional
    public List<BackupSetView> list(Optional<String> source, Optional<String> before, int limit) {
        TypedQuery<BackupSetEntity> query = em.createQuery(
                        "select s from BackupSetEntity s where s.state = :sealed"
                                + (source.isPresent() ? " and s.source = :source" : "")
                                + (before.isPresent() ? " and s.id < :before" : "") + " order by s.id desc",
                        BackupSetEntity.class)
                .setParameter("sealed", BackupSetView.State.SEALED)
                .setMaxResults(limit);
        source.ifPresent(s -> query.setParameter("source", s));
        before.ifPresent(b -> query.setParameter("before", b));
        return query.getResultList().stream().map(BackupSetEntity::view).toList();
    }

    /** Every set of a source in a store, whatever its state, newest first. */
    @Transactional
    public List<BackupSetView> ofSourceInStore(String source, String store) {
        return em.createQuery(
                        "select s from BackupSetEntity s where s.source = :source and s.store = :store order by s.id desc",
                        BackupSetEntity.class)
                .setParameter("source", source)
                .setParameter("store", store)
                .getResultList()
                .stream()
                .map(BackupSetEntity::view)
                .toList();
    }

    /**
     * Remembers a verdict. A look that proves less takes nothing back of what a stronger one found wrong: stored bytes that
     * are as written do not make a set restorable that could not be restored.
     */
    @Transactional
    public void verified(String id, VerifyLevel level, boolean passed, Instant at) {
        BackupSetEntity set = em.find(BackupSetEntity.class, id, LockModeType.PESSIMISTIC_WRITE);
        boolean refuted = set != null
                && Boolean.FALSE.equals(set.verifiedOk)
                && passed
                && level.compareTo(set.verifiedLevel) < 0;
        if (set != null && !refuted) {
            set.verifiedLevel = level;
            set.verifiedOk = passed;
            set.verifiedAt = at;
        }
    }

    /** Marks a set as being deleted; it is then no longer listed, verified or restored. Commits at once. */
    @Transactional(TxType.REQUIRES_NEW)
    public void expiring(String id) {
        BackupSetEntity set = em.find(BackupSetEntity.class, id, LockModeType.PESSIMISTIC_WRITE);
        if (set != null) {
            set.state = BackupSetView.State.EXPIRING;
        }
    }

    /** Takes {@link #expiring} back for a set of which nothing was deleted yet. Commits at once. */
    @Transactional(TxType.REQUIRES_NEW)
    public void sealedAgain(String id) {
        BackupSetEntity set = em.find(BackupSetEntity.class, id, LockModeType.PESSIMISTIC_WRITE);
        if (set != null) {
            set.state = BackupSetView.State.SEALED;
        }
    }

    /** Forgets a set whose last blob was deleted. */
    @Transactional
    public void forget(String id) {
        BackupSetEntity set = em.find(BackupSetEntity.class, id);
        if (set != null) {
            em.remove(set);
        }
    }
}
