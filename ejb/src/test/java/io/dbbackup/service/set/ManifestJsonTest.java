package io.dbbackup.service.set;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.pipeline.Codecs;
import io.dbbackup.pipeline.Sha256Probe;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.store.file.FileStoreProvider;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestJsonTest {
    private static final String PREFIX = "orders/" + Manifests.SET + "/";

    @TempDir
    Path root;

    @Test
    void a_manifest_reads_back() {
        BackupManifest manifest = Manifests.aManifest();
        assertThat(ManifestJson.read(ManifestJson.write(manifest), "m")).isEqualTo(manifest);
    }

    @Test
    void the_second_line_is_the_digest_of_the_first_as_head_and_sha256sum_compute_it() {
        String text = new String(ManifestJson.write(Manifests.aManifest()), StandardCharsets.UTF_8);
        List<String> lines = text.lines().toList();
        assertThat(lines).hasSize(2);
        assertThat(text).endsWith("\n");
        String digest = Sha256Probe.of((lines.get(0) + "\n").getBytes(StandardCharsets.UTF_8));
        assertThat(lines.get(1)).isEqualTo("{\"sha256\":\"" + digest + "\"}");
    }

    @Test
    void instants_are_rfc_3339() {
        assertThat(new String(ManifestJson.write(Manifests.aManifest()), StandardCharsets.UTF_8))
                .contains("\"startedAt\":\"2026-11-20T23:31:58.500Z\"");
    }

    @Test
    void every_edit_is_noticed() {
        byte[] good = ManifestJson.write(Manifests.aManifest());
        for (int at = 0; at < good.length; at++) {
            byte[] edited = good.clone();
            edited[at] ^= 1;
            assertInvalid(edited);
        }
        for (int size = 0; size < good.length; size++) {
            assertInvalid(Arrays.copyOf(good, size));
        }
        assertInvalid(Arrays.copyOf(good, good.length + 1));
    }

    @Test
    void an_edit_by_hand_is_said_with_both_digests() {
        String good = new String(ManifestJson.write(Manifests.aManifest()), StandardCharsets.UTF_8);
        String edited = good.replace("\"complete\":true", "\"complete\":false");
        String line = edited.lines().findFirst().orElseThrow() + "\n";
        assertThatThrownBy(() -> ManifestJson.read(edited.getBytes(StandardCharsets.UTF_8), "orders/x/manifest.json"))
                .hasMessage("MANIFEST_INVALID: orders/x/manifest.json was changed after it was written: the lines"
                        + " before its last have the SHA-256 " + Sha256Probe.of(line.getBytes(StandardCharsets.UTF_8))
                        + ", its last line says " + good.lines().toList().get(1).substring(11, 75) + "\n"
                        + "HINT: Restore the manifest from another copy of the backup set.");
    }

    @Test
    void a_newer_version_is_refused_and_not_guessed_at() {
        byte[] newer = ManifestJson.write(Manifests.of(3, Optional.empty(), List.of()));
        assertThatThrownBy(() -> ManifestJson.read(newer, "m"))
                .hasMessage("MANIFEST_VERSION_UNSUPPORTED: m has version 3 of the repository format; this program reads"
                        + " up to 2\nHINT: Use the version of dbbackup that wrote it (dbbackup 0.1.0) or a newer one.");
    }

    @Test
    void other_documents_are_refused_and_unknown_fields_are_not() {
        assertThatThrownBy(() -> ManifestJson.read(sealed("{\"format\":\"other\",\"version\":1}"), "m"))
                .hasMessageStartingWith("MANIFEST_INVALID: m has the format \"other\" instead of \"dbbackup-set\"");
        assertThatThrownBy(() -> ManifestJson.read(sealed("{\"format\":\"dbbackup-set\"}"), "m"))
                .hasMessageStartingWith("MANIFEST_INVALID: m has no version");
        assertThatThrownBy(() -> ManifestJson.read(sealed("{\"format\":\"dbbackup-set\",\"version\":1}"), "m"))
                .hasMessageStartingWith("MANIFEST_INVALID: m lacks something that version 1 needs");
        assertThatThrownBy(() -> ManifestJson.read(sealed("not json"), "m"))
                .hasMessageStartingWith("MANIFEST_INVALID: m is not JSON");
        String good = new String(ManifestJson.write(Manifests.aManifest()), StandardCharsets.UTF_8);
        String more = "{\"later\":1," + good.lines().findFirst().orElseThrow().substring(1);
        assertThat(ManifestJson.read(sealed(more), "m")).isEqualTo(Manifests.aManifest());
    }

    @Test
    void a_sealed_set_opens_and_the_catalog_s_digest_is_compared() {
        BlobStore store = store();
        assertCode(ErrorCode.BLOB_MISSING, () -> BlobSetReader.open(store, PREFIX));

        BlobRef sealed = writer(store).seal(Manifests.aManifest());

        assertThat(BlobSetReader.open(store, PREFIX).manifest()).isEqualTo(Manifests.aManifest());
        assertThat(BlobSetReader.open(store, PREFIX, Optional.of(sealed.storedSha256())).manifest())
                .isEqualTo(Manifests.aManifest());
        assertThatThrownBy(() -> BlobSetReader.open(store, PREFIX, Optional.of("0".repeat(64))))
                .hasMessageStartingWith("MANIFEST_INVALID: " + PREFIX + "manifest.json is not the manifest that was"
                        + " written: the catalog has the SHA-256 0000");
        assertCode(ErrorCode.BLOB_EXISTS, () -> writer(store).seal(Manifests.aManifest()));
    }

    @Test
    void the_manifest_of_a_database_is_protected_by_the_one_of_the_set() throws Exception {
        BlobStore store = store();
        Instant at = Instant.parse("2026-11-20T23:32:00Z");
        DatabaseManifest database = new DatabaseManifest(
                "shop", at, "0/1A2B3C4", io.dbbackup.model.Json.MAPPER.createObjectNode(), List.of(), "x", List.of());
        BlobRef blob = writer(store).writeJson("databases/0001-shop/manifest.json", database);
        DatabaseEntry entry = new DatabaseEntry("shop", blob, at, "0/1A2B3C4", 0, 0, 0, blob.storedBytes());
        writer(store).seal(Manifests.of(1, Optional.empty(), List.of(entry)));
        BlobSetReader reader = BlobSetReader.open(store, PREFIX);

        assertThat(reader.database(entry)).isEqualTo(database);
        DatabaseEntry wrong = new DatabaseEntry("other", blob, at, "0/1A2B3C4", 0, 0, 0, blob.storedBytes());
        assertThatThrownBy(() -> reader.database(wrong))
                .hasMessageContaining("describes the database \"shop\" instead of \"other\"");

        Path file = root.resolve(PREFIX + blob.name());
        Files.writeString(file, Files.readString(file).replace("0/1A2B3C4", "0/1A2B3C5"));
        assertCode(ErrorCode.BLOB_DIGEST_MISMATCH, () -> reader.database(entry));
    }

    private BlobStore store() {
        return new FileStoreProvider().open(Map.of("path", root.toString()), secret -> Optional.empty());
    }

    private static BlobSetWriter writer(BlobStore store) {
        return new BlobSetWriter(store, PREFIX, Codecs.standard(), OptionalInt.empty(), new Cancellation());
    }

    private static byte[] sealed(String document) {
        String digest = Sha256Probe.of((document + "\n").getBytes(StandardCharsets.UTF_8));
        return (document + "\n{\"sha256\":\"" + digest + "\"}\n").getBytes(StandardCharsets.UTF_8);
    }

    private static void assertInvalid(byte[] bytes) {
        assertCode(ErrorCode.MANIFEST_INVALID, () -> ManifestJson.read(bytes, "m"));
    }

    private static void assertCode(ErrorCode code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(BackupException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
