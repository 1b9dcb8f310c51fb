package io.dbbackup.catalog;

import io.dbbackup.model.Json;
import io.dbbackup.model.Omission;
import io.dbbackup.model.manifest.Reused;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.annotations.JdbcType;

/** What is the same in every copy of a set. */
@Entity
@Table(name = "backup_set")
class BackupSetEntity {
    @Id
    String id;

    @Column(name = "source_name")
    String source;

    @Column(name = "run_id")
    UUID run;

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

    @Column(name = "source_databases")
    Integer sourceDatabases;

    /** Null in complete sets, and when unknown. */
    @Column(name = "missing_databases")
    Integer missingDatabases;

    /** Null when unknown. */
    Boolean globals;

    /** Names of databases as a JSON list; null for none. */
    @Column(name = "beside_restore")
    @JdbcType(UnlimitedText.class)
    String besideRestore;

    @Column(name = "row_count")
    long rows;

    @Column(name = "plain_bytes")
    long plainBytes;

    @Column(name = "stored_bytes")
    long storedBytes;

    @Column(name = "manifest_sha256")
    String manifestSha256;

    @JdbcType(UnlimitedText.class)
    String recipients;

    @Column(name = "derived_from")
    String derivedFrom;

    /** Names of {@link Omission}s separated by commas; null for a set that holds everything. */
    String omissions;

    @JdbcType(UnlimitedText.class)
    String reuses;

    /** The set as one of its copies. */
    BackupSetView view(SetCopyEntity copy) {
        return new BackupSetView(
                id, source, copy.store, Optional.ofNullable(copy.policy), run, copy.state, engine, serverVersion, takenAt,
                sealedAt, zone, complete, databases, Optional.ofNullable(sourceDatabases),
                Optional.ofNullable(missingDatabases), Optional.ofNullable(globals),
                besideRestore == null ? List.of() : List.of(Json.read(besideRestore, String[].class)),
                rows, plainBytes, storedBytes, manifestSha256,
                Optional.ofNullable(copy.verifiedLevel), Optional.ofNullable(copy.verifiedOk),
                Optional.ofNullable(copy.verifiedAt),
                Optional.ofNullable(recipients).map(names -> List.of(Json.read(names, String[].class))),
                Optional.ofNullable(derivedFrom),
                omissions == null ? List.of() : Arrays.stream(omissions.split(",")).map(Omission::valueOf).toList(),
                reuses == null ? List.of() : List.of(Json.read(reuses, Reused[].class)));
    }
}
