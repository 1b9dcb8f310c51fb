package io.dbbackup.service.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.Finding;
import io.dbbackup.catalog.VerificationView;
import io.dbbackup.engine.postgresql.PostgresEngine;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.RunState;
import io.dbbackup.model.SecretRef;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.model.VerifyLevel;
import io.dbbackup.service.backup.BackupHandler;
import io.dbbackup.service.backup.BackupSealer;
import io.dbbackup.service.copy.CopyFixture;
import io.dbbackup.service.run.RunFixture;
import io.dbbackup.service.run.RunFixture.Ended;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.throwaway.PostgresInstance;
import io.dbbackup.throwaway.Sample;
import io.dbbackup.throwaway.SampleCluster;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Verification by a real restore of a real backup into a throwaway server. */
class VerifyByRestoreTest {
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
    private BackupSetView set;

    @BeforeAll
    static void startServer() throws IOException {
        work = Files.createTempDirectory("dbbackup-verify-test");
        Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwxr-xr-x"));
        System.setProperty("dbbackup.work", work.toString());
        source = PostgresInstance.builder().start();
        SampleCluster.on(source)
                .roles()
                .with("shop", Sample.FOREIGN_KEYS, Sample.PARTITIONS, Sample.LARGE_OBJECTS, Sample.RIGHTS)
                .with("Ünïcode db-1", Sample.TYPES, Sample.SEQUENCES)
                .largeTable("shop", 30_000);
    }

    @AfterAll
    static void stopServer() throws IOException {
        source.close();
        System.clearProperty("dbbackup.work");
        Files.deleteIfExists(work.resolve("dbbackup-sandboxes-" + System.getProperty("user.name")));
        Files.delete(work);
    }

    @BeforeEach
    void backUp() throws IOException {
        Path password = Files.writeString(fixture.storePath.resolveSibling("password"), source.password());
        fixture.configuration.save(new SourceConfig(
                "cluster", "postgresql", source.host(), source.port(), source.user(),
                Optional.of(new SecretRef(SecretRef.Kind.FILE, password.toString())), "postgres", Optional.of("UTC"),
                Map.of("sslmode", "disable")));
        Ended ended = fixture.run(
                backup, Map.of("source", "cluster", "store", "store", "partBytes", "1M"));
        assertThat(ended.run().state()).as(ended.problem()).isIn(
                RunState.SUCCEEDED, RunState.SUCCEEDED_WITH_WARNINGS);
        set = fixture.sets.get("latest:cluster");
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void a_healthy_set_passes_every_level_and_the_throwaway_server_is_gone() {
        for (String level : List.of("stored", "content", "restore")) {
            Ended ended = verify(level);
            assertThat(ended.run().state()).as(level + ": " + ended.problem() + ended.warnings())
                    .isEqualTo(RunState.SUCCEEDED);
            assertThat(failures(ended)).isEmpty();
            assertThat(fixture.sets.get(set.id()).verifiedLevel())
                    .contains(VerifyLevel.valueOf(level.toUpperCase(java.util.Locale.ROOT)));
            assertThat(fixture.sets.get(set.id()).verifiedOk()).contains(true);
            if (!level.equals("stored")) {
                VerifyReport report = (VerifyReport) ended.outcome().summary();
                assertThat(report.rowsExpected()).hasValue(set.rows());
                assertThat(report.rowsFound()).hasValue(set.rows());
                assertThat(report.tables().orElseThrow()).isPositive();
            }
        }
        assertThat(sandboxes()).isEmpty();
    }

    @Test
    void a_damaged_database_is_named_and_the_others_are_restored_all_the_same() throws IOException {
        Path part = blob("Ünïcode db-1");
        byte[] bytes = Files.readAllBytes(part);
        bytes[bytes.length / 2] ^= 1;
        Files.write(part, bytes);

        Ended ended = verify("restore");

        assertThat(ended.run().problem().orElseThrow().code()).isEqualTo(ErrorCode.VERIFICATION_FAILED);
        assertThat(failures(ended)).extracting(Finding::subject)
                .containsExactly(
                        fixture.storePath.resolve(set.prefix()).relativize(part).toString(),
                        "database Ünïcode db-1");
        assertThat(fixture.sets.get(set.id()).verifiedOk()).contains(false);
        assertThat(findings(ended)).filteredOn(finding -> finding.database().equals("shop")
                        && finding.subject().startsWith("table ")).isNotEmpty();
        assertThat(sandboxes()).isEmpty();
    }

    @Test
    void killed_in_the_middle_of_the_restore_it_starts_with_a_new_server_and_looks_at_no_blob_twice() {
        UUID run = fixture.create(verify, Map.of("set", set.id(), "level", "restore"));
        boolean[] killed = {false};
        fixture.wrapStore(real -> (BlobStore) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {BlobStore.class}, (proxy, method, arguments) -> {
                    boolean restoring = fixture.queue.attemptsByKind(run).keySet().stream()
                            .anyMatch(kind -> kind.equals("pg.restore.data"));
                    if (!killed[0] && restoring && method.getName().equals("open")
                            && ((String) arguments[0]).contains("/data/")) {
                        killed[0] = true;
                        throw new Killed();
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
        assertThatThrownBy(() -> fixture.execute(verify, run)).isInstanceOf(Killed.class);
        assertThat(fixture.sets.get(set.id()).verifiedOk()).isEmpty();
        fixture.runs.warn(run, SandboxContext.MATTER, "what was found on the server that is gone");

        Ended ended = fixture.execute(verify, run);

        assertThat(ended.warnings()).doesNotContain("what was found on the server that is gone");
        assertThat(ended.run().state()).as(ended.problem()).isIn(
                RunState.SUCCEEDED, RunState.SUCCEEDED_WITH_WARNINGS);
        long[] stored = fixture.queue.attemptsByKind(run).get(VerifyKind.STORED);
        assertThat(stored[1]).as("attempts").isEqualTo(stored[0]);
        assertThat(sandboxes()).isEmpty();
    }

    @Test
    void manifests_that_were_misread_while_planning_are_restored_all_the_same() {
        for (String manifest : List.of("/manifest.json", "-shop/database.json")) {
            boolean[] misread = {false};
            fixture.wrapStore(real -> (BlobStore) Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[] {BlobStore.class}, (proxy, method, arguments) -> {
                        if (!misread[0] && method.getName().equals("open") && ((String) arguments[0]).endsWith(manifest)) {
                            misread[0] = true;
                            throw new BackupException(ErrorCode.BLOB_MISSING, "there is no blob " + arguments[0], "Look again.");
                        }
                        try {
                            return method.invoke(real, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    }));

            Ended ended = verify("restore");

            assertThat(misread[0]).isTrue();
            assertThat(ended.run().state()).as(manifest + ": " + ended.problem()).isEqualTo(RunState.SUCCEEDED);
            assertThat(((VerifyReport) ended.outcome().summary()).rowsFound()).hasValue(set.rows());
            assertThat(fixture.queue.attemptsByKind(ended.run().id()).get(VerifyKind.STORED)[2]).isPositive();
        }
    }

    @Test
    void no_room_for_a_throwaway_server_says_nothing_about_the_set() throws IOException {
        Path file = Files.createFile(fixture.storePath.resolveSibling("no-directory"));
        System.setProperty("dbbackup.work", file.toString());
        try {
            Ended ended = verify("restore");

            assertThat(ended.run().state()).isEqualTo(RunState.FAILED);
            assertThat(ended.problem()).startsWith("STORE_NOT_WRITABLE: the verification could not run: start a throwaway server: ");
            assertThat(fixture.sets.get(set.id()).verifiedOk()).isEmpty();
        } finally {
            System.setProperty("dbbackup.work", work.toString());
        }
    }

    private Ended verify(String level) {
        return fixture.run(verify, Map.of("set", set.id(), "level", level));
    }

    private List<Finding> findings(Ended ended) {
        VerificationView verification = fixture.verifications.ofRun(ended.run().id()).orElseThrow();
        return fixture.verifications.findings(verification.id(), Optional.empty(), 0, 10_000);
    }

    private List<Finding> failures(Ended ended) {
        return findings(ended).stream().filter(finding -> !finding.passed()).toList();
    }

    /** Some blob with data of a database. */
    private Path blob(String database) {
        OpenSet open = new OpenSet(set, fixture.store(), fixture.access.keys(), false);
        return fixture.storePath.resolve(set.prefix()
                + open.database(database).manifest().tables().get(0).parts().get(0).blob());
    }

    private static List<Path> sandboxes() {
        try (var files = Files.list(SandboxDirectory.path())) {
            return files.toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static final class Killed extends Error {}
}
