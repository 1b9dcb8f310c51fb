package io.dbbackup.service.set;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.postgresql.PgBinaryRows;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.model.manifest.PartManifest;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.pipeline.Bundle;
import io.dbbackup.pipeline.LineRows;
import io.dbbackup.pipeline.RowScanner;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.store.file.FileStoreProvider;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A set that an earlier version wrote stays readable, byte for byte; see {@link GoldenSetGenerator}. */
class GoldenSetTest {
    @TempDir
    Path temp;

    private BlobSetReader set;

    @BeforeEach
    void open() throws Exception {
        BlobStore store = new FileStoreProvider()
                .open(Map.of("path", copyTo(temp.resolve("store")).toString()), secret -> Optional.empty());
        set = BlobSetReader.open(store, "orders/" + Manifests.SET + "/");
    }

    /** Copies the store, because a checkout has other permissions and nobody shall write into it. */
    static Path copyTo(Path target) throws Exception {
        Path golden = Path.of(GoldenSetTest.class.getResource("/golden/v1").toURI());
        try (Stream<Path> files = Files.walk(golden)) {
            for (Path file : files.toList()) {
                Files.copy(file, target.resolve(golden.relativize(file).toString()));
            }
        }
        return target;
    }

    @Test
    void its_manifest_says_what_it_said() {
        BackupManifest manifest = set.manifest();
        assertThat(manifest.version()).isEqualTo(1);
        assertThat(manifest.sealedAt()).isEqualTo("2026-11-20T23:32:04.250Z");
        assertThat(manifest.rows()).isEqualTo(10);
        assertThat(manifest.databases()).singleElement().satisfies(entry -> {
            assertThat(entry.name()).isEqualTo("shop");
            assertThat(entry.position()).isEqualTo("0/1A2B3C8");
        });
    }

    @Test
    void its_blobs_are_intact_and_decode() throws IOException {
        set.checkStored(set.manifest().globals().orElseThrow());
        assertThat(new String(plain(set.manifest().globals().orElseThrow()))).contains("CREATE ROLE clerk");
        for (BlobRef blob : database().blobs()) {
            set.checkStored(blob);
            assertThat(plain(blob)).hasSize((int) blob.plainBytes());
        }
    }

    @Test
    void its_rows_have_the_fingerprints_that_they_had() throws IOException {
        for (TableManifest table : database().tables()) {
            Fingerprint sum = Fingerprint.EMPTY;
            for (PartManifest part : table.parts()) {
                byte[] rows = rows(part);
                RowScanner scanner = switch (part.format()) {
                    case "pgcopy-text" -> new LineRows();
                    case "pgcopy-binary" -> new PgBinaryRows();
                    default -> throw new AssertionError(part.format());
                };
                scanner.accept(rows, 0, rows.length);
                assertThat(rows).hasSize((int) part.plainBytes());
                assertThat(scanner.result()).isEqualTo(part.content());
                sum = sum.plus(part.content());
            }
            assertThat(sum).as(table.name()).isEqualTo(table.content());
        }
    }

    private byte[] rows(PartManifest part) throws IOException {
        BlobRef blob = database().blobs().stream()
                .filter(each -> each.name().equals(part.blob()))
                .findFirst()
                .orElseThrow();
        if (part.member().isEmpty()) {
            return plain(blob);
        }
        Map<String, byte[]> members = new HashMap<>();
        try (InputStream tar = set.open(blob)) {
            Bundle.read(tar, (name, bytes) -> {
                try {
                    members.put(name, bytes.readAllBytes());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
        return members.get(part.member());
    }

    private DatabaseManifest database() {
        return set.database(set.manifest().databases().get(0));
    }

    private byte[] plain(BlobRef blob) throws IOException {
        try (InputStream in = set.open(blob)) {
            return in.readAllBytes();
        }
    }
}
