package io.dbbackup.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client of its own process that gets real signals. */
class InterruptedClientTest {
    private static final String ID = "01900000-0000-7000-8000-000000000001";
    private static final String STATE = "{\"id\":\"" + ID + "\",\"job\":\"backup\",\"label\":\"back up shop\",\"state\":\"%s\"%s}";
    private static final String RUNNING = STATE.formatted("RUNNING", "");

    @TempDir
    private Path directory;

    private ApiServer server;

    @BeforeEach
    void start() throws IOException {
        server = new ApiServer();
        server.answers("POST /jobs/backup/runs", 202, RUNNING).answers("GET /runs/" + ID, 200, RUNNING)
                .answers("POST /runs/" + ID + "/stop", 202, STATE.formatted("STOPPING", ""));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void one_signal_stops_the_run_and_waits_for_its_end() throws Exception {
        Process client = follow();
        interrupt(client, 1);
        while (server.asked().stream().noneMatch(asked -> asked.path().endsWith("/stop"))) {
            Thread.onSpinWait();
        }
        server.answers("GET /runs/" + ID, 200, STATE.formatted(
                "STOPPED", ",\"exitCode\":130,\"hint\":\"Continue: dbbackup restart " + ID + "\""));
        assertThat(ended(client)).isEqualTo(130);
        assertThat(said()).contains("stopping the run", "HINT: Continue: dbbackup restart " + ID);
    }

    @Test
    void two_signals_at_once_stop_the_run_and_leave_with_a_word() throws Exception {
        Process client = follow();
        interrupt(client, 2);
        assertThat(ended(client)).isEqualTo(130);
        assertThat(said()).contains("left without waiting: run " + ID + " is being stopped", "dbbackup runs " + ID);
        assertThat(server.asked()).filteredOn(asked -> asked.path().endsWith("/stop")).hasSize(1);
    }

    @Test
    void whoever_leaves_a_server_that_does_not_answer_is_told_that_the_run_may_go_on() throws Exception {
        Process client = follow();
        server.die();
        interrupt(client, 2);
        assertThat(ended(client)).isEqualTo(130);
        assertThat(said()).contains("has not yet said that it stops run " + ID, "dbbackup stop " + ID);
    }

    /** Returns when it waits. */
    private Process follow() throws IOException {
        // a shell lets what it has put into the background ignore the signal, and so do all who come from there
        Process client = new ProcessBuilder(
                        "env", "--default-signal=INT", Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp", System.getProperty("java.class.path"),
                        "io.dbbackup.cli.Main", "backup", "nightly", "--wait", "--url", server.url())
                .redirectErrorStream(true).redirectOutput(directory.resolve("said").toFile()).start();
        while (client.isAlive() && server.asked().stream().noneMatch(asked -> asked.path().equals("/runs/" + ID))) {
            Thread.onSpinWait();
        }
        assertThat(client.isAlive()).as(said()).isTrue();
        return client;
    }

    /** With nothing but a shell's loop between them. */
    private static void interrupt(Process client, int times) throws Exception {
        String kill = "kill -INT " + client.pid() + ";";
        assertThat(new ProcessBuilder("bash", "-c", "for i in $(seq " + times + "); do " + kill + " sleep 0.005; done").start().waitFor())
                .isZero();
    }

    private int ended(Process client) throws Exception {
        if (!client.waitFor(60, TimeUnit.SECONDS)) {
            client.destroyForcibly();
            throw new AssertionError("it goes on: " + said());
        }
        return client.exitValue();
    }

    private String said() throws IOException {
        return Files.readString(directory.resolve("said"), StandardCharsets.UTF_8);
    }
}
