package io.dbbackup.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client as a process of its own, which writes where nothing can be written: onto a full disk, or for nobody. */
class FullDiskTest {
    private static final File FULL = new File("/dev/full");
    private static final String ID = "01900000-0000-7000-8000-000000000001";
    private static final String RUN = """
            {"id":"%s","job":"backup","state":"%s","label":"back up shop","links":{},"progress":{"items":{}}%s}""";

    @TempDir
    private Path directory;

    private String said;

    private int run(String... arguments) throws IOException, InterruptedException {
        assumeTrue(FULL.exists(), "this system has no /dev/full");
        return run(ProcessBuilder.Redirect.to(FULL), arguments);
    }

    private int run(ProcessBuilder.Redirect output, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectOutput(output).start();
        // of a pipe: the client has written nothing so far
        process.getInputStream().close();
        said = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor();
    }

    private int backUp(ApiServer server, String... more) throws IOException, InterruptedException {
        assumeTrue(FULL.exists(), "this system has no /dev/full");
        return backUp(ProcessBuilder.Redirect.to(FULL), server, more);
    }

    private int backUp(ProcessBuilder.Redirect output, ApiServer server, String... more) throws IOException, InterruptedException {
        Path password = Files.writeString(directory.resolve("password"), "s3cret\n");
        List<String> arguments = new ArrayList<>(List.of(
                "backup", "nightly", "--url", server.url(), "--user", "ann", "--password-file", password.toString()));
        arguments.addAll(List.of(more));
        return run(output, arguments.toArray(String[]::new));
    }

    /** {@code dbbackup list | head}, also where the shell looks at every exit status (pipefail). */
    @Test
    void a_reader_that_has_ended_is_no_error_unless_it_has_to_know_which_run_was_begun() throws Exception {
        assertThat(run(ProcessBuilder.Redirect.PIPE, "completion")).as(said).isZero();
        assertThat(said).isEmpty();
        try (ApiServer server = new ApiServer()) {
            server.answers("POST /jobs/backup/runs", 202, RUN.formatted(ID, "FAILED", ",\"exitCode\":75"));
            assertThat(backUp(ProcessBuilder.Redirect.PIPE, server, "--wait")).as(said).isEqualTo(75);
            assertThat(said).doesNotContain("OUTPUT_NOT_WRITTEN");
        }
        try (ApiServer server = new ApiServer()) {
            server.answers("POST /jobs/backup/runs", 202, RUN.formatted(ID, "RUNNING", ""));
            assertThat(backUp(ProcessBuilder.Redirect.PIPE, server, "--no-wait")).as(said).isEqualTo(74);
            assertThat(said).contains("OUTPUT_NOT_WRITTEN: ", "read it by dbbackup runs " + ID);
        }
    }

    @Test
    void output_that_could_not_be_written_is_an_error() throws Exception {
        assertThat(run("completion")).as(said).isEqualTo(74);
        assertThat(said).contains("OUTPUT_NOT_WRITTEN: ", "HINT: ", "repeat the command");
    }

    /** A scheduler would start a backup again that has succeeded. */
    @Test
    void how_a_run_has_ended_is_the_exit_status_all_the_same() throws Exception {
        try (ApiServer server = new ApiServer()) {
            server.answers("POST /jobs/backup/runs", 202, RUN.formatted(ID, "SUCCEEDED", ",\"exitCode\":0"));
            for (String output : List.of("--timeout=1h", "--json")) {
                assertThat(backUp(server, "--wait", output)).as(said).isZero();
                assertThat(said).contains("OUTPUT_NOT_WRITTEN: ", "the exit status 0 is that of run " + ID, "dbbackup runs " + ID)
                        .doesNotContain("repeat");
            }
        }
        try (ApiServer server = new ApiServer()) {
            server.answers("POST /jobs/backup/runs", 202, RUN.formatted(ID, "FAILED", ",\"exitCode\":75"));
            assertThat(backUp(server, "--wait")).as(said).isEqualTo(75);
            assertThat(said).contains("OUTPUT_NOT_WRITTEN: ", "the exit status 75 is that of run " + ID);
        }
    }

    @Test
    void what_fails_behind_a_run_is_not_how_that_has_ended() throws Exception {
        try (ApiServer server = new ApiServer()) {
            server.answers("POST /jobs/encrypt/runs", 202, RUN.replace("\"backup\"", "\"encrypt\"").formatted(ID, "SUCCEEDED",
                    ",\"exitCode\":0,\"summary\":{\"derivedFrom\":\"" + ID + "\",\"set\":\"x\"}"));
            server.answers("POST /jobs/verify/runs", 404, "{\"code\":\"NOT_FOUND\",\"detail\":\"gone\",\"remedy\":\"look\",\"exitCode\":66}");
            Path password = Files.writeString(directory.resolve("password"), "s3cret\n");
            assertThat(run("encrypt", ID, "--recipient", "k", "--replace", "--confirm", ID, "--url", server.url(), "--user", "ann",
                    "--password-file", password.toString())).as(said).isEqualTo(66);
            assertThat(said).contains("OUTPUT_NOT_WRITTEN: ", "read it by dbbackup runs " + ID).doesNotContain("is that of run", "repeat");
        }
    }

    @Test
    void that_a_run_was_begun_is_not_how_it_has_ended() throws Exception {
        try (ApiServer server = new ApiServer()) {
            server.answers("POST /jobs/backup/runs", 202, RUN.formatted(ID, "RUNNING", ""));
            assertThat(backUp(server, "--no-wait")).as(said).isEqualTo(74);
            assertThat(said).contains("OUTPUT_NOT_WRITTEN: ", "read it by dbbackup runs " + ID).doesNotContain("repeat");
        }
    }
}
