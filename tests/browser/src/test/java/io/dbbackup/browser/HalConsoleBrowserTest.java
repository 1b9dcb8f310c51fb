package io.dbbackup.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.e2e.RestClient;
import io.dbbackup.e2e.RunningServer;
import io.dbbackup.throwaway.PostgresInstance;
import io.dbbackup.throwaway.Sample;
import io.dbbackup.throwaway.SampleCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HalConsoleBrowserTest {

    private static final String CONFIGURATION = """
            sources:
              - name: source
                engine: postgresql
                host: 127.0.0.1
                port: %d
                user: postgres
                password_file: %s
            stores:
              - name: disk
                type: file
                path: %s
            policies:
              - name: nightly
                source: source
                store: disk
                exclude: [postgres]
            """;

    private final String password = UUID.randomUUID().toString();
    private Chromium chromium;
    private PostgresInstance source;
    private RunningServer server;

    @BeforeAll
    void start_database_and_server(@TempDir Path directory) throws IOException {
        chromium = Chromium.installed();
        source = PostgresInstance.builder().start();
        SampleCluster.on(source).with("shop", Sample.ODD_NAMES, Sample.LARGE_OBJECTS, Sample.SEQUENCES);
        server = RunningServer.start();
        Path secret = Files.writeString(directory.resolve("source.password"), source.password() + "\n");
        server.rest().configure(
                CONFIGURATION.formatted(source.port(), secret, Files.createDirectory(directory.resolve("store"))));
        server.addUser("olga", "operator", password);
        server.addUser("victor", "viewer", password);
    }

    @AfterAll
    void stop() {
        if (server != null) {
            server.close();
        }
        if (source != null) {
            source.close();
        }
    }

    @Test
    void an_operator_starts_a_backup_and_sees_it_complete() {
        try (HalConsole console = login("olga", "start")) {
            console.select("backup");
            console.screenshot("job");
            long started = console.start("backup", "policy=nightly");
            console.view("backup");
            console.await("the execution is listed", is(started));
            console.screenshot("running");

            Execution ended = console.await("the backup is COMPLETED", is(started).and(has("COMPLETED")));
            console.screenshot("completed");

            assertThat(ended.actions()).isEmpty();
            assertThat(RestClient.state(runOf(ended))).isEqualTo("SUCCEEDED");
        }
    }

    @Test
    void an_operator_restarts_a_failed_backup_once_its_cause_is_gone() {
        try (HalConsole console = login("olga", "restart")) {
            source.stop();
            console.select("backup");
            long started = console.start("backup", "policy=nightly");
            console.view("backup");
            Execution failed = console.await("the failed backup is STOPPED", is(started).and(has("STOPPED")));
            console.screenshot("failed");
            assertThat(failed.actions()).containsExactly("Restart");
            JsonNode failedRun = runOf(failed);
            assertThat(RestClient.state(failedRun)).isEqualTo("FAILED");

            source.start();
            console.restart(failed);
            Execution restarted = console.await("the restart is listed",
                    execution -> execution.instance() == failed.instance() && execution.id() > failed.id());
            console.screenshot("restarted");
            Execution completed = console.await("the restart is COMPLETED", is(restarted.id()).and(has("COMPLETED")));
            console.screenshot("completed");

            assertThat(completed.actions()).isEmpty();
            JsonNode run = server.rest().run(failedRun.path("id").asText());
            assertThat(RestClient.state(run)).isEqualTo("SUCCEEDED");
            assertThat(run.path("jobExecution").asLong()).isEqualTo(completed.id());
        } finally {
            source.start();
        }
    }

    @Test
    void wrong_parameters_end_as_failed_without_an_offer_to_restart() {
        try (HalConsole console = login("olga", "wrong")) {
            console.select("backup");
            long started = console.start("backup", "policy=nightlyy");
            console.view("backup");
            Execution failed = console.await("the backup has FAILED", is(started).and(has("FAILED")));
            console.screenshot("failed");

            assertThat(failed.actions()).isEmpty();
        }
    }

    @Test
    void a_viewer_is_not_offered_to_start() {
        try (HalConsole console = login("victor", "viewer")) {
            console.select("backup");
            console.screenshot("job");

            assertThat(console.offersStart("backup")).isFalse();
        }
    }

    private HalConsole login(String user, String story) {
        return HalConsole.login(chromium, server.managementUrl(), user, password, story);
    }

    private JsonNode runOf(Execution execution) {
        for (JsonNode run : runs()) {
            if (run.path("jobExecution").asLong() == execution.id()) {
                return server.rest().awaitEnd(run.path("id").asText());
            }
        }
        throw new AssertionError("REST knows no run of the execution " + execution + ": " + runs().toPrettyString());
    }

    private JsonNode runs() {
        return server.rest().get("runs?limit=200").expect(200).body().path("items");
    }

    private static Predicate<Execution> is(long id) {
        return execution -> execution.id() == id;
    }

    private static Predicate<Execution> has(String status) {
        return execution -> execution.status().equals(status);
    }
}
