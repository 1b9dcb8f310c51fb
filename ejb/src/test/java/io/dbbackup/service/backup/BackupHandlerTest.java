package io.dbbackup.service.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.BackupSets;
import io.dbbackup.crypto.TestKeys;
import io.dbbackup.engine.BlobNames;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Json;
import io.dbbackup.model.KeyConfig;
import io.dbbackup.model.Omission;
import io.dbbackup.model.PolicyConfig;
import io.dbbackup.model.SecretRef;
import io.dbbackup.model.ServerFacts;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.model.StoreConfig;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.model.manifest.SetHeader;
import io.dbbackup.service.copy.CopyFixture;
import io.dbbackup.service.run.RunFixture;
import io.dbbackup.service.run.RunFixture.Ended;
import io.dbbackup.service.run.RunHandler;
import io.dbbackup.service.run.SealOutcome.Result;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.service.set.LockedStore;
import io.dbbackup.service.verify.LinesVerification;
import io.dbbackup.spi.BackupContext;
import io.dbbackup.spi.DatabaseEngine;
import io.dbbackup.spi.ItemDraft;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.LogicalBackup;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.WorkContext;
import io.dbbackup.spi.WorkItem;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The backup operation on a real store and catalog, with databases that consist of their manifest. */
class BackupHandlerTest {
    private static final Map<String, String> CONTINUE =
            Map.of("source", "pg", "store", "store", "onError", "continue", "workers", "1");
    private static final ServerFacts FACTS = new ServerFacts("test", "Test 15.1", 15, "7", "UTC", Map.of());

    private final Engine backup = new Engine();
    private final RunFixture fixture = new RunFixture((DatabaseEngine) Proxy.newProxyInstance(
            getClass().getClassLoader(), new Class<?>[] {DatabaseEngine.class}, (proxy, method, arguments) ->
                    switch (method.getName()) {
                        case "type" -> "test";
                        case "connections" -> arguments[0];
                        case "describe" -> FACTS;
                        case "logicalBackup" -> backup;
                        default -> throw new UnsupportedOperationException(method.getName());
                    }));
    private final Killing sets = new Killing();
    private final BackupHandler handler = new BackupHandler(
            fixture.configuration, fixture.access, fixture.queue, fixture.runs, sets,
            new BackupSealer(fixture.queue, fixture.runs, sets, fixture.clock), CopyFixture.ofBackups(fixture));

    BackupHandlerTest() {
        fixture.configuration.save(new SourceConfig(
                "pg", "test", "localhost", 1, "u", Optional.empty(), "d", Optional.empty(), Map.of()));
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void a_set_that_was_published_incomplete_is_no_success_when_the_rest_is_done_after_a_kill() {
        backup.broken = "shop";
        sets.kill = true;
        UUID run = fixture.create(handler, CONTINUE);
        assertThatThrownBy(() -> fixture.execute(handler, run)).isInstanceOf(Killed.class);
        backup.broken = "";
        sets.kill = false;

        Ended ended = fixture.execute(handler, run);

        assertThat(ended.outcome().result()).isEqualTo(Result.PARTIAL);
        assertThat(ended.problem()).contains("published without \"shop\"");
        assertThat(fixture.sets.get("latest:pg").complete()).isFalse();
        assertThat(((BackupSummary) ended.outcome().summary()).databases()).isEqualTo(1);
    }

    @Test
    void a_set_that_was_published_complete_is_a_success_after_a_kill() {
        sets.kill = true;
        UUID run = fixture.create(handler, CONTINUE);
        assertThatThrownBy(() -> fixture.execute(handler, run)).isInstanceOf(Killed.class);
        sets.kill = false;

        Ended ended = fixture.execute(handler, run);

        assertThat(ended.outcome().result()).isEqualTo(Result.COMPLETED);
        assertThat(fixture.sets.get("latest:pg").complete()).isTrue();
        assertThat(backup.executed).isEqualTo(3);
    }

    @Test
    void a_set_that_was_published_without_globals_is_no_success_when_its_copy_is_made() throws IOException {
        for (String contents : List.of("all", "schema")) {
            Path place = fixture.storePath.resolveSibling(contents);
            Files.writeString(place, "no directory");
            fixture.configuration.save(new StoreConfig(contents, "file", Map.of("path", place + "/store")));
            Map<String, String> parameters = with("copies", contents, "contents", contents);
            backup.broken = "globals";
            Ended partial = fixture.run(handler, parameters);
            assertThat(partial.problem()).contains("but not in \"" + contents + "\"");
            backup.broken = "";
            Files.delete(place);
            Files.createDirectory(place);

            Ended restarted = fixture.execute(handler, partial.run().id());

            assertThat(restarted.outcome().result()).as(contents).isEqualTo(Result.PARTIAL);
            assertThat(restarted.problem()).contains("globals: it is broken", "Start a new backup");
            assertThat(((BackupSummary) restarted.outcome().summary()).copies()).hasSize(1);
        }
    }

    @Test
    void a_set_that_was_published_without_globals_is_no_success_when_they_are_done_after_a_kill() throws Exception {
        for (Map<String, String> parameters : List.of(CONTINUE, with("contents", "schema"), encrypted("contents", "schema"))) {
            backup.broken = "globals";
            sets.kill = true;
            UUID run = fixture.create(handler, parameters);
            assertThatThrownBy(() -> fixture.execute(handler, run)).isInstanceOf(Killed.class);
            backup.broken = "";
            sets.kill = false;

            Ended ended = fixture.execute(handler, run);

            assertThat(ended.outcome().result()).as(parameters.toString()).isEqualTo(Result.PARTIAL);
            assertThat(ended.problem()).contains("published without its globals", "Start a new backup");
        }
    }

    /** What the earlier execution encrypted could not be opened with the present key, and a set is opened whole or not at all. */
    @Test
    void what_was_encrypted_for_a_key_that_was_replaced_is_taken_again() throws Exception {
        fixture.configuration.save(new KeyConfig(
                "owner", "passphrase", Optional.empty(),
                Optional.of(new SecretRef(SecretRef.Kind.FILE, secret().toString())), Optional.empty(), Optional.empty()));
        for (Map<String, String> parameters : List.of(encrypted(), with("encrypt", "owner"))) {
            backup.executed = 0;
            TestKeys.write(secret(), "the first passphrase", "rw-------");
            backup.deadly = "shop";
            UUID run = fixture.create(handler, parameters);
            assertThatThrownBy(() -> fixture.execute(handler, run)).isInstanceOf(Killed.class);
            backup.deadly = "";
            TestKeys.keyFile(fixture.storePath.resolveSibling("office.key"), 2);
            TestKeys.write(secret(), "the second passphrase", "rw-------");

            Ended ended = fixture.execute(handler, run);

            assertThat(ended.outcome().result()).as(ended.problem()).isEqualTo(Result.WARNINGS);
            assertThat(ended.warnings()).anyMatch(warning -> warning.contains("\"crm\"") && warning.contains("key"));
            assertThat(backup.executed).isEqualTo(5);
            BackupSetView set = fixture.sets.get(ended.run().set().orElseThrow());
            BlobSetReader reader = BlobSetReader.open(
                    fixture.store(), set.prefix(), Optional.empty(), fixture.access.keys().atHand());
            assertThat(reader.manifest().databases()).hasSize(2)
                    .allSatisfy(entry -> assertThat(reader.database(entry).name()).isEqualTo(entry.name()));
            assertThat(fixture.store().stat(set.prefix() + "globals.1.enc")).isEmpty();
        }
    }

    /** As after a store that was full: what was read before stays, and nobody would otherwise know how far apart the two are. */
    @Test
    void a_restart_says_which_databases_are_of_another_moment_than_the_others() {
        backup.broken = "shop";
        Ended failed = fixture.run(handler, with("onError", "stop"));
        assertThat(failed.outcome().result()).isEqualTo(Result.FAILED);
        backup.broken = "";

        Ended ended = fixture.execute(handler, failed.run().id());

        assertThat(ended.outcome().result()).as(ended.problem()).isEqualTo(Result.WARNINGS);
        assertThat(ended.warnings()).singleElement().asString().contains(
                "different moments (consistency: per-database)", "\"crm\" stay as an earlier execution", "\"shop\" are read now");
        assertThat(((BackupSummary) ended.outcome().summary()).consistency()).contains("per-database");
    }

    @Test
    void a_restart_that_reads_everything_again_says_nothing_of_moments() {
        backup.broken = "globals";
        backup.deadly = "crm";
        UUID run = fixture.create(handler, CONTINUE);
        assertThatThrownBy(() -> fixture.execute(handler, run)).isInstanceOf(Killed.class);
        backup.broken = "";
        backup.deadly = "";

        assertThat(fixture.execute(handler, run).outcome().result()).isEqualTo(Result.COMPLETED);
    }

    /** What an earlier execution has stored is locked for 30 days: the run must not wait for that. */
    @Test
    void what_is_taken_again_in_a_store_that_keeps_everything_is_published() throws Exception {
        fixture.wrapStore(store -> LockedStore.of(store, ErrorCode.BLOB_LOCKED));
        backup.deadly = "shop";
        UUID run = fixture.create(handler, encrypted());
        assertThatThrownBy(() -> fixture.execute(handler, run)).isInstanceOf(Killed.class);
        backup.deadly = "";
        TestKeys.keyFile(fixture.storePath.resolveSibling("office.key"), 2);

        Ended ended = fixture.execute(handler, run);

        assertThat(ended.outcome().result()).as(ended.problem()).isEqualTo(Result.WARNINGS);
        BackupSetView set = fixture.sets.get(ended.run().set().orElseThrow());
        BlobSetReader reader = BlobSetReader.open(
                fixture.store(), set.prefix(), Optional.empty(), fixture.access.keys().atHand());
        assertThat(reader.manifest().globals().orElseThrow().name()).isEqualTo("globals.2.enc");
        assertThat(reader.manifest().databases())
                .allSatisfy(entry -> assertThat(reader.database(entry).name()).isEqualTo(entry.name()));
        assertThat(fixture.store().stat(set.prefix() + "globals.1.enc")).isPresent();
    }

    /** The management console may give the catalog's ids; retention, latest: and the status look for names. */
    @Test
    void a_set_is_filed_under_the_names_of_what_a_run_was_given_by_its_ids() {
        fixture.configuration.save(new PolicyConfig(
                "nightly", "pg", "store", List.of(), List.of(), "zstd", 1, 1 << 20, 1, true, false, Optional.empty()));
        for (Map<String, String> ids : List.of(
                Map.of("policy", fixture.catalog.idOf("policy", "nightly")),
                Map.of("policy", fixture.catalog.idOf("policy", "nightly"), "source", fixture.catalog.idOf("source", "pg"), "store", fixture.catalog.idOf("store", "store")))) {
            fixture.clock.set(fixture.clock.instant().plusSeconds(60));
            Ended ended = fixture.run(handler, ids);
            assertThat(ended.outcome().result()).as(ended.problem()).isEqualTo(Result.COMPLETED);
            BackupSetView set = fixture.sets.get("latest:pg");
            assertThat(ended.run().set()).contains(set.id());
            assertThat(set.policy()).contains("nightly");
            assertThat(set.store()).isEqualTo("store");
            assertThat(set.prefix()).startsWith("pg/");
            assertThat(set.complete()).as("the policy's own source").isTrue();
            assertThat(ended.run().label()).isEqualTo("backup of pg to store");
        }
    }

    private Path secret() {
        return fixture.storePath.resolveSibling("owner.txt");
    }

    private static Map<String, String> with(String... more) {
        Map<String, String> parameters = new HashMap<>(CONTINUE);
        for (int i = 0; i < more.length; i += 2) {
            parameters.put(more[i], more[i + 1]);
        }
        return parameters;
    }

    /** The key of a killed execution is lost; it was stored wrapped before anything was encrypted with it. */
    @Test
    void an_encrypted_set_that_two_executions_wrote_is_opened_with_one_key() throws Exception {
        Map<String, String> encrypted = encrypted();
        backup.deadly = "shop";
        UUID run = fixture.create(handler, encrypted);
        assertThatThrownBy(() -> fixture.execute(handler, run)).isInstanceOf(Killed.class);
        backup.deadly = "";

        Ended ended = fixture.execute(handler, run);

        // the databases are of different moments
        assertThat(ended.outcome().result()).as(ended.problem()).isEqualTo(Result.WARNINGS);
        assertThat(backup.executed).isEqualTo(3);
        BackupSetView set = fixture.sets.get("latest:pg");
        assertThat(BlobSetReader.file(fixture.store(), set.prefix(), Optional.of(set.manifestSha256()))
                        .header().encryption().orElseThrow().keys())
                .hasSize(2);
        BlobSetReader reader = BlobSetReader.open(
                fixture.store(), set.prefix(), Optional.empty(), fixture.access.keys().atHand());
        assertThat(reader.manifest().databases()).hasSize(2)
                .allSatisfy(entry -> assertThat(reader.database(entry).name()).isEqualTo(entry.name()));
    }

    @Test
    void an_encrypted_set_that_was_published_before_a_kill_enters_the_catalog_without_its_key() throws Exception {
        Map<String, String> encrypted = encrypted();
        backup.broken = "shop";
        sets.kill = true;
        UUID run = fixture.create(handler, encrypted);
        assertThatThrownBy(() -> fixture.execute(handler, run)).isInstanceOf(Killed.class);
        backup.broken = "";
        sets.kill = false;

        Ended ended = fixture.execute(handler, run);

        assertThat(ended.problem()).contains("published without \"shop\"");
        assertThat(fixture.sets.get("latest:pg").complete()).isFalse();
        assertThat(((BackupSummary) ended.outcome().summary()).databases()).isEqualTo(1);
    }

    /** Of an encrypted set its header is all that an import has to go by; readers from before know its other words only. */
    @Test
    void an_encrypted_set_of_chosen_databases_is_known_as_one_without_its_key_and_to_older_readers_too() throws Exception {
        Ended ended = fixture.run(handler, encrypted("databases", "crm", "contents", "schema"));

        assertThat(ended.outcome().result()).as(ended.problem()).isEqualTo(Result.COMPLETED);
        BackupSetView set = fixture.sets.get(ended.run().set().orElseThrow());
        assertThat(set.omissions()).containsExactly(Omission.ALL_ROWS, Omission.SOME_DATABASES);
        SetHeader header = BlobSetReader.file(fixture.store(), set.prefix(), Optional.of(set.manifestSha256())).header();
        assertThat(header.complete()).isFalse();
        assertThat(header.omissions()).isEqualTo(set.omissions());
        assertThat(Json.write(header)).contains("\"omissions\":[\"ALL_ROWS\"]", "\"someDatabases\":true");
    }

    @Test
    void the_check_of_stored_bytes_tells_without_a_key_how_many_databases_a_set_lacks() throws Exception {
        RunHandler verify = LinesVerification.handler(fixture);
        for (String[] more : new String[][] {{}, {"databases", "crm,shop"}, {"contents", "schema"}}) {
            for (String broken : List.of("shop", "globals", "")) {
                backup.broken = broken;
                fixture.clock.set(fixture.clock.instant().plusSeconds(60));
                Ended made = fixture.run(handler, encrypted(more));
                fixture.configuration.save(new KeyConfig(
                        "office", "key-file", Optional.of("/gone"), Optional.empty(), Optional.empty(), Optional.empty()));

                Ended ended = fixture.run(verify, Map.of("set", made.run().set().orElseThrow(), "level", "stored"));

                String warnings = String.join("; ", ended.warnings());
                assertThat(ended.problem()).isEmpty();
                assertThat(warnings.contains("1 of the databases that the backup was to take are not in the set; which"))
                        .as(List.of(more) + broken + ": " + warnings).isEqualTo(broken.equals("shop"));
                assertThat(warnings.contains("globals of the server"))
                        .as(List.of(more) + broken + ": " + warnings).isEqualTo(broken.equals("globals") && !List.of(more).contains("databases"));
                assertThat(warnings.contains("partial")).isEqualTo(List.of(more).contains("schema"));
                assertThat(fixture.verifications.findings(
                                fixture.verifications.ofRun(ended.run().id()).orElseThrow().id(), Optional.empty(), 0, 99).stream()
                        .anyMatch(finding -> finding.passed() && finding.found().equals("some databases only")))
                        .isEqualTo(List.of(more).contains("databases"));
            }
        }
    }

    private Map<String, String> encrypted(String... more) {
        Path key = TestKeys.keyFile(fixture.storePath.resolveSibling("office.key"), 1);
        fixture.configuration.save(new KeyConfig(
                "office", "key-file", Optional.of(key.toString()), Optional.empty(), Optional.empty(), Optional.empty()));
        Map<String, String> parameters = with(more);
        parameters.put("encrypt", "[\"office\"]");
        return parameters;
    }

    /** A killed server. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** Ends the server just before a set enters the catalog. */
    private final class Killing extends BackupSets {
        private boolean kill;

        @Override
        public void enter(SetHeader manifest, String store, Optional<String> policy, String sha256) {
            if (kill) {
                throw new Killed();
            }
            fixture.sets.enter(manifest, store, policy, sha256);
        }

        @Override
        public List<BackupSetView> list(Optional<String> source, Optional<String> before, int limit) {
            return fixture.sets.list(source, before, limit);
        }

        @Override
        public Optional<BackupSetView> latest(String source, Optional<String> store) {
            return fixture.sets.latest(source, store);
        }
    }

    /** Globals, and two databases, each opened and closed by one item. */
    private static final class Engine implements LogicalBackup {
        private String broken = "";
        private String deadly = "";
        private int executed;

        @Override
        public ServerFacts preflight(BackupContext context) {
            return FACTS;
        }

        @Override
        public List<ItemDraft> plan(BackupContext context) {
            return List.of(
                    new ItemDraft("globals", "globals", "globals", "", 0, 0, Map.of(), Set.of()), draft("crm"), draft("shop"));
        }

        private static ItemDraft draft(String database) {
            return new ItemDraft(database, "database", database, database, 0, 0, Map.of(), Set.of());
        }

        @Override
        public ItemResult execute(BackupContext context, WorkItem item, Progress progress) {
            if (item.key().equals(broken)) {
                throw new BackupException(ErrorCode.DATABASE_STATEMENT_FAILED, "it is broken", "Mend it.");
            }
            if (item.key().equals(deadly)) {
                throw new Killed();
            }
            executed++;
            if (item.kind().equals("globals")) {
                return ItemResult.of(context.set().writeJson("globals." + item.attempt(), Map.of()));
            }
            BlobRef manifest = context.set().writeJson(
                    BlobNames.databasePrefix(1, item.database(), item.attempt()) + "/database.json",
                    new DatabaseManifest(
                            item.database(), Instant.EPOCH, "0/1", Json.MAPPER.createObjectNode(),
                            List.of(), "", List.of()));
            return ItemResult.of(new DatabaseEntry(item.database(), manifest, Instant.EPOCH, "0/1", 0, 0, 0, 0));
        }

        @Override
        public String openKind() {
            return "database";
        }

        @Override
        public String closeKind() {
            return "database";
        }

        @Override
        public String globalsKind() {
            return "globals";
        }

        @Override
        public List<BlobRef> blobsOf(String kind, WorkContext.DoneItem item) {
            return List.of(kind.equals("globals") ? item.result(BlobRef.class) : item.result(DatabaseEntry.class).manifest());
        }
    }
}
