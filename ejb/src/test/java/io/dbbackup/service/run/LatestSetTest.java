package io.dbbackup.service.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.crypto.TestKeys;
import io.dbbackup.engine.postgresql.PostgresEngine;
import io.dbbackup.model.KeyConfig;
import io.dbbackup.model.PolicyConfig;
import io.dbbackup.model.RunState;
import io.dbbackup.model.SecretRef;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.model.StoreConfig;
import io.dbbackup.service.backup.BackupHandler;
import io.dbbackup.service.backup.BackupSealer;
import io.dbbackup.service.copy.CopyFixture;
import io.dbbackup.service.restore.RestoreHandler;
import io.dbbackup.service.restore.RestoreSealer;
import io.dbbackup.service.rewrite.EncryptHandler;
import io.dbbackup.service.rewrite.SetRewrite;
import io.dbbackup.service.run.RunFixture.Ended;
import io.dbbackup.service.verify.LinesVerification;
import io.dbbackup.throwaway.PostgresInstance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs of {@code latest:SOURCE} say which newer sets they do not mean. */
class LatestSetTest {
    private static PostgresInstance server;

    private final RunFixture fixture = new RunFixture(new PostgresEngine());
    private final BackupHandler backup = new BackupHandler(
            fixture.configuration, fixture.access, fixture.queue, fixture.runs, fixture.sets,
            new BackupSealer(fixture.queue, fixture.runs, fixture.sets, fixture.clock), CopyFixture.ofBackups(fixture));
    private final RestoreHandler restore = new RestoreHandler(
            fixture.configuration, fixture.access, fixture.queue, fixture.sets,
            new RestoreSealer(fixture.queue, fixture.runs));
    private final RunHandler verify = LinesVerification.handler(fixture);
    private final RunHandler copy = CopyFixture.handler(fixture);
    private final RunHandler encrypt = new EncryptHandler(new SetRewrite(
            fixture.configuration, fixture.access, fixture.queue, fixture.runs, fixture.sets, fixture.clock));

    @BeforeAll
    static void start() {
        server = PostgresInstance.builder().start();
        server.psql("postgres", "CREATE DATABASE shop");
        server.psql("postgres", "CREATE DATABASE crm");
        server.psql("shop", "CREATE TABLE t (i int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 100)");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void configure() throws IOException {
        Path password = Files.writeString(fixture.storePath.resolveSibling("password"), server.password());
        fixture.configuration.save(new SourceConfig(
                "pg", "postgresql", server.host(), server.port(), server.user(),
                Optional.of(new SecretRef(SecretRef.Kind.FILE, password.toString())), "postgres", Optional.of("UTC"),
                Map.of("sslmode", "disable")));
        fixture.configuration.save(new StoreConfig(
                "offsite", "file", Map.of("path", fixture.storePath.resolveSibling("offsite").toString())));
        Path office = TestKeys.keyFile(fixture.storePath.resolveSibling("office.key"), 1);
        fixture.configuration.save(new KeyConfig(
                "office", "key-file", Optional.of(office.toString()), Optional.empty(), Optional.empty(), Optional.empty()));
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    /** A backup a minute after the last one. */
    private BackupSetView backedUp(String... more) {
        Map<String, String> parameters = new HashMap<>(Map.of("source", "pg", "store", "store"));
        for (int i = 0; i < more.length; i += 2) {
            parameters.put(more[i], more[i + 1]);
        }
        fixture.clock.set(fixture.clock.instant().plusSeconds(60));
        Ended ended = fixture.run(backup, parameters);
        assertThat(ended.run().set()).as(ended.problem()).isPresent();
        return fixture.sets.get(ended.run().set().orElseThrow());
    }

    @Test
    void every_run_says_which_newer_set_it_does_not_mean_and_why() {
        BackupSetView whole = backedUp();
        assertThat(fixture.run(verify, Map.of("set", "latest:pg", "level", "stored")).warnings()).isEmpty();
        BackupSetView chosen = backedUp("databases", "shop");
        Map<RunHandler, Map<String, String>> all = new LinkedHashMap<>();
        all.put(verify, Map.of("level", "stored"));
        all.put(restore, Map.of("target", "pg", "databases", "shop=again", "globals", "none"));
        all.put(copy, Map.of("to", "offsite"));
        // last, as what comes of it is of the same instant and the latest one as well
        all.put(encrypt, Map.of("encrypt", "office"));

        all.forEach((handler, more) -> {
            Map<String, String> parameters = new HashMap<>(more);
            parameters.put("set", "latest:pg");
            parameters.put("store", "store");
            Ended ended = fixture.run(handler, parameters);
            assertThat(ended.run().state()).as(handler.operation() + ended.problem()).isEqualTo(RunState.SUCCEEDED_WITH_WARNINGS);
            assertThat(ended.run().set()).contains(whole.id());
            assertThat(ended.warnings()).singleElement().asString()
                    .contains(whole.id() + " of " + whole.takenAt())
                    .contains(chosen.id() + " of " + chosen.takenAt())
                    .contains("some databases only", "by its id", "back up all");
            parameters.put("set", whole.id());
            assertThat(fixture.runs.warnings(fixture.create(handler, parameters))).as("who names it means it").isEmpty();
        });

        // in the other store there is nothing newer
        assertThat(fixture.runs.warnings(fixture.create(verify, Map.of("set", "latest:pg", "store", "offsite")))).isEmpty();
        BackupSetView schema = backedUp("contents", "schema");
        assertThat(fixture.runs.warnings(fixture.create(verify, Map.of("set", "latest:pg")))).singleElement().asString()
                .contains(schema.id(), "schema only", "one more")
                .doesNotContain(chosen.id());
        fixture.sets.expiring(schema.id(), "store", true);
        assertThat(fixture.runs.warnings(fixture.create(verify, Map.of("set", "latest:pg")))).singleElement().asString()
                .contains(schema.id(), "is being deleted");
        server.psql("postgres", "DROP DATABASE again");
        backedUp();
        assertThat(fixture.runs.warnings(fixture.create(verify, Map.of("set", "latest:pg")))).isEmpty();
    }

    @Test
    void a_set_of_a_policy_that_takes_some_databases_says_so_and_which_older_one_has_more() {
        BackupSetView whole = backedUp();
        fixture.configuration.save(new PolicyConfig(
                "hourly", "pg", "store", List.of("shop"), List.of(), "zstd", 1, 1 << 20, 1, true, false, Optional.empty()));
        fixture.clock.set(fixture.clock.instant().plusSeconds(60));
        BackupSetView part = fixture.sets.get(fixture.run(backup, Map.of("policy", "hourly")).run().set().orElseThrow());

        assertThat(whole.databasesText()).isEqualTo("2 databases");
        assertThat(part.databasesText()).isEqualTo("1 of 2 databases");
        assertThat(part.complete()).as("all that its policy stands for").isTrue();
        Ended ended = fixture.run(verify, Map.of("set", "latest:pg", "level", "stored"));
        assertThat(ended.run().set()).contains(part.id());
        assertThat(ended.warnings()).singleElement().asString()
                .contains(part.id() + " of " + part.takenAt(), "1 of 2 databases", whole.id() + " of " + whole.takenAt(), "(2 databases)");
        assertThat(fixture.runs.warnings(fixture.create(verify, Map.of("set", part.id())))).isEmpty();
        fixture.sets.forget(whole.id(), "store");
        assertThat(fixture.runs.warnings(fixture.create(verify, Map.of("set", "latest:pg")))).as("none has more").isEmpty();
    }

    /** Else every run would say so for as long as an older set lives. */
    @Test
    void a_database_that_was_dropped_is_none_that_the_newest_set_leaves_out() {
        server.psql("postgres", "CREATE DATABASE scratch");
        server.psql("postgres", "CREATE DATABASE dropped");
        try {
            fixture.configuration.save(new PolicyConfig(
                    "nightly", "pg", "store", List.of(), List.of("scratch"), "zstd", 1, 1 << 20, 1, true, false, Optional.empty()));
            BackupSetView before = fixture.sets.get(fixture.run(backup, Map.of("policy", "nightly")).run().set().orElseThrow());
            server.psql("postgres", "DROP DATABASE dropped");
            fixture.clock.set(fixture.clock.instant().plusSeconds(60));
            BackupSetView after = fixture.sets.get(fixture.run(backup, Map.of("policy", "nightly")).run().set().orElseThrow());

            assertThat(before.databasesText()).isEqualTo("3 of 4 databases");
            assertThat(after.databasesText()).isEqualTo("2 of 3 databases");
            Ended ended = fixture.run(verify, Map.of("set", "latest:pg", "level", "stored"));
            assertThat(ended.run().set()).contains(after.id());
            assertThat(ended.warnings()).isEmpty();
        } finally {
            server.psql("postgres", "DROP DATABASE scratch");
            server.psql("postgres", "DROP DATABASE IF EXISTS dropped");
        }
    }

    @Test
    void the_latest_of_a_store_says_that_another_store_has_a_newer_one() {
        BackupSetView first = backedUp();
        fixture.run(copy, Map.of("set", first.id(), "to", "offsite"));
        assertThat(fixture.runs.warnings(fixture.create(verify, Map.of("set", "latest:pg", "store", "offsite")))).isEmpty();
        BackupSetView second = backedUp();

        Ended ended = fixture.run(verify, Map.of("set", "latest:pg", "store", "offsite", "level", "stored"));

        assertThat(ended.run().set()).contains(first.id());
        assertThat(ended.warnings()).singleElement().asString()
                .contains(first.id() + " of " + first.takenAt(), second.id() + " of " + second.takenAt(), "in store \"store\"");
        assertThat(fixture.runs.warnings(fixture.create(verify, Map.of("set", "latest:pg", "store", "store")))).isEmpty();
    }

    @Test
    void a_source_of_which_only_parts_were_taken_says_which_there_are() {
        assertThatThrownBy(() -> fixture.sets.get("latest:pg")).hasMessageContaining("there is no backup set \"latest:pg\"");
        BackupSetView part = backedUp("databases", "shop", "contents", "schema");

        assertThatThrownBy(() -> fixture.create(verify, Map.of("set", "latest:pg")))
                .hasMessageContaining(part.id() + " of " + part.takenAt())
                .hasMessageContaining("schema only, some databases only");

        BackupSetView chosen = backedUp("databases", "shop");
        BackupSetView newer = backedUp("databases", "crm", "contents", "schema");
        assertThat(fixture.runs.warnings(fixture.create(verify, Map.of("set", "latest:pg")))).singleElement().asString()
                .contains(chosen.id(), newer.id());
    }
}
