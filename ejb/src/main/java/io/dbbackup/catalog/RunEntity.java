package io.dbbackup.catalog;

import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Operation;
import io.dbbackup.model.Problem;
import io.dbbackup.model.RunState;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.annotations.JdbcType;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;

@Entity
@Table(name = "run")
class RunEntity {
    @Id
    UUID id;

    @Enumerated(EnumType.STRING)
    @JdbcTypeCode(SqlTypes.VARCHAR)
    Operation operation;

    @Enumerated(EnumType.STRING)
    @JdbcTypeCode(SqlTypes.VARCHAR)
    RunState state;

    @Column(name = "exit_status")
    String exitStatus;

    String label;

    @Column(name = "source_name")
    String sourceName;

    @Column(name = "store_name")
    String storeName;

    @Column(name = "policy_name")
    String policyName;

    @Column(name = "set_id")
    String setId;

    /** Of a run other than a backup. */
    @Column(name = "written_set")
    String writtenSet;

    @JdbcType(UnlimitedText.class)
    String parameters;

    @Column(name = "started_by")
    String startedBy;

    @Column(name = "started_via")
    String startedVia;

    @Column(name = "created_at")
    Instant createdAt;

    @Column(name = "started_at")
    Instant startedAt;

    /** Of the latest execution. */
    @Column(name = "execution_started_at")
    Instant executionStartedAt;

    @Column(name = "ended_at")
    Instant endedAt;

    @Column(name = "job_instance")
    Long jobInstance;

    @Column(name = "job_execution")
    Long jobExecution;

    int executions;

    String owner;

    @Column(name = "heartbeat_at")
    Instant heartbeatAt;

    @Column(name = "stop_requested")
    boolean stopRequested;

    @Column(name = "problem_code")
    String problemCode;

    @Column(name = "problem_cause")
    @JdbcType(UnlimitedText.class)
    String problemCause;

    @Column(name = "problem_remedy")
    @JdbcType(UnlimitedText.class)
    String problemRemedy;

    @JdbcType(UnlimitedText.class)
    String summary;

    @Column(name = "discarded_at")
    Instant discardedAt;

    @Column(name = "idempotency_key")
    String idempotencyKey;

    @Column(name = "request_digest")
    String requestDigest;

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
}
