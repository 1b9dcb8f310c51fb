package io.dbbackup.service.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.RunView;
import io.dbbackup.crypto.TestKeys;
import io.dbbackup.engine.postgresql.PostgresEngine;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Hooks;
import io.dbbackup.model.KeyConfig;
import io.dbbackup.model.PolicyConfig;
import io.dbbackup.model.RunState;
import io.dbbackup.model.SecretRef;
import io.dbbackup.model.Selection;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.model.StoreConfig;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.service.backup.BackupHandler;
import io.dbbackup.service.backup.BackupSealer;
import io.dbbackup.service.backup.BackupSummary;
import io.dbbackup.service.imports.CatalogImport;
import io.dbbackup.service.imports.ImportReport;
import io.dbbackup.service.imports.ImportRequest;
import io.dbbackup.service.restore.RestoreHandler;
import io.dbbackup.service.restore.RestoreSealer;
import io.dbbackup.service.restore.RunDiscard;
import io.dbbackup.service.retention.ExpireSet;
import io.dbbackup.service.retention.HiddenSets;
import io.dbbackup.service.retention.RemoveHandler;
import io.dbbackup.service.retention.SetUsers;
import io.dbbackup.service.run.Node;
import io.dbbackup.service.run.RunFixture;
import io.dbbackup.service.run.RunFixture.Ended;
import io.dbbackup.service.run.SealOutcome;
import io.dbbackup.service.verify.LinesVerification;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.store.s3.S3Peer;
import io.dbbackup.throwaway.PostgresInstance;
import io.dbbackup.throwaway.Sample;
import io.dbbackup.throwaway.SampleCluster;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups of a real server into several stores, restored from one of them on a machine that never saw them. */
class CopiedBackupTest {
    private static PostgresInstance server;

    @TempDir
    private Path directory;

    private RunFixture fixture;

    @BeforeAll
    static void start() {
        server = PostgresInstance.builder().start();
        SampleCluster.on(server).with("shop", Sample.FOREIGN_KEYS, Sample.SEQUENCES).largeTable("shop", 5_000);
    }

    @AfterAll
    static void end() {
        server.close();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void an_encrypted_backup_into_two_stores_is_restored_from_the_bucket_after_the_loss_of_everything_else()
            throws IOException {
        Map<String, String> bucket = machine(server.port());
        Path key = TestKeys.keyFile(directory.resolve("office.key"), 1);
        key(key);
        policy("bucket", List.of("office"));
        Ended ended = fixture.run(backup(), Map.of("policy", "nightly"));

        assertThat(ended.outcome().result()).as(ended.problem()).isEqualTo(SealOutcome.Result.COMPLETED);
        BackupSummary summary = (BackupSummary) ended.outcome().summary();
        assertThat(summary.copies()).singleElement().satisfies(made -> {
            assertThat(made.to()).isEqualTo("bucket");
            assertThat(made.copiedBytes()).isPositive();
        });
        String set = summary.set();
        assertThat(fixture.sets.copies(set)).extracting(BackupSetView::store).containsExactly("store", "bucket");

        // store and catalog are lost
        fixture.close();
        machine(server.port());
        ImportReport report = new CatalogImport(fixture.config, fixture.access, fixture.sets, fixture.runs)
                .run(ImportRequest.of("s3://" + bucket.get("bucket") + "/" + bucket.get("prefix") + "?endpoint="
                        + bucket.get("endpoint") + "&access_key_id=" + S3Peer.ACCESS_KEY + "&secret_access_key_file=" + secret()));
        assertThat(report.problems()).isEmpty();
        assertThat(report.sets()).singleElement().satisfies(found -> {
            assertThat(found.set()).isEqualTo(set);
            assertThat(found.encrypted()).isTrue();
        });
        Ended stored = fixture.run(
                LinesVerification.handler(fixture), Map.of("set", "latest:cluster", "store", report.store(), "level", "stored"));
        assertThat(stored.run().state()).as(stored.problem()).isEqualTo(RunState.SUCCEEDED);
        key(key);
        Ended restored = fixture.run(
                new RestoreHandler(
                        fixture.configuration, fixture.access, fixture.queue, fixture.sets,
                        new RestoreSealer(fixture.queue, fixture.runs)),
                Map.of("set", set, "target", "cluster", "databases", "shop=shop_back", "globals", "none"));
        assertThat(restored.run().state()).as(restored.problem()).isEqualTo(RunState.SUCCEEDED);
        assertThat(restored.run().store()).contains(report.store());
        assertThat(restored.run().summary().orElseThrow()).contains("shop_back");
        server.psql("postgres", "DROP DATABASE shop_back");
    }

    @Test
    void a_copy_that_fails_leaves_the_run_partial_and_a_restart_makes_it_without_the_database_server() throws IOException {
        machine(server.port());
        Path broken = brokenStore();

        Ended partial = fixture.run(backup(), Map.of("policy", "nightly"));
        assertThat(partial.outcome().result()).isEqualTo(SealOutcome.Result.PARTIAL);
        assertThat(partial.run().problem().orElseThrow().code()).isEqualTo(ErrorCode.PARTIAL_SUCCESS);
        assertThat(partial.problem()).contains("is in store \"store\", but not in \"second\"", "restart the run");
        assertThat(partial.warnings()).anyMatch(warning -> warning.contains("no copy of the set in store \"second\""));
        String set = partial.run().set().orElseThrow();
        assertThat(fixture.sets.copies(set)).extracting(BackupSetView::store).containsExactly("store");

        // another reason for the same
        Files.delete(broken);
        Files.createDirectory(broken);
        fixture.wrapStore(CopiedBackupTest::full);
        Ended again = fixture.execute(backup(), partial.run().id());
        fixture.wrapStore(store -> store);
        assertThat(again.outcome().result()).isEqualTo(SealOutcome.Result.PARTIAL);
        assertThat(again.warnings()).singleElement().asString()
                .contains("no copy of the set in store \"second\"", "no room").isNotEqualTo(partial.warnings().get(0));

        cluster(1);
        Ended restarted = fixture.execute(backup(), partial.run().id());
        assertThat(restarted.outcome().result()).as(restarted.problem()).isEqualTo(SealOutcome.Result.COMPLETED);
        assertThat(restarted.warnings()).as("there is one now").isEmpty();
        BackupSummary summary = (BackupSummary) restarted.outcome().summary();
        assertThat(summary.tables()).isPositive();
        assertThat(summary.copies()).hasSize(1);
        assertThat(fixture.sets.copies(set)).extracting(BackupSetView::store).containsExactly("store", "second");
    }

    @Test
    void a_part_of_a_source_is_a_success_when_its_missing_copy_is_made() throws IOException {
        machine(server.port());
        Path broken = brokenStore();
        Ended partial = fixture.run(
                backup(),
                Map.of("source", "cluster", "store", "store", "copies", "second", "databases", "shop", "contents", "schema"));
        assertThat(partial.outcome().result()).isEqualTo(SealOutcome.Result.PARTIAL);

        Files.delete(broken);
        Files.createDirectory(broken);
        Ended restarted = fixture.execute(backup(), partial.run().id());

        assertThat(restarted.outcome().result()).as(restarted.problem()).isEqualTo(SealOutcome.Result.COMPLETED);
        assertThat(((BackupSummary) restarted.outcome().summary()).complete()).isFalse();
        assertThat(fixture.sets.copies(restarted.run().set().orElseThrow())).hasSize(2);
    }

    @Test
    void a_run_whose_set_is_gone_is_refused_and_leaves_what_it_has_copied() throws IOException {
        machine(server.port());
        Path second = Files.createDirectory(fixture.storePath.resolveSibling("second"));
        fixture.configuration.save(new StoreConfig("second", "file", Map.of("path", second.toString())));
        policy("second", List.of());
        AtomicInteger manifests = new AtomicInteger(1);
        fixture.wrapStore(store -> dying(store, manifests));
        UUID run = fixture.create(backup(), Map.of("policy", "nightly"));
        // everything but the manifest is copied; the second time nothing but that is left in the queue
        assertThatThrownBy(() -> fixture.execute(backup(), run)).isInstanceOf(Killed.class);
        assertThatThrownBy(() -> fixture.execute(backup(), run)).isInstanceOf(Killed.class);
        fixture.wrapStore(store -> store);
        String set = fixture.runs.get(run).set().orElseThrow();
        List<Path> copied = files(second);
        assertThat(copied).isNotEmpty();
        removedAfterAWeek(set);

        Ended refused = fixture.execute(backup(), run);

        assertThat(refused.problem()).startsWith("RUN_NOT_RESTARTABLE").contains(set, "Start a new backup");
        assertThat(fixture.sets.find(set)).isEmpty();
        assertThat(files(fixture.storePath)).isEmpty();
        assertThat(files(second)).isEqualTo(copied);
    }

    @Test
    void a_run_whose_set_is_gone_makes_no_other_one_under_its_name() throws IOException {
        machine(server.port());
        Path broken = brokenStore();
        Ended partial = fixture.run(backup(), Map.of("policy", "nightly"));
        fixture.execute(backup(), partial.run().id());
        String set = partial.run().set().orElseThrow();
        removedAfterAWeek(set);
        Files.delete(broken);
        Files.createDirectory(broken);

        Ended refused = fixture.execute(backup(), partial.run().id());

        assertThat(refused.problem()).startsWith("RUN_NOT_RESTARTABLE").contains(set, "Start a new backup");
        assertThat(fixture.sets.find(set)).isEmpty();
    }

    @Test
    void a_set_that_a_run_has_yet_to_copy_stays_until_the_run_is_given_up() throws IOException {
        machine(server.port());
        brokenStore();
        Ended partial = fixture.run(backup(), Map.of("policy", "nightly"));
        UUID run = partial.run().id();
        // as the job ends
        fixture.runs.end(run, RunState.SUCCEEDED_WITH_WARNINGS, "COMPLETED_WITH_WARNINGS");
        String set = partial.run().set().orElseThrow();

        Ended refused = fixture.run(remove(), Map.of("set", set, "confirm", set));

        assertThat(refused.problem()).contains("SET_IN_USE", run.toString(), "discard");
        assertThat(fixture.sets.get(set).state()).isEqualTo(BackupSetView.State.SEALED);
        assertThat(fixture.runs.waiting(10)).extracting(RunView::id).contains(run);
        new RunDiscard(
                fixture.access, fixture.runs, fixture.queue,
                new HiddenSets(fixture.access, fixture.queue, fixture.sets), fixture.executions, new Node()).discard(run);
        assertThat(fixture.runs.waiting(10)).extracting(RunView::id).doesNotContain(run);
        Ended removed = fixture.execute(remove(), refused.run().id());
        assertThat(removed.run().state()).as(removed.problem()).isEqualTo(RunState.SUCCEEDED);
        assertThat(fixture.sets.find(set)).isEmpty();
    }

    /** The policy's second store cannot be used until the file that is returned is a directory. */
    private Path brokenStore() throws IOException {
        Path broken = Files.writeString(fixture.storePath.resolveSibling("broken"), "no directory");
        fixture.configuration.save(new StoreConfig("second", "file", Map.of("path", broken + "/second")));
        policy("second", List.of());
        return broken;
    }

    private RemoveHandler remove() {
        return new RemoveHandler(
                fixture.access, fixture.queue, fixture.sets,
                new ExpireSet(fixture.sets, new SetUsers(fixture.runs, fixture.clock), fixture.configuration));
    }

    private void removedAfterAWeek(String set) {
        fixture.clock.set(fixture.clock.instant().plus(Duration.ofDays(8)));
        Ended removed = fixture.run(remove(), Map.of("set", set, "confirm", set));
        assertThat(removed.run().state()).as(removed.problem()).isEqualTo(RunState.SUCCEEDED);
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    /** The process ends when more manifests of sets than that are written. */
    private static BlobStore dying(BlobStore store, AtomicInteger manifests) {
        return (BlobStore) Proxy.newProxyInstance(
                CopiedBackupTest.class.getClassLoader(), new Class<?>[] {BlobStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("create")
                            && arguments[0].toString().endsWith("/" + BackupManifest.BLOB_NAME)
                            && manifests.getAndDecrement() <= 0) {
                        throw new Killed();
                    }
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static BlobStore full(BlobStore store) {
        return (BlobStore) Proxy.newProxyInstance(
                CopiedBackupTest.class.getClassLoader(), new Class<?>[] {BlobStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("create")) {
                        throw new BackupException(ErrorCode.STORE_FULL, "no room", "Make some.");
                    }
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** A machine with an empty catalog, on which the server and two stores are configured; the settings of the bucket. */
    private Map<String, String> machine(int port) throws IOException {
        fixture = new RunFixture(new PostgresEngine());
        Files.writeString(fixture.storePath.resolveSibling("password"), server.password());
        Files.writeString(secret(), S3Peer.SECRET_KEY);
        cluster(port);
        Map<String, String> settings = S3Peer.s3proxy().settings();
        settings.put("secretAccessKeySecret", "file:" + secret());
        fixture.configuration.save(new StoreConfig("bucket", "s3", settings));
        return settings;
    }

    private Path secret() {
        return fixture.storePath.resolveSibling("s3-secret");
    }

    private void cluster(int port) {
        fixture.configuration.save(new SourceConfig(
                "cluster", "postgresql", server.host(), port, server.user(),
                Optional.of(new SecretRef(SecretRef.Kind.FILE, fixture.storePath.resolveSibling("password").toString())),
                "postgres", Optional.of("UTC"), Map.of("sslmode", "disable")));
    }

    private void key(Path file) {
        fixture.configuration.save(new KeyConfig(
                "office", "key-file", Optional.of(file.toString()), Optional.empty(), Optional.empty(), Optional.empty()));
    }

    private void policy(String copy, List<String> encrypt) {
        fixture.configuration.save(new PolicyConfig(
                "nightly", "cluster", "store", List.of("shop"), List.of(), "zstd", 1, 1 << 20, 0, true, false,
                Optional.empty(), encrypt, List.of(copy), Map.of(), Selection.WHOLE, Hooks.NONE));
    }

    private BackupHandler backup() {
        return new BackupHandler(
                fixture.configuration, fixture.access, fixture.queue, fixture.runs, fixture.sets,
                new BackupSealer(fixture.queue, fixture.runs, fixture.sets, fixture.clock), CopyFixture.ofBackups(fixture));
    }
}
