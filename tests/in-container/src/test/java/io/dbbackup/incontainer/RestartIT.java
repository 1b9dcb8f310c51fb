package io.dbbackup.incontainer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.throwaway.PostgresInstance;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.spec.EnterpriseArchive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Restarts of runs that others of a catalog have given up, or that lost their server. The embedded catalog has no others, and the tests cannot reach it. */
@ExtendWith(ArquillianExtension.class)
@RunAsClient
@EnabledIfSystemProperty(named = "dbbackup.test.profile", matches = "production")
class RestartIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @Deployment(testable = false)
    static EnterpriseArchive the_ear_as_it_is_shipped() {
        return ShrinkWrap.createFromZipFile(EnterpriseArchive.class, new File(System.getProperty("dbbackup.test.ear")));
    }

    @Test
    @Timeout(600)
    void a_run_is_not_restarted_while_its_execution_that_was_given_up_still_ends_and_is_not_left_queued(@TempDir Path directory)
            throws Exception {
        try (PostgresInstance held = PostgresInstance.builder().start();
                Connection holder = DriverManager.getConnection(held.jdbcUrl("postgres"), held.user(), held.password());
                Statement hold = holder.createStatement()) {
            hold.execute("create table item as select 1 id");
            configure(held, directory);
            holder.setAutoCommit(false);
            hold.execute("lock table item");
            // one worker, which waits: nobody looks whether the execution still counts, until the heartbeat does
            Api.Answer started = Api.post(
                    "operator", "/jobs/backup/runs",
                    "{\"parameters\":{\"source\":\"held\",\"store\":\"held-store\",\"databases\":\"postgres\",\"workers\":1}}");
            assertThat(started.status()).as(started.text()).isEqualTo(202);
            String run = started.body().path("id").asText();
            awaitWaiting(held);
            // what another server does that has not heard of this one for a minute
            giveUp(run);

            Api.Answer refused = restart(run);

            assertThat(refused.status()).as(refused.text()).isEqualTo(409);
            assertThat(refused.body().path("code").asText()).isEqualTo("RUN_ALREADY_ACTIVE");
            assertThat(refused.body().path("cause").asText()).contains("is still ending on this server");
            assertThat(Api.get("viewer", "/runs/" + run).body().path("state").asText()).isEqualTo("INTERRUPTED");
            Api.Answer status = Api.get("viewer", "/status");
            assertThat(status.status()).as(status.text()).isEqualTo(200);
            assertThat(status.text()).contains(run);
            holder.rollback();
            Api.Answer restarted = restartedWhenEnded(run);
            assertThat(restarted.status()).as(restarted.text()).isEqualTo(202);
            JsonNode done = restarted.body();
            assertThat(done.path("state").asText()).as(done.toString()).startsWith("SUCCEEDED");
        }
    }

    /** As when the server is killed between the repository's word that the job was restarted and the begin of the run. */
    @Test
    @Timeout(600)
    void a_run_whose_restart_the_catalog_never_heard_of_can_be_restarted(@TempDir Path directory) throws Exception {
        try (PostgresInstance held = PostgresInstance.builder().start()) {
            String run = stoppedTwice(held, directory);
            JsonNode stopped = Api.get("viewer", "/runs/" + run).body();
            assertThat(Instant.parse(stopped.path("executionStartedAt").asText())).isAfter(Instant.parse(stopped.path("startedAt").asText()))
                    .isBefore(Instant.parse(stopped.path("endedAt").asText()));
            sql("update run set job_execution = job_execution - 1 where id = '" + run + "'");

            Api.Answer restarted = restart(run);

            assertThat(restarted.status()).as(restarted.text()).isEqualTo(202);
            assertThat(restarted.body().path("state").asText()).as(restarted.text()).startsWith("SUCCEEDED");
        }
    }

    @Test
    @Timeout(600)
    void a_run_whose_server_is_gone_for_good_is_interrupted_by_this_one_and_can_be_restarted(@TempDir Path directory)
            throws Exception {
        try (PostgresInstance held = PostgresInstance.builder().start()) {
            String run = stoppedTwice(held, directory);
            String instance = " from run where run.id = '" + run + "' and jobinstanceid = job_instance";
            sql("update job_execution set batchstatus = 'STARTED'" + instance);
            sql("update run set job_execution = job_execution - 1, state = 'RUNNING', ended_at = null, owner = 'gone'"
                    + " where id = '" + run + "'");

            JsonNode lost = Api.get("viewer", "/runs/" + run + "?wait=120s").body();

            assertThat(lost.path("state").asText()).as(lost.toString()).isEqualTo("INTERRUPTED");
            assertThat(lost.path("problem").path("code").asText()).isEqualTo("NODE_LOST");
            assertThat(sql("update job_execution set exitstatus = 'seen'" + instance + " and batchstatus = 'STOPPED'"))
                    .as("executions of the instance that the console lets restart").isEqualTo(2);
            Api.Answer restarted = restart(run);
            assertThat(restarted.status()).as(restarted.text()).isEqualTo(202);
            assertThat(restarted.body().path("state").asText()).as(restarted.text()).startsWith("SUCCEEDED");
        }
    }

    /** A backup with two executions, which were stopped while they waited for a table. */
    private static String stoppedTwice(PostgresInstance held, Path directory) throws Exception {
        try (Connection holder = DriverManager.getConnection(held.jdbcUrl("postgres"), held.user(), held.password());
                Statement hold = holder.createStatement()) {
            hold.execute("create table item as select 1 id");
            configure(held, directory);
            holder.setAutoCommit(false);
            hold.execute("lock table item");
            Api.Answer started = Api.post(
                    "operator", "/jobs/backup/runs",
                    "{\"parameters\":{\"source\":\"held\",\"store\":\"held-store\",\"databases\":\"postgres\",\"workers\":1}}");
            assertThat(started.status()).as(started.text()).isEqualTo(202);
            String run = started.body().path("id").asText();
            stop(held, run);
            Api.Answer restarted = Api.post("operator", "/runs/" + run + "/restart", "{}");
            assertThat(restarted.status()).as(restarted.text()).isEqualTo(202);
            stop(held, run);
            return run;
        }
    }

    private static void stop(PostgresInstance held, String run) throws SQLException {
        awaitWaiting(held);
        Api.post("operator", "/runs/" + run + "/stop?wait=120s", "{}");
        JsonNode stopped = Api.get("viewer", "/runs/" + run).body();
        assertThat(stopped.path("state").asText()).as(stopped.toString()).isEqualTo("STOPPED");
    }

    private static Api.Answer restart(String run) {
        return Api.post("operator", "/runs/" + run + "/restart?wait=120s", "{}");
    }

    private static Api.Answer restartedWhenEnded(String run) {
        long end = System.nanoTime() + LIMIT.toNanos();
        Api.Answer answer = restart(run);
        while (answer.status() == 409 && System.nanoTime() < end) {
            answer = restart(run);
        }
        return answer;
    }

    private static void configure(PostgresInstance held, Path directory) throws Exception {
        Path password = Files.writeString(directory.resolve("password"), held.password());
        Path store = Files.createDirectories(directory.resolve("store"));
        Api.Answer applied = Api.send("admin", "PUT", "/config", """
                sources:
                  - {name: held, engine: postgresql, host: 127.0.0.1, port: %d, user: %s, password_file: %s}
                stores:
                  - {name: held-store, type: file, path: %s}
                """.formatted(held.port(), held.user(), password, store), "application/yaml");
        assertThat(applied.status()).as(applied.text()).isEqualTo(200);
    }

    private static void awaitWaiting(PostgresInstance held) throws SQLException {
        try (Connection connection = DriverManager.getConnection(held.jdbcUrl("postgres"), held.user(), held.password());
                Statement statement = connection.createStatement()) {
            long end = System.nanoTime() + LIMIT.toNanos();
            while (!truth(statement, "select exists (select from pg_locks where relation = 'item'::regclass and not granted)"
                    + " from pg_sleep(0.1)")) {
                assertThat(System.nanoTime()).as("until the backup waits for the table").isLessThan(end);
            }
        }
    }

    private static boolean truth(Statement statement, String query) throws SQLException {
        try (ResultSet rows = statement.executeQuery(query)) {
            return rows.next() && rows.getBoolean(1);
        }
    }

    private static void giveUp(String run) throws SQLException {
        assertThat(sql("update run set state = 'INTERRUPTED', exit_status = 'NODE_LOST', ended_at = now()"
                + " where state = 'RUNNING' and id = '" + run + "'")).isEqualTo(1);
    }

    private static int sql(String update) throws SQLException {
        try (Connection connection = DriverManager.getConnection(
                        System.getProperty("dbbackup.test.catalog.url"), System.getProperty("dbbackup.test.catalog.user"),
                        System.getProperty("dbbackup.test.catalog.password"));
                Statement statement = connection.createStatement()) {
            return statement.executeUpdate(update);
        }
    }
}
