package io.dbbackup.service.set;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.crypto.KeyBunch;
import io.dbbackup.crypto.KeyFiles;
import io.dbbackup.crypto.PassphraseKey;
import io.dbbackup.crypto.TestKeys;
import io.dbbackup.crypto.WrappingKey;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Json;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.model.manifest.KeyDocument;
import io.dbbackup.model.manifest.SetHeader;
import io.dbbackup.model.manifest.StoredBlob;
import io.dbbackup.pipeline.Sha256Probe;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.store.file.FileStoreProvider;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An encrypted set that an earlier version wrote stays readable for every recipient, by dbbackup and by
 * docs/tools/Decrypt.java; and what is not as it was written is refused. Its keys are published, see
 * docs/repository-format.md, section 10.
 */
class EncryptedSetTest {
    private static final String PREFIX = "orders/" + Manifests.SET + "/";
    private static final Path TOOL = Path.of("..", "docs", "tools", "Decrypt.java");

    @TempDir
    private static Path compiled;

    @TempDir
    Path temp;

    private Path store;
    private Path keys;

    @BeforeEach
    void copy() throws Exception {
        store = copyTo("v2", temp.resolve("store"));
        keys = copyTo("v2-keys", temp.resolve("keys"));
    }

    private static Path copyTo(String name, Path target) throws Exception {
        Path golden = Path.of(EncryptedSetTest.class.getResource("/golden/" + name).toURI());
        try (Stream<Path> files = Files.walk(golden)) {
            for (Path file : files.toList()) {
                Path copy = Files.copy(file, target.resolve(golden.relativize(file).toString()));
                if (Files.isRegularFile(copy)) {
                    TestKeys.write(copy, Files.readString(copy, StandardCharsets.ISO_8859_1), "rw-------");
                    Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
                    Files.setPosixFilePermissions(copy, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
                }
            }
        }
        return target;
    }

    /** Writes the golden set; arguments: directory of the store, directory of the keys, which must be there. */
    public static void main(String[] arguments) throws Exception {
        Path work = Files.createTempDirectory("golden");
        BlobStore from = open(GoldenSetTest.copyTo(work.resolve("v1")));
        EncryptedGoldenSetGenerator.write(
                BlobSetReader.open(from, PREFIX), open(Path.of(arguments[0])), PREFIX, all(Path.of(arguments[1])));
    }

    private static BlobStore open(Path directory) {
        return new FileStoreProvider().open(Map.of("path", directory.toString()), secret -> Optional.empty());
    }

    private static List<WrappingKey> all(Path keys) throws IOException {
        return List.of(
                KeyFiles.keyFile("office", keys.resolve("office.key")),
                new PassphraseKey("owner", Files.readString(keys.resolve("owner.txt")).strip()),
                pair(keys, "offsite", "x25519"),
                pair(keys, "hsm", "rsa"));
    }

    private static WrappingKey pair(Path keys, String name, String type) {
        return KeyFiles.pair(
                name, type, Optional.of(keys.resolve(name + ".pub")), Optional.of(keys.resolve(name + ".pem")));
    }

    private BlobSetReader with(WrappingKey... atHand) {
        return BlobSetReader.open(open(store), PREFIX, Optional.empty(), new KeyBunch(List.of(atHand), List.of()));
    }

    @Test
    void every_recipient_reads_it_to_the_last_byte() throws IOException {
        for (WrappingKey key : all(keys)) {
            BlobSetReader set = with(key);
            assertThat(set.manifest().rows()).isEqualTo(10);
            DatabaseEntry entry = set.manifest().databases().get(0);
            List<BlobRef> blobs = new ArrayList<>(set.database(entry).blobs());
            blobs.add(set.manifest().globals().orElseThrow());
            for (BlobRef blob : blobs) {
                try (InputStream in = set.open(blob)) {
                    assertThat(in.readAllBytes()).hasSize((int) blob.plainBytes());
                }
            }
        }
    }

    @Test
    void without_a_key_it_tells_what_lists_retention_and_the_check_of_stored_bytes_need() {
        ManifestFile file = BlobSetReader.file(open(store), PREFIX, Optional.empty());
        SetHeader header = file.header();
        assertThat(header.set()).isEqualTo(Manifests.SET);
        assertThat(header.source()).isEqualTo("orders");
        assertThat(header.rows()).isEqualTo(10);
        List<StoredBlob> blobs = BlobSetReader.inventory(open(store), PREFIX, header.databases().get(0));
        assertThat(blobs).hasSize(header.databases().get(0).blobs());
        for (StoredBlob blob : blobs) {
            BlobSetReader.of(open(store), PREFIX, Manifests.aManifest()).checkStored(blob.asIs());
        }
        assertThatThrownBy(this::with)
                .hasMessageStartingWith("KEY_MISSING: backup set " + Manifests.SET + " is encrypted for \"office\" (key-file:")
                .hasMessageContaining("\"owner\" (passphrase:owner)")
                .hasMessageContaining("\"offsite\" (x25519:");
    }

    @Test
    void other_keys_are_let_in_beside_the_manifest_and_what_is_malformed_there_keeps_nobody_out() throws Exception {
        WrappingKey late = KeyFiles.keyFile("late", TestKeys.keyFile(temp.resolve("late.key"), 5));
        assertThatThrownBy(() -> with(late)).hasMessageStartingWith("KEY_MISSING: ");
        byte[] manifest = Files.readAllBytes(store.resolve(PREFIX + "manifest.json"));
        KeyBunch office = new KeyBunch(List.of(all(keys).get(0)), List.of());
        List<KeyDocument> written = KeyRotation.rotate(open(store), PREFIX, office, List.of(late), Instant.EPOCH);
        assertThat(written).singleElement().satisfies(document -> assertThat(document.number()).isEqualTo(2));
        assertThat(with(late).manifest().rows()).isEqualTo(10);
        assertThat(Files.readAllBytes(store.resolve(PREFIX + "manifest.json"))).isEqualTo(manifest);

        String name = PREFIX + written.get(0).blobName();
        String key = written.get(0).key();
        Files.writeString(store.resolve(name.replace("-0002", "-0003")), "{\"format\":\"dbbackup-keys\"}");
        Files.writeString(store.resolve(name.replace("-0002", "-0004")), "no json");
        // what an intruder wraps: a key of their own under the id of ours
        KeyDocument theirs = new KeyDocument(
                KeyDocument.FORMAT, 1, Manifests.SET, key, 5, Instant.EPOCH,
                List.of(late.wrap(new byte[32], Manifests.SET, key)));
        Files.writeString(store.resolve(name.replace("-0002", "-0005")), Json.write(theirs));
        assertThat(with(late).manifest().rows()).isEqualTo(10);
        assertThat(tool("--key-file", temp.resolve("late.key"), temp.resolve("out"))).contains("passing over ", "decrypted ");
    }

    @Test
    void a_header_that_was_changed_and_sealed_anew_does_not_fit_its_body() throws IOException {
        Path manifest = store.resolve(PREFIX + "manifest.json");
        String text = Files.readString(manifest);
        String document = text.substring(0, text.lastIndexOf("{\"sha256\"")).replaceFirst("\"rows\":10", "\"rows\":11");
        Files.writeString(manifest, document + "{\"sha256\":\""
                + Sha256Probe.of(document.getBytes(StandardCharsets.UTF_8)) + "\"}\n");
        assertThatThrownBy(() -> with(all(keys).get(0)))
                .hasMessageStartingWith("MANIFEST_INVALID: ")
                .hasMessageContaining("altered by somebody without the key");
    }

    @Test
    void blobs_that_were_damaged_cut_or_swapped_are_refused() throws IOException {
        BlobSetReader set = with(all(keys).get(0));
        List<BlobRef> blobs = set.database(set.manifest().databases().get(0)).blobs();
        BlobRef one = blobs.get(0);
        Path file = store.resolve(PREFIX + one.name());
        byte[] bytes = Files.readAllBytes(file);

        byte[] damaged = bytes.clone();
        damaged[bytes.length / 2] ^= 1;
        Files.write(file, damaged);
        assertCode(ErrorCode.BLOB_DIGEST_MISMATCH, set, one);
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
        assertCode(ErrorCode.BLOB_SIZE_MISMATCH, set, one);

        // somebody who can also change what the digests are compared with
        byte[] other = Files.readAllBytes(store.resolve(PREFIX + blobs.get(1).name()));
        for (byte[] content : List.of(damaged, other)) {
            Files.write(file, content);
            assertCode(ErrorCode.BLOB_NOT_AUTHENTIC, set, new BlobRef(
                    one.name(), content.length, Sha256Probe.of(content), one.plainBytes(), one.plainXxh128(), one.stages()));
        }
        byte[] cut = Arrays.copyOf(bytes, 45);
        Files.write(file, cut);
        assertCode(ErrorCode.BLOB_TRUNCATED, set, new BlobRef(
                one.name(), cut.length, Sha256Probe.of(cut), one.plainBytes(), one.plainXxh128(), one.stages()));
    }

    private static void assertCode(ErrorCode code, BlobSetReader set, BlobRef blob) {
        assertThatThrownBy(() -> {
                    try (InputStream in = set.open(blob)) {
                        in.readAllBytes();
                    }
                })
                .isInstanceOf(BackupException.class)
                .extracting(e -> ((BackupException) e).code())
                .isEqualTo(code);
    }

    @Test
    void the_standalone_program_gives_every_recipient_the_same_bytes() throws Exception {
        BlobSetReader set = with(all(keys).get(0));
        List<BlobRef> blobs = set.database(set.manifest().databases().get(0)).blobs();
        String[][] options = {
            {"--key-file", "office.key"}, {"--passphrase-file", "owner.txt"}, {"--private-key", "offsite.pem"},
            {"--private-key", "hsm.pem"}
        };
        for (int i = 0; i < options.length; i++) {
            Path out = temp.resolve("out" + i);
            assertThat(tool(options[i][0], keys.resolve(options[i][1]), out)).startsWith("decrypted ");
            BlobSetReader plain = BlobSetReader.open(open(temp), "out" + i + "/");
            for (BlobRef blob : blobs) {
                BlobRef clear = new BlobRef(
                        blob.name().replaceAll("\\.enc$", ""), Files.size(out.resolve(blob.name().replaceAll("\\.enc$", ""))),
                        Sha256Probe.of(Files.readAllBytes(out.resolve(blob.name().replaceAll("\\.enc$", "")))),
                        blob.plainBytes(), blob.plainXxh128(), blob.stages().subList(0, 1));
                try (InputStream in = plain.open(clear)) {
                    assertThat(in.readAllBytes()).hasSize((int) blob.plainBytes());
                }
            }
            assertThat(Files.readString(out.resolve("databases/0001-shop/database.json"))).doesNotContain(".enc", "aes256");
            assertThat(plain.manifest().version()).isEqualTo(1);
        }
    }

    @Test
    void the_standalone_program_gives_no_name_to_what_is_not_authentic() throws Exception {
        Path wrong = TestKeys.keyFile(temp.resolve("wrong.key"), 1);
        assertThat(tool("--key-file", wrong, temp.resolve("out"))).startsWith("KEY_MISSING: ").contains("offsite (x25519:");

        String blob = "databases/0001-shop/schema.dump.zst";
        Path stored = store.resolve(PREFIX + blob + ".enc");
        byte[] bytes = Files.readAllBytes(stored);
        bytes[bytes.length - 1] ^= 1;
        Files.write(stored, bytes);
        assertThat(tool("--key-file", keys.resolve("office.key"), temp.resolve("out"))).startsWith("BLOB_NOT_AUTHENTIC: ");
        assertThat(temp.resolve("out/globals.sql.zst")).exists();
        assertThat(temp.resolve("out/" + blob)).doesNotExist();
        assertThat(temp.resolve("out/" + blob + ".part")).doesNotExist();
        assertThat(temp.resolve("out/manifest.json")).doesNotExist();
    }

    @BeforeAll
    static void compile() {
        assertThat(ToolProvider.getSystemJavaCompiler().run(
                        null, null, null, "-Xlint:all", "-Werror", "-d", compiled.toString(), TOOL.toString()))
                .isZero();
    }

    private String tool(String option, Path key, Path out) throws Exception {
        // as documented once; compiling takes longer than decrypting
        boolean fromSource = option.equals("--private-key") && key.endsWith("offsite.pem");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                        compiled.toString(), fromSource ? TOOL.toString() : "Decrypt", option, key.toString(), "--set", store.resolve(PREFIX).toString(), "--out",
                        out.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        return output;
    }
}
