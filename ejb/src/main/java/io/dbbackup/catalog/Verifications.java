package io.dbbackup.catalog;

import io.dbbackup.model.ItemState;
import io.dbbackup.model.Json;
import io.dbbackup.model.VerifyLevel;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceContext;
import jakarta.persistence.TypedQuery;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What verifications found. A verification is begun, gets its findings in as many transactions as it takes, and counts
 * from the moment it is finished; whatever a crash left unfinished is removed when its run writes its report again.
 * Thread-safe.
 */
@ApplicationScoped
public class Verifications {
    @PersistenceContext(unitName = "catalog")
    private EntityManager em;

    /** Begins the report of a run. */
    @Transactional(TxType.REQUIRES_NEW)
    public UUID begin(String set, UUID run, VerifyLevel level, Instant startedAt) {
        em.createQuery("delete from VerificationEntity v where v.run = :run and v.endedAt is null")
                .setParameter("run", run)
                .executeUpdate();
        VerificationEntity verification = new VerificationEntity();
        verification.id = UUID.randomUUID();
        verification.set = set;
        verification.run = run;
        verification.level = level;
        verification.startedAt = startedAt;
        em.persist(verification);
        return verification.id;
    }

    @Transactional(TxType.REQUIRES_NEW)
    public void add(UUID verification, List<Finding> findings) {
        findings.forEach(finding -> em.persist(new FindingEntity(verification, finding)));
    }

    /** Gives the verdict. Part of the caller's transaction, so that the set learns it at the same moment. */
    @Transactional
    public void finish(UUID id, boolean passed, Instant at, Object report) {
        VerificationEntity verification = em.find(VerificationEntity.class, id);
        verification.passed = passed;
        verification.endedAt = at;
        verification.report = Json.write(report);
    }

    @Transactional
    public Optional<VerificationView> find(UUID id) {
        return Optional.ofNullable(em.find(VerificationEntity.class, id))
                .filter(v -> v.endedAt != null)
                .map(VerificationEntity::view);
    }

    /** The latest verdict of a run; a run that was restarted after its verdict has several. */
    @Transactional
    public Optional<VerificationView> ofRun(UUID run) {
        return em.createQuery(
                        "select v from VerificationEntity v where v.run = :run and v.endedAt is not null"
                                + " order by v.endedAt desc",
                        VerificationEntity.class)
                .setParameter("run", run)
                .setMaxResults(1)
                .getResultStream()
                .findFirst()
                .map(VerificationEntity::view);
    }

    /** Newest first; verifications outlive the set. */
    @Transactional
    public List<VerificationView> ofSet(String set, int limit) {
        return em.createQuery(
                        "select v from VerificationEntity v where v.set = :set and v.endedAt is not null"
                                + " order by v.endedAt desc",
                        VerificationEntity.class)
                .setParameter("set", set)
                .setMaxResults(limit)
                .getResultStream()
                .map(VerificationEntity::view)
                .toList();
    }

    /** Failures first, then in the order in which they were found. */
    @Transactional
    public List<Finding> findings(UUID verification, Optional<Boolean> passed, int offset, int limit) {
        TypedQuery<FindingEntity> query = em.createQuery(
                        "select f from FindingEntity f where f.verification = :verification"
                                + (passed.isPresent() ? " and f.passed = :passed" : "") + " order by f.passed, f.id",
                        FindingEntity.class)
                .setParameter("verification", verification)
                .setFirstResult(offset)
                .setMaxResults(limit);
        passed.ifPresent(value -> query.setParameter("passed", value));
        return query.getResultList().stream().map(FindingEntity::view).toList();
    }

    /** What a run spent its time on, in the order in which it began. */
    @Transactional
    public List<StageView> stages(UUID run) {
        return em.createQuery(
                        "select i.kind, count(i), sum(case when i.state = :done then 1 else 0 end),"
                                + " sum(case when i.state = :failed then 1 else 0 end),"
                                + " sum(case when i.state = :skipped then 1 else 0 end),"
                                + " min(i.startedAt), max(i.endedAt), sum(i.plainBytes), sum(i.storedBytes), sum(i.rows)"
                                + " from WorkItemEntity i where i.runId = :run group by i.kind order by min(i.startedAt)",
                        Object[].class)
                .setParameter("done", ItemState.DONE)
                .setParameter("failed", ItemState.FAILED)
                .setParameter("skipped", ItemState.SKIPPED)
                .setParameter("run", run)
                .getResultStream()
                .map(Verifications::stage)
                .toList();
    }

    private static StageView stage(Object[] row) {
        return new StageView(
                (String) row[0],
                number(row[1]),
                number(row[2]),
                number(row[3]),
                number(row[4]),
                Optional.ofNullable((Instant) row[5]),
                Optional.ofNullable((Instant) row[6]),
                number(row[7]),
                number(row[8]),
                number(row[9]));
    }

    private static long number(Object value) {
        return ((Number) value).longValue();
    }
}
