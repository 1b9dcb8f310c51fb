package io.dbbackup.catalog;

import io.dbbackup.model.VerifyLevel;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;

@Entity
@Table(name = "backup_set")
class BackupSetEntity {
    @Id
    String id;

    @Column(name = "source_name")
    String source;

    @Column(name = "store_name")
    String store;

    @Column(name = "policy_name")
    String policy;

    @Column(name = "run_id")
    UUID run;

    @Enumerated(EnumType.STRING)
    @JdbcTypeCode(SqlTypes.VARCHAR)
    BackupSetView.State state;

    String engine;

    @Column(name = "server_version")
    String serverVersion;

    @Column(name = "taken_at")
    Instant takenAt;

    @Column(name = "sealed_at")
    Instant sealedAt;

    String zone;
    boolean complete;
    int databases;

    @Column(name = "row_count")
    long rows;

    @Column(name = "plain_bytes")
    long plainBytes;

    @Column(name = "stored_bytes")
    long storedBytes;

    @Column(name = "manifest_sha256")
    String manifestSha256;

    @Enumerated(EnumType.STRING)
    @JdbcTypeCode(SqlTypes.VARCHAR)
    @Column(name = "verified_level")
    VerifyLevel verifiedLevel;

    @Column(name = "verified_ok")
    Boolean verifiedOk;

    @Column(name = "verified_at")
    Instant verifiedAt;

    BackupSetView view() {
        return new BackupSetView(
                id, source, store, Optional.ofNullable(policy), run, state, engine, serverVersion, takenAt, sealedAt,
                zone, complete, databases, rows, plainBytes, storedBytes, manifestSha256,
                Optional.ofNullable(verifiedLevel), Optional.ofNullable(verifiedOk), Optional.ofNullable(verifiedAt));
    }
}
