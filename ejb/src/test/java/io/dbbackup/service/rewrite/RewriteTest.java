package io.dbbackup.service.rewrite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.crypto.TestKeys;
import io.dbbackup.engine.postgresql.PostgresEngine;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.KeyConfig;
import io.dbbackup.model.Omission;
import io.dbbackup.model.RunState;
import io.dbbackup.model.SecretRef;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.model.StoreConfig;
import io.dbbackup.service.backup.BackupHandler;
import io.dbbackup.service.backup.BackupSealer;
import io.dbbackup.service.copy.CopyFixture;
import io.dbbackup.service.restore.RestoreHandler;
import io.dbbackup.service.restore.RestoreSealer;
import io.dbbackup.service.retention.ExpireSet;
import io.dbbackup.service.retention.RemoveHandler;
import io.dbbackup.service.retention.SetUsers;
import io.dbbackup.service.run.RunFixture;
import io.dbbackup.service.run.RunFixture.Ended;
import io.dbbackup.service.run.RunHandler;
import io.dbbackup.service.set.LockedStore;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.throwaway.PostgresInstance;
import io.dbbackup.throwaway.Sample;
import io.dbbackup.throwaway.SampleCluster;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sets of a real server are encrypted and decrypted; what came of it is restored, which compares every table. */
class RewriteTest {
    private static PostgresInstance server;

    private final RunFixture fixture = new RunFixture(new PostgresEngine());
    private final BackupHandler backup = new BackupHandler(
            fixture.configuration, fixture.access, fixture.queue, fixture.runs, fixture.sets,
            new BackupSealer(fixture.queue, fixture.runs, fixture.sets, fixture.clock), CopyFixture.ofBackups(fixture));
    private final RestoreHandler restore = new RestoreHandler(
            fixture.configuration, fixture.access, fixture.queue, fixture.sets,
            new RestoreSealer(fixture.queue, fixture.runs));
    private final SetRewrite rewrite = new SetRewrite(
            fixture.configuration, fixture.access, fixture.queue, fixture.runs, fixture.sets, fixture.clock);
    private final EncryptHandler encrypt = new EncryptHandler(rewrite);
    private final DecryptHandler decrypt = new DecryptHandler(rewrite);
    private final RemoveHandler remove = new RemoveHandler(
            fixture.access, fixture.queue, fixture.sets,
            new ExpireSet(fixture.sets, new SetUsers(fixture.runs, fixture.clock), fixture.configuration));
    private final Path keys = fixture.storePath.resolveSibling("keys");
    private BackupSetView original;

    @BeforeAll
    static void start() {
        server = PostgresInstance.builder().start();
        SampleCluster.on(server).roles().with("shop", Sample.FOREIGN_KEYS, Sample.SEQUENCES).largeTable("shop", 5_000);
    }

    @AfterAll
    static void end() {
        server.close();
    }

    @BeforeEach
    void backUp() throws IOException {
        Path password = Files.writeString(fixture.storePath.resolveSibling("password"), server.password());
        fixture.configuration.save(new SourceConfig(
                "pg", "postgresql", server.host(), server.port(), server.user(),
                Optional.of(new SecretRef(SecretRef.Kind.FILE, password.toString())), "postgres", Optional.of("UTC"),
                Map.of("sslmode", "disable")));
        Files.createDirectory(keys);
        for (String name : List.of("office", "vault")) {
            TestKeys.keyFile(keys.resolve(name), name.length());
            key(name);
        }
        done(fixture.run(backup, Map.of("source", "pg", "store", "store", "partBytes", "1M")));
        original = fixture.sets.get("latest:pg");
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private void key(String name) {
        fixture.configuration.save(new KeyConfig(
                name, "key-file", Optional.of(keys.resolve(name).toString()), Optional.empty(), Optional.empty(),
                Optional.empty()));
    }

    @Test
    void what_is_made_of_a_set_of_chosen_databases_is_one_too() {
        Ended ended = fixture.run(backup, Map.of("source", "pg", "store", "store", "databases", "shop"));
        done(ended);
        BackupSetView chosen = fixture.sets.get(ended.run().set().orElseThrow());
        BackupSetView secret = made(encrypt, chosen, Map.of("encrypt", "office"));
        BackupSetView clear = made(decrypt, secret, Map.of());
        assertThat(List.of(chosen, secret, clear)).allSatisfy(
                set -> assertThat(set.omissions()).containsExactly(Omission.SOME_DATABASES));
        assertThat(fixture.sets.get("latest:pg").id()).isEqualTo(original.id());
    }

    @Test
    void a_set_is_encrypted_decrypted_again_and_restored_from_both() throws IOException {
        BackupSetView secret = made(encrypt, original, Map.of("encrypt", "office"));
        assertThat(secret.derivedFrom()).contains(original.id());
        assertThat(secret.takenAt()).isEqualTo(original.takenAt());
        assertThat(secret.rows()).isEqualTo(original.rows());
        assertThat(secret.recipients()).contains(List.of("office"));
        assertThat(original.recipients()).contains(List.of());
        assertThat(files(secret)).allSatisfy((name, bytes) -> assertThat(new String(bytes, StandardCharsets.ISO_8859_1))
                .as(name)
                .doesNotContain("COPY ", "CREATE ", "PGDMP", "orders_pkey"));
        restored(secret, "secret");

        BackupSetView clear = made(decrypt, secret, Map.of());
        assertThat(clear.derivedFrom()).contains(secret.id());
        assertThat(clear.recipients()).contains(List.of());
        // nothing was compressed again: the blobs are those that the backup wrote
        Map<String, byte[]> before = files(original);
        assertThat(files(clear)).hasSameSizeAs(before).allSatisfy((name, bytes) -> {
            if (!name.equals("manifest.json")) {
                assertThat(bytes).as(name).isEqualTo(before.get(name));
            }
        });
        restored(clear, "clear");
        assertThat(fixture.sets.find(original.id())).isPresent();
    }

    @Test
    void a_set_that_is_encrypted_anew_is_not_opened_by_its_old_key() {
        BackupSetView first = made(encrypt, original, Map.of("encrypt", "office"));
        BackupSetView second = made(encrypt, first, Map.of("encrypt", "vault"));
        fixture.configuration.save(new KeyConfig(
                "vault", "key-file", Optional.of(keys.resolve("gone").toString()), Optional.empty(), Optional.empty(),
                Optional.empty()));
        Ended locked = fixture.run(decrypt, Map.of("set", second.id()));
        assertThat(locked.problem()).startsWith("KEY_MISSING: ").contains("encrypted for \"vault\"");
        key("vault");
        restored(second, "anew");
    }

    @Test
    void a_killed_run_goes_on_and_nothing_is_visible_before_the_end() throws IOException {
        // a second store, so that a set also gets there
        Path other = Files.createDirectory(fixture.storePath.resolveSibling("other"));
        fixture.configuration.save(new StoreConfig("other", "file", Map.of("path", other.toString())));
        AtomicInteger left = new AtomicInteger(6);
        fixture.wrapStore(store -> dying(store, left));
        UUID run = fixture.create(encrypt, Map.of("set", original.id(), "encrypt", "office,vault", "to", "other"));
        assertThatThrownBy(() -> fixture.execute(encrypt, run)).isInstanceOf(Killed.class);
        assertThat(fixture.sets.list(Optional.empty(), Optional.empty(), 10)).containsExactly(original);
        try (Stream<Path> stored = Files.walk(other)) {
            List<String> names = stored.map(path -> path.getFileName().toString()).toList();
            assertThat(names).anyMatch(name -> name.endsWith(".enc")).doesNotContain("manifest.json");
        }
        fixture.wrapStore(store -> store);

        Ended ended = done(fixture.execute(encrypt, run));

        RewriteSummary summary = (RewriteSummary) ended.outcome().summary();
        BackupSetView made = fixture.sets.get(summary.set());
        assertThat(made.store()).isEqualTo("other");
        assertThat(fixture.runs.backupOf(made.id()).orElseThrow().id()).isEqualTo(run);
        // finished items were not done again, so two keys are in use; each has a document
        try (Stream<Path> documents = Files.list(other.resolve(made.prefix()).resolve("keys"))) {
            assertThat(documents).hasSize(2);
        }
        restored(made, "killed");
    }

    /** What is encrypted for the key that was replaced could not be opened with the present one, and a set is opened whole or not at all. */
    @Test
    void a_killed_run_starts_over_when_a_key_was_replaced() throws IOException {
        AtomicInteger left = new AtomicInteger(6);
        fixture.wrapStore(store -> dying(store, left));
        UUID run = fixture.create(encrypt, Map.of("set", original.id(), "encrypt", "office"));
        assertThatThrownBy(() -> fixture.execute(encrypt, run)).isInstanceOf(Killed.class);
        fixture.wrapStore(store -> store);
        TestKeys.keyFile(keys.resolve("office"), 99);

        Ended ended = done(fixture.execute(encrypt, run));

        BackupSetView made = fixture.sets.get(((RewriteSummary) ended.outcome().summary()).set());
        try (Stream<Path> documents = Files.list(fixture.storePath.resolve(made.prefix()).resolve("keys"))) {
            assertThat(documents).hasSize(1);
        }
        restored(made, "replaced");
        // no leftovers of the first execution
        assertThat(files(made).keySet()).noneMatch(name -> name.contains(".r2"));
        assertThat(ended.warnings()).anyMatch(warning -> warning.contains("key"));
    }

    /** A new attempt would write under the names of what cannot be deleted. */
    @Test
    void a_killed_run_whose_key_was_replaced_says_what_to_do_in_a_store_that_keeps_everything() throws IOException {
        AtomicInteger left = new AtomicInteger(6);
        fixture.wrapStore(store -> dying(store, left));
        UUID run = fixture.create(encrypt, Map.of("set", original.id(), "encrypt", "office"));
        assertThatThrownBy(() -> fixture.execute(encrypt, run)).isInstanceOf(Killed.class);
        TestKeys.keyFile(keys.resolve("office"), 99);

        fixture.wrapStore(store -> LockedStore.of(store, ErrorCode.BLOB_LOCKED));
        Ended refused = fixture.execute(encrypt, run);
        assertThat(refused.run().problem().orElseThrow().code()).isEqualTo(ErrorCode.RUN_NOT_RESTARTABLE);
        assertThat(refused.problem()).contains("delete refused until", "Start a new run");

        fixture.wrapStore(store -> LockedStore.of(store, ErrorCode.STORE_IO));
        assertThat(fixture.execute(encrypt, run).run().problem().orElseThrow().code()).isEqualTo(ErrorCode.STORE_IO);
        fixture.wrapStore(store -> store);
        Ended ended = done(fixture.execute(encrypt, run));
        restored(fixture.sets.get(((RewriteSummary) ended.outcome().summary()).set()), "replaced");
    }

    @Test
    void a_damaged_blob_is_named_and_no_set_is_made_of_it() throws IOException {
        Path blob = fixture.storePath.resolve(original.prefix());
        try (Stream<Path> files = Files.walk(blob)) {
            blob = files.filter(path -> path.toString().contains("/data/")).sorted().findFirst().orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(blob);
        bytes[bytes.length / 2] ^= 1;
        Files.write(blob, bytes);

        Ended ended = fixture.run(encrypt, Map.of("set", original.id(), "encrypt", "office"));

        assertThat(ended.problem()).contains("BLOB_DIGEST_MISMATCH").contains(blob.getFileName().toString());
        assertThat(fixture.sets.list(Optional.empty(), Optional.empty(), 10)).containsExactly(original);
    }

    @Test
    void what_makes_no_sense_or_is_forbidden_is_refused() {
        assertThatThrownBy(() -> fixture.create(encrypt, Map.of("set", original.id())))
                .hasMessageContaining("no key is named");
        assertThatThrownBy(() -> fixture.create(encrypt, Map.of("set", original.id(), "encrypt", "offise")))
                .hasMessageContaining("there is no key \"offise\"");
        assertThat(fixture.run(decrypt, Map.of("set", original.id())).problem()).contains("is not encrypted");
        fixture.configuration.requireEncryption(true);
        assertThatThrownBy(() -> fixture.create(decrypt, Map.of("set", original.id())))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("ENCRYPTION_REQUIRED");
    }

    @Test
    void a_set_is_removed_when_it_is_named_twice_and_not_in_use() {
        BackupSetView secret = made(encrypt, original, Map.of("encrypt", "office"));
        for (String confirm : List.of("", "latest:pg", secret.id())) {
            assertThatThrownBy(() -> fixture.create(remove, Map.of("set", original.id(), "confirm", confirm)))
                    .hasMessageContaining("CONFIRMATION_REQUIRED")
                    .hasMessageContaining(original.id());
        }
        Map<String, String> confirmed = Map.of("set", original.id(), "confirm", original.id());
        UUID user = fixture.create(restore, Map.of("set", original.id(), "target", "pg"));
        Ended refused = fixture.run(remove, confirmed);
        assertThat(refused.problem()).contains("SET_IN_USE").contains(user.toString());
        assertThat(fixture.sets.get(original.id())).isEqualTo(original);
        fixture.runs.end(user, RunState.SUCCEEDED, "COMPLETED");

        done(fixture.execute(remove, refused.run().id()));

        assertThat(fixture.sets.find(original.id())).isEmpty();
        assertThat(fixture.storePath.resolve(original.prefix())).doesNotExist();
        restored(secret, "survivor");
    }

    private static Ended done(Ended ended) {
        assertThat(ended.run().state())
                .as(ended.problem() + ended.warnings())
                .isIn(RunState.SUCCEEDED, RunState.SUCCEEDED_WITH_WARNINGS);
        return ended;
    }

    private BackupSetView made(RunHandler handler, BackupSetView of, Map<String, String> more) {
        Map<String, String> parameters = new HashMap<>(more);
        parameters.put("set", of.id());
        Ended ended = done(fixture.run(handler, parameters));
        return fixture.sets.get(((RewriteSummary) ended.outcome().summary()).set());
    }

    /** Restores the database under another name and compares its tables with the set. */
    private void restored(BackupSetView set, String name) {
        Ended ended = done(fixture.run(
                restore, Map.of("set", set.id(), "target", "pg", "databases", "shop=" + name, "globals", "none")));
        assertThat(ended.run().summary().orElseThrow()).contains("\"" + name + "\"");
        server.psql("postgres", "DROP DATABASE " + name);
    }

    private Map<String, byte[]> files(BackupSetView set) throws IOException {
        Path root = fixture.storePath.resolve(set.prefix());
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                files.put(root.relativize(path).toString(), Files.readAllBytes(path));
            }
        }
        return files;
    }

    /** The process ends when that many uploads were begun. */
    private static BlobStore dying(BlobStore store, AtomicInteger left) {
        return (BlobStore) Proxy.newProxyInstance(
                RewriteTest.class.getClassLoader(), new Class<?>[] {BlobStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("create") && left.decrementAndGet() < 0) {
                        throw new Killed();
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
}
