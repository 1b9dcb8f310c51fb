package io.dbbackup.service.set;

import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ServerFacts;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.DatabaseEntry;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Manifests for tests. */
final class Manifests {
    static final String SET = "20261120T233200.123Z_p0100_7f3a9c21";

    private Manifests() {}

    static BackupManifest aManifest() {
        return of(BackupManifest.VERSION, Optional.empty(), List.of());
    }

    static BackupManifest of(int version, Optional<BlobRef> globals, List<DatabaseEntry> databases) {
        return new BackupManifest(
                BackupManifest.FORMAT,
                version,
                SET,
                "orders",
                UUID.fromString("0190a1b2-c3d4-7000-8000-00007f3a9c21"),
                "dbbackup 0.1.0",
                Instant.parse("2026-11-20T23:31:58.500Z"),
                Instant.parse("2026-11-20T23:32:04.250Z"),
                "Europe/Zurich",
                new ServerFacts("postgresql", "15.13", 15, "7301234567890123456", "Europe/Zurich", Map.of()),
                "per-database",
                true,
                globals,
                databases,
                List.of());
    }
}
