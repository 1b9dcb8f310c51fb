package io.dbbackup.service.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.Finding;
import io.dbbackup.catalog.VerificationView;
import io.dbbackup.crypto.TestKeys;
import io.dbbackup.engine.postgresql.PostgresEngine;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.KeyConfig;
import io.dbbackup.model.RunState;
import io.dbbackup.model.SecretRef;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.service.backup.BackupHandler;
import io.dbbackup.service.backup.BackupSealer;
import io.dbbackup.service.copy.CopyFixture;
import io.dbbackup.service.run.RunFixture;
import io.dbbackup.service.run.RunFixture.Ended;
import io.dbbackup.throwaway.PostgresInstance;
import io.dbbackup.throwaway.Sample;
import io.dbbackup.throwaway.SampleCluster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A real backup, encrypted for a public key: what can be done without the private one, and a restore with it. */
class EncryptedBackupTest {
    private static PostgresInstance source;
    private static Path work;

    private final RunFixture fixture = new RunFixture(new PostgresEngine());
    private final BackupHandler backup = new BackupHandler(
            fixture.configuration,
            fixture.access,
            fixture.queue,
            fixture.runs,
            fixture.sets,
            new BackupSealer(fixture.queue, fixture.runs, fixture.sets, fixture.clock),
            CopyFixture.ofBackups(fixture));
    private final VerifyHandler verify = new VerifyHandler(
            fixture.access,
            fixture.queue,
            fixture.sets,
            fixture.verifications,
            new VerifyReporter(
                    fixture.queue,
                    fixture.runs,
                    fixture.verifications,
                    fixture.catalog.bean(Verdict.class, fixture.verifications, fixture.sets),
                    fixture.clock));
    private final Path keys = fixture.storePath.resolveSibling("keys");

    @BeforeAll
    static void startServer() throws IOException {
        work = Files.createTempDirectory("dbbackup-encrypted-test");
        Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwxr-xr-x"));
        System.setProperty("dbbackup.work", work.toString());
        source = PostgresInstance.builder().start();
        SampleCluster.on(source).roles().with("shop", Sample.FOREIGN_KEYS, Sample.SEQUENCES).largeTable("shop", 20_000);
    }

    @AfterAll
    static void stopServer() throws IOException {
        source.close();
        System.clearProperty("dbbackup.work");
        Files.deleteIfExists(work.resolve("dbbackup-sandboxes-" + System.getProperty("user.name")));
        Files.delete(work);
    }

    @BeforeEach
    void configure() throws IOException {
        Path password = Files.writeString(fixture.storePath.resolveSibling("password"), source.password());
        fixture.configuration.save(new SourceConfig(
                "cluster", "postgresql", source.host(), source.port(), source.user(),
                Optional.of(new SecretRef(SecretRef.Kind.FILE, password.toString())), "postgres", Optional.of("UTC"),
                Map.of("sslmode", "disable")));
        Files.createDirectory(keys);
        TestKeys.pair(keys, "offsite", "x25519");
        TestKeys.keyFile(keys.resolve("office.key"), 1);
        offsite(false);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    /** The machine that backs up has the public key alone; with the private one, restores are proven elsewhere. */
    private void offsite(boolean secret) {
        fixture.configuration.save(new KeyConfig(
                "offsite", "x25519", Optional.empty(), Optional.empty(), Optional.of(keys.resolve("offsite.pub").toString()),
                secret ? Optional.of(keys.resolve("offsite.pem").toString()) : Optional.empty()));
    }

    @Test
    void what_a_public_key_encrypts_is_checked_without_and_restored_with_the_private_key() throws IOException {
        BackupSetView set = backUp(Map.of("encrypt", "[\"offsite\"]"));
        assertThat(fixture.runs.warnings(set.run())).isEmpty();
        nothingIsReadableIn(set);

        Ended stored = verify(set, "stored");
        assertThat(stored.run().state()).as(stored.problem() + stored.warnings()).isEqualTo(RunState.SUCCEEDED);
        assertThat(failures(stored)).isEmpty();
        for (String level : List.of("content", "restore")) {
            Ended locked = verify(set, level);
            assertThat(locked.problem()).startsWith("KEY_MISSING: ").contains("encrypted for \"offsite\" (x25519:");
        }
        assertThat(fixture.sets.get(set.id()).verifiedOk()).contains(true);

        offsite(true);
        for (String level : List.of("stored", "content", "restore")) {
            Ended ended = verify(set, level);
            assertThat(ended.run().state()).as(level + ": " + ended.problem() + ended.warnings())
                    .isEqualTo(RunState.SUCCEEDED);
            assertThat(failures(ended)).isEmpty();
            if (!level.equals("stored")) {
                VerifyReport report = (VerifyReport) ended.outcome().summary();
                assertThat(report.rowsFound()).hasValue(set.rows()).matches(found -> found.getAsLong() > 0);
            }
        }
    }

    @Test
    void damage_is_found_without_a_key() throws IOException {
        BackupSetView set = backUp(Map.of("encrypt", "[\"offsite\"]"));
        Path blob = blobs(set).filter(path -> path.toString().contains("/data/")).findFirst().orElseThrow();
        byte[] bytes = Files.readAllBytes(blob);
        bytes[bytes.length / 2] ^= 1;
        Files.write(blob, bytes);

        assertThat(failures(verify(set, "stored")))
                .extracting(Finding::subject)
                .containsExactly(fixture.storePath.resolve(set.prefix()).relativize(blob).toString());

        Files.delete(blob);
        assertThat(failures(verify(set, "stored"))).hasSize(1);
    }

    @Test
    void a_lost_or_altered_inventory_is_found_at_every_level() throws IOException {
        offsite(true);
        BackupSetView set = backUp(Map.of("encrypt", "[\"offsite\"]"));
        Path inventory = blobs(set).filter(path -> path.endsWith("stored.jsonl")).findFirst().orElseThrow();
        byte[] bytes = Files.readAllBytes(inventory);
        bytes[bytes.length / 2] ^= 1;
        Files.write(inventory, bytes);

        String name = fixture.storePath.resolve(set.prefix()).relativize(inventory).toString();
        assertThat(failures(verify(set, "content"))).extracting(Finding::subject).containsExactly(name);

        Files.delete(inventory);
        for (String level : List.of("stored", "content", "restore")) {
            assertThat(failures(verify(set, level))).as(level).extracting(Finding::subject).contains(name);
        }
    }

    @Test
    void encryption_can_be_demanded_and_its_absence_is_loud_only_where_keys_are_configured() throws IOException {
        BackupSetView clear = backUp(Map.of());
        assertThat(fixture.runs.warnings(clear.run())).singleElement().asString().contains("NOT ENCRYPTED");

        fixture.configuration.requireEncryption(true);
        assertThatThrownBy(() -> backUp(Map.of()))
                .isInstanceOf(BackupException.class)
                .extracting(e -> ((BackupException) e).code())
                .isEqualTo(ErrorCode.ENCRYPTION_REQUIRED);
        assertThatThrownBy(() -> backUp(Map.of("encrypt", "[\"offsit\"]"))).hasMessageContaining("no key \"offsit\"");
        fixture.configuration.save(new KeyConfig(
                "office", "key-file", Optional.of(keys.resolve("office.key").toString()), Optional.empty(),
                Optional.empty(), Optional.empty()));
        BackupSetView set = backUp(Map.of("encrypt", "[\"office\",\"offsite\"]"));
        Ended ended = verify(set, "content");
        assertThat(ended.run().state()).as(ended.problem()).isEqualTo(RunState.SUCCEEDED);
    }

    private BackupSetView backUp(Map<String, String> more) {
        Map<String, String> parameters = new java.util.HashMap<>(Map.of("source", "cluster", "store", "store", "partBytes", "1M"));
        parameters.putAll(more);
        fixture.clock.set(fixture.clock.instant().plusSeconds(60));
        Ended ended = fixture.run(backup, parameters);
        assertThat(ended.run().state()).as(ended.problem()).isIn(
                RunState.SUCCEEDED, RunState.SUCCEEDED_WITH_WARNINGS);
        return fixture.sets.get("latest:cluster");
    }

    private Ended verify(BackupSetView set, String level) {
        return fixture.run(verify, Map.of("set", set.id(), "level", level));
    }

    private void nothingIsReadableIn(BackupSetView set) throws IOException {
        for (Path path : blobs(set).toList()) {
            String text = Files.readString(path, StandardCharsets.ISO_8859_1);
            assertThat(text).as(path.toString()).doesNotContain("COPY ", "CREATE ", "PGDMP", "orders_pkey", "PRIVATE KEY");
            assertThat(path.getFileName().toString()).matches(".*\\.enc|manifest\\.json|stored\\.jsonl|[0-9a-f]{32}-0001\\.json");
        }
    }

    private Stream<Path> blobs(BackupSetView set) throws IOException {
        return Files.walk(fixture.storePath.resolve(set.prefix())).filter(Files::isRegularFile);
    }

    private List<Finding> failures(Ended ended) {
        VerificationView verification = fixture.verifications.ofRun(ended.run().id()).orElseThrow();
        return fixture.verifications.findings(verification.id(), Optional.empty(), 0, 10_000).stream()
                .filter(finding -> !finding.passed())
                .toList();
    }
}
