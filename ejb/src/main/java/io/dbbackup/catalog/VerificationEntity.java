package io.dbbackup.catalog;

import io.dbbackup.model.VerifyLevel;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.hibernate.annotations.JdbcType;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;

@Entity
@Table(name = "verification")
class VerificationEntity {
    @Id
    UUID id;

    @Column(name = "set_id")
    String set;

    @Column(name = "run_id")
    UUID run;

    @Enumerated(EnumType.STRING)
    @JdbcTypeCode(SqlTypes.VARCHAR)
    VerifyLevel level;

    boolean passed;

    @Column(name = "started_at")
    Instant startedAt;

    /** Null while the findings are being written. */
    @Column(name = "ended_at")
    Instant endedAt;

    @JdbcType(UnlimitedText.class)
    String report;

    VerificationView view() {
        return new VerificationView(id, set, run, level, passed, startedAt, endedAt, report);
    }
}
