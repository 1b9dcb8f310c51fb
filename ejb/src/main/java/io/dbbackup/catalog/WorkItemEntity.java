package io.dbbackup.catalog;

import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.ItemState;
import io.dbbackup.model.Problem;
import io.dbbackup.spi.WorkItem;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.SequenceGenerator;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.annotations.JdbcType;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;

@Entity
@Table(name = "work_item")
class WorkItemEntity {
    @Id
    @GeneratedValue(strategy = GenerationType.SEQUENCE, generator = "work_item")
    @SequenceGenerator(name = "work_item", sequenceName = "work_item_seq", allocationSize = 500)
    Long id;

    @Column(name = "run_id")
    UUID runId;

    @Column(name = "item_key")
    String key;

    String kind;

    String label;

    @Column(name = "database_name")
    String database;

    long bytes;

    int priority;

    /** Prerequisites that are not DONE. */
    int waiting;

    @Enumerated(EnumType.STRING)
    @JdbcTypeCode(SqlTypes.VARCHAR)
    ItemState state;

    /** Attempts ever. */
    int attempts;

    /** Attempts of the current execution. */
    int tries;

    String owner;

    @Column(name = "lease_until")
    Instant leaseUntil;

    @Column(name = "started_at")
    Instant startedAt;

    @Column(name = "ended_at")
    Instant endedAt;

    @Column(name = "plain_bytes")
    long plainBytes;

    @Column(name = "stored_bytes")
    long storedBytes;

    @Column(name = "row_count")
    long rows;

    @JdbcType(UnlimitedText.class)
    String payload;

    @JdbcType(UnlimitedText.class)
    String result;

    @Column(name = "problem_code")
    String problemCode;

    @Column(name = "problem_cause")
    @JdbcType(UnlimitedText.class)
    String problemCause;

    @Column(name = "problem_remedy")
    @JdbcType(UnlimitedText.class)
    String problemRemedy;

    void problem(Problem problem) {
        problemCode = problem == null ? null : problem.code().name();
        problemCause = problem == null ? null : problem.cause();
        problemRemedy = problem == null ? null : problem.remedy();
    }

    Optional<Problem> problem() {
        return problemCode == null
                ? Optional.empty()
                : Optional.of(new Problem(ErrorCode.valueOf(problemCode), problemCause, problemRemedy));
    }

    WorkItem toWorkItem() {
        return new WorkItem(id, runId, key, kind, label, database, bytes, attempts, payload, Optional.ofNullable(result));
    }
}
