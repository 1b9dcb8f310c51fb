package io.dbbackup.service.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.engine.postgresql.PostgresEngine;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.RunState;
import io.dbbackup.model.SecretRef;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.service.backup.BackupHandler;
import io.dbbackup.service.backup.BackupSealer;
import io.dbbackup.service.copy.CopyFixture;
import io.dbbackup.service.run.RunFixture;
import io.dbbackup.service.run.RunFixture.Ended;
import io.dbbackup.throwaway.PostgresInstance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two restores never write to one database of a target, whichever sets they are of; otherwise they do not mind each other. */
class RestoreExclusionTest {
    private static PostgresInstance server;

    private final RunFixture fixture = new RunFixture(new PostgresEngine());
    private final BackupHandler backup = new BackupHandler(
            fixture.configuration,
            fixture.access,
            fixture.queue,
            fixture.runs,
            fixture.sets,
            new BackupSealer(fixture.queue, fixture.runs, fixture.sets, fixture.clock),
            CopyFixture.ofBackups(fixture));
    private final RestoreHandler restore = new RestoreHandler(
            fixture.configuration, fixture.access, fixture.queue, fixture.sets,
            new RestoreSealer(fixture.queue, fixture.runs));

    private String first;
    private String second;

    @BeforeAll
    static void start() {
        server = PostgresInstance.builder().start();
        server.psql("postgres", "CREATE DATABASE shop");
        server.psql("postgres", "CREATE DATABASE other");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void back_up_twice() throws IOException {
        Path password = Files.writeString(fixture.storePath.resolveSibling("password"), server.password());
        for (String name : new String[] {"cluster", "elsewhere"}) {
            fixture.configuration.save(new SourceConfig(
                    name, "postgresql", server.host(), server.port(), server.user(),
                    Optional.of(new SecretRef(SecretRef.Kind.FILE, password.toString())), "postgres", Optional.of("UTC"),
                    Map.of("sslmode", "disable")));
        }
        first = set("[\"shop\",\"other\"]");
        second = set("[\"other\",\"shop\"]");
    }

    private String set(String databases) {
        Ended ended = fixture.run(backup, Map.of("source", "cluster", "store", "store", "databases", databases));
        assertThat(ended.run().state()).as(ended.problem()).isEqualTo(RunState.SUCCEEDED);
        return ended.run().set().orElseThrow();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private UUID request(String set, String target, String... databases) {
        Map<String, String> parameters = new TreeMap<>(
                Map.of("set", set, "target", target, "clean", "true", "confirm", "shop,other", "compare", "false"));
        if (databases.length > 0) {
            parameters.put("databases", String.join(",", databases));
        }
        return fixture.request(restore, parameters);
    }

    private void refused(UUID by, String word, String set, String... databases) {
        assertThatThrownBy(() -> request(set, "cluster", databases)).isInstanceOfSatisfying(BackupException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.RUN_ALREADY_ACTIVE);
            assertThat(e.problem().cause()).contains(by.toString(), word);
        });
    }

    @Test
    void who_names_a_database_that_another_restore_names_is_refused_at_once_and_nobody_else_is() {
        UUID active = request(first, "cluster", "shop=copy", "other=x");

        refused(active, "database \"copy\" of \"cluster\"", second, "other=copy");
        refused(active, "database \"Copy\" of \"cluster\"", first, "shop=Copy");

        request(first, "cluster", "shop=another");
        request(second, "elsewhere", "shop=copy");
        fixture.execute(restore, active);
        request(second, "cluster", "other=copy");
    }

    @Test
    void of_two_restores_of_all_databases_of_different_sets_the_later_planned_one_is_refused() {
        UUID active = request(first, "cluster");
        refused(active, "is being done already", first);
        UUID same = request(second, "cluster");
        UUID one = request(second, "cluster", "shop=copy");
        assertThat(fixture.plan(restore, active)).isEmpty();

        Ended refused = fixture.execute(restore, same);

        assertThat(refused.run().state()).isEqualTo(RunState.FAILED);
        assertThat(refused.problem()).contains("RUN_ALREADY_ACTIVE", active.toString(), "\"other\", \"shop\"");
        assertThat(fixture.queue.planned(same)).isFalse();
        refused(active, "database \"shop\"", second, "other=shop");
        assertThat(fixture.execute(restore, one).problem()).isEmpty();
    }

    @Test
    void a_restart_is_refused_while_another_run_restores_into_one_of_its_databases() {
        UUID old = request(first, "cluster", "shop", "other=unwanted");
        assertThat(fixture.plan(restore, old)).isEmpty();
        fixture.executions.end(old);
        fixture.runs.end(old, RunState.FAILED, "FAILED");
        UUID active = request(second, "cluster", "other=shop");

        assertThat(fixture.execute(restore, old).problem()).contains("RUN_ALREADY_ACTIVE", active.toString(), "\"shop\"");

        assertThat(fixture.execute(restore, active).problem()).isEmpty();
        assertThat(fixture.execute(restore, old).problem()).isEmpty();
    }
}
