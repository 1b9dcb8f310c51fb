package io.dbbackup.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.dbbackup.cli.command.Shared;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CliTest {
    private static final String ID = "01900000-0000-7000-8000-000000000001";
    private static final String RUNNING = runJson("RUNNING", "");
    private static final String DONE = runJson("SUCCEEDED", """
            ,"exitCode":0,"executionStartedAt":"2026-01-01T00:00:00Z","endedAt":"2026-01-01T00:01:05Z",
            "summary":{"set":"20260101T000000.000Z_p0000_00000001","plainBytes":2048,"missing":[]}""");
    private static final String FAILED = runJson("FAILED", """
            ,"exitCode":74,"restartable":true,"endedAt":"2026-01-01T00:01:05Z",
            "problem":{"code":"STORE_FULL","cause":"the store is full","remedy":"Free some space."},
            "hint":"Free some space. Continue with what is left: dbbackup restart 01900000-0000-7000-8000-000000000001\"""");

    @TempDir
    private Path directory;

    private final Map<String, String> variables = new HashMap<>();
    private final Deque<String> typed = new ArrayDeque<>();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private boolean terminal;
    private ApiServer server;

    @BeforeEach
    void start() throws IOException {
        server = new ApiServer();
        variables.put("DBBACKUP_URL", server.url());
        variables.put("DBBACKUP_USER", "ann");
        variables.put("DBBACKUP_PASSWORD_FILE", Files.writeString(directory.resolve("password"), "s3cret\n").toString());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void a_backup_is_started_with_its_parameters_followed_and_its_result_printed() throws Exception {
        server.answers("POST /jobs/backup/runs", 202, RUNNING).answers("GET /runs/" + ID, 200, RUNNING)
                .answers("GET /runs/" + ID, 200, DONE);
        assertThat(run("backup", "nightly", "--wait", "--database", "a,b", "--part-size", "64M", "--no-role-passwords",
                        "--on-error", "continue", "--idempotency-key", "job-7"))
                .isZero();
        ApiServer.Asked asked = server.asked("POST", "/jobs/backup/runs");
        assertThat(new ObjectMapper().readTree(asked.body())).isEqualTo(new ObjectMapper().readTree("""
                {"parameters":{"policy":"nightly","databases":["a,b"],"partBytes":"64M","rolePasswords":"false",
                "onError":"continue"}}"""));
        assertThat(asked.key()).isEqualTo("job-7");
        assertThat(asked.agent()).startsWith("dbbackup-cli/");
        assertThat(asked.upgrade()).as("what loses answers").isNull();
        assertThat(asked.authorization())
                .isEqualTo("Basic " + Base64.getEncoder().encodeToString("ann:s3cret".getBytes(StandardCharsets.UTF_8)));
        assertThat(out.toString())
                .contains("back up shop: succeeded in 1:05", "20260101T000000.000Z_p0000_00000001", "2.0 KiB", "3 of 10 done");
        assertThat(err.toString()).contains("back up shop: run " + ID, "running  50%  512 B of 1.0 KiB  items 3/10");
    }

    /** A scheduler repeats a job under its key: that the run of the first has failed is no start of another. */
    @Test
    void a_key_whose_run_has_ended_answers_with_how_that_ended() {
        server.answers("POST /jobs/backup/runs", 200, FAILED);
        assertThat(run("backup", "nightly", "--no-wait", "--idempotency-key", "job-7")).isEqualTo(74);
        assertThat(out.toString()).isEqualTo(ID + "\n");
        assertThat(err.toString()).contains("has ended: FAILED", "STORE_FULL: the store is full").doesNotContain("started");
        assertThat(run("backup", "nightly", "--no-wait", "--idempotency-key", "job-7", "--json")).isEqualTo(74);
    }

    @Test
    void keys_are_made_without_a_server_and_nothing_is_overwritten() throws IOException {
        for (String type : List.of("key-file", "x25519", "rsa")) {
            Path file = directory.resolve(type);
            assertThat(run("keys", "generate", "--type", type, "--out", file.toString())).isZero();
            assertThat(java.nio.file.attribute.PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            String secret = Files.readString(file);
            assertThat(secret).containsPattern(type.equals("key-file")
                    ? "(?m)^DBBACKUP-KEY-1:[0-9a-f]{64}:[0-9a-f]{8}$"
                    : "^-----BEGIN PRIVATE KEY-----\n");
            assertThat(out.toString() + err).doesNotContain(secret.lines().toList().get(1));
            assertThat(run("keys", "generate", "--type", type, "--out", file.toString())).isEqualTo(64);
            assertThat(Files.readString(file)).isEqualTo(secret);
        }
        assertThat(Files.readString(directory.resolve("x25519.pub"))).startsWith("-----BEGIN PUBLIC KEY-----\n");
        assertThat(run("keys", "generate", "--type", "des", "--out", directory.resolve("x").toString())).isEqualTo(64);
        assertThat(run("keys")).isEqualTo(64);
    }

    @Test
    void a_key_that_cannot_be_written_is_refused_with_what_to_do_and_half_a_pair_is_never_made() throws IOException {
        Path nowhere = directory.resolve("missing").resolve("office.key");
        assertThat(run("keys", "generate", "--type", "key-file", "--out", nowhere.toString())).isEqualTo(73);
        assertThat(err.toString()).contains("FILE_NOT_WRITABLE: ", nowhere.toString(), "HINT: ").doesNotContain("INTERNAL");
        Files.createFile(directory.resolve("pair.pub"));
        assertThat(run("keys", "generate", "--type", "x25519", "--out", directory.resolve("pair").toString())).isEqualTo(64);
        assertThat(directory.resolve("pair")).doesNotExist();
    }

    @Test
    void a_command_that_does_not_exist_is_named_and_close_ones_are_a_hint() {
        assertThat(run("bakcup", "nightly")).isEqualTo(64);
        assertThat(err.toString().lines()).hasSize(2);
        assertThat(err.toString()).contains("INVALID_PARAMETER: there is no command \"bakcup\"", "HINT: Did you mean backup? See dbbackup help.");
    }

    @Test
    void of_an_option_before_the_command_is_said_where_it_belongs() {
        assertThat(run("--url", "http://127.0.0.1:1", "status")).isEqualTo(64);
        assertThat(err.toString()).contains("HINT: ", "Options stand behind the command (dbbackup status --url URL). See dbbackup help.");
        assertThat(run("status", "--odd")).isEqualTo(64);
        assertThat(err.toString()).contains("See dbbackup status --help.");
        assertThat(err.toString().lines().filter(line -> line.contains("stand behind"))).hasSize(1);
    }

    @Test
    void keys_are_listed_and_a_set_is_opened_for_others() {
        server.answers("GET /keys", 200, """
                        [{"name":"offsite","type":"x25519","id":"x25519:65f0db449049a7cc","opens":false}]""")
                .answers("POST /keys/rotations", 200, """
                        {"set":"S","recipients":["a","b"],"documents":["keys/x-0002.json"]}""");
        assertThat(run("keys", "list")).isZero();
        assertThat(out.toString()).contains("offsite", "x25519:65f0db449049a7cc", "no");
        assertThat(run("keys", "rotate", "--set", "latest:shop", "--to", "a,b")).isZero();
        assertThat(server.asked("POST", "/keys/rotations").body()).isEqualTo("{\"set\":\"latest:shop\",\"recipients\":[\"a\",\"b\"]}");
        assertThat(out.toString()).contains("S can now be opened with a, b");
    }

    @Test
    void a_set_is_replaced_by_an_encrypted_one_only_after_that_was_verified() throws Exception {
        String made = ",\"exitCode\":0,\"summary\":{\"set\":\"NEW\",\"derivedFrom\":\"OLD\"}";
        server.answers("POST /jobs/encrypt/runs", 202, runJson("SUCCEEDED", made).replace("\"backup\"", "\"encrypt\""))
                .answers("POST /jobs/verify/runs", 202, runJson("FAILED", ",\"exitCode\":3").replace("\"backup\"", "\"verify\""))
                .answers("POST /jobs/verify/runs", 202, runJson("SUCCEEDED", ",\"exitCode\":0").replace("\"backup\"", "\"verify\""))
                .answers("POST /jobs/remove/runs", 202, runJson("SUCCEEDED", ",\"exitCode\":0").replace("\"backup\"", "\"remove\""));
        assertThat(run("encrypt", "OLD", "--recipient", "a,b", "--replace")).isEqualTo(64);
        assertThat(run("encrypt", "OLD", "--recipient", "a,b", "--replace", "--confirm", "OTHER")).isEqualTo(64);
        assertThat(server.asked()).isEmpty();
        assertThat(run("encrypt", "OLD", "--recipient", "a,b", "--replace", "--confirm", "OLD")).isEqualTo(3);
        assertThat(server.asked()).noneMatch(asked -> asked.path().startsWith("/jobs/remove"));
        assertThat(run("encrypt", "OLD", "--recipient", "a,b", "--replace", "--confirm", "OLD")).isZero();
        assertThat(server.asked("POST", "/jobs/encrypt/runs").body())
                .isEqualTo("{\"parameters\":{\"set\":\"OLD\",\"encrypt\":[\"a\",\"b\"]}}");
        assertThat(server.asked("POST", "/jobs/verify/runs").body())
                .isEqualTo("{\"parameters\":{\"set\":\"NEW\",\"level\":\"content\"}}");
        assertThat(server.asked("POST", "/jobs/remove/runs").body())
                .isEqualTo("{\"parameters\":{\"set\":\"OLD\",\"confirm\":\"OLD\"}}");
    }

    @Test
    void the_program_that_opens_sets_without_us_is_printed_without_a_server() throws IOException {
        server.close();
        assertThat(run("tools", "decrypt")).isZero();
        assertThat(out.toString()).isEqualTo(Files.readString(Path.of("../docs/tools/Decrypt.java")));
    }

    @Test
    void a_policy_may_be_named_by_an_option_as_well_but_not_two() {
        server.answers("POST /jobs/backup/runs", 202, RUNNING).answers("POST /jobs/retention/runs", 202, RUNNING);
        assertThat(run("backup", "--policy", "nightly")).isZero();
        assertThat(run("retention", "--policy", "nightly", "--dry-run", "--no-wait")).isZero();
        assertThat(server.asked("POST", "/jobs/backup/runs").body()).contains("\"policy\":\"nightly\"");
        assertThat(server.asked("POST", "/jobs/retention/runs").body()).contains("\"policy\":\"nightly\"");
        assertThat(run("backup", "weekly", "--policy", "nightly")).isEqualTo(64);
    }

    @Test
    void without_a_terminal_a_start_prints_the_id_and_does_not_wait() {
        server.answers("POST /jobs/verify/runs", 202, RUNNING);
        assertThat(run("verify", "latest:shop", "--level", "restore")).isZero();
        assertThat(out).hasToString(ID + System.lineSeparator());
        assertThat(server.asked("POST", "/jobs/verify/runs").body()).contains("\"level\":\"restore\"");
        assertThat(server.asked()).hasSize(1);
    }

    /** Which says nothing but what it says at its end. */
    @Test
    void a_dry_run_is_waited_for_and_says_what_it_would_do() {
        String plan = runJson("SUCCEEDED", """
                ,"exitCode":0,"executionStartedAt":"2026-01-01T00:00:00Z","endedAt":"2026-01-01T00:00:02Z","summary":{"dryRun":true,
                "keep":[{"set":"S-2","storedBytes":2048,"rules":["last 1"],"outcome":"kept"}],
                "expire":[{"set":"S-1","storedBytes":1024,"rules":["beyond last 1"],"outcome":"would be deleted"}]}""");
        server.answers("POST /jobs/retention/runs", 202, RUNNING).answers("GET /runs/" + ID, 200, RUNNING).answers("GET /runs/" + ID, 200, plan);
        assertThat(run("retention", "nightly", "--dry-run")).isZero();
        assertThat(out.toString()).containsPattern("S-2 +2.0 KiB +last 1 +kept").containsPattern("S-1 +1.0 KiB +beyond last 1 +would be deleted");
        out.getBuffer().setLength(0);
        assertThat(run("retention", "nightly", "--dry-run", "--no-wait")).isZero();
        assertThat(run("retention", "nightly")).isZero();
        assertThat(out).hasToString(lines(ID, ID));
    }

    @Test
    void on_a_terminal_it_waits_with_a_bar_that_is_gone_at_the_end() {
        terminal = true;
        server.answers("POST /runs/" + ID + "/restart", 202, RUNNING).answers("GET /runs/" + ID, 200, RUNNING)
                .answers("GET /runs/" + ID, 200, DONE);
        assertThat(run("restart", ID)).isZero();
        assertThat(err.toString()).contains("[###############---------------] 50%").doesNotEndWith("items 3/10");
        assertThat(server.asked("GET", "/runs/" + ID).query()).isEqualTo("wait=500ms");
    }

    @Test
    void what_was_stored_stands_apart_from_what_was_reused_and_of_no_reuse_nothing_is_said() {
        String summary = "\"summary\":{\"storedBytes\":3072,\"reusedBlobs\":%d,\"reusedBytes\":%d}";
        server.answers("POST /jobs/backup/runs", 202, runJson("SUCCEEDED", ",\"exitCode\":0," + summary.formatted(2, 2048)))
                .answers("POST /jobs/backup/runs", 202, runJson("SUCCEEDED", ",\"exitCode\":0," + summary.formatted(0, 0)));
        assertThat(run("backup", "nightly", "--wait")).isZero();
        assertThat(out.toString()).containsPattern("Stored bytes: +1.0 KiB").containsPattern("Reused blobs: +2\\R")
                .containsPattern("Reused bytes: +2.0 KiB");
        out.getBuffer().setLength(0);
        assertThat(run("backup", "nightly", "--wait")).isZero();
        assertThat(out.toString()).containsPattern("Stored bytes: +3.0 KiB").doesNotContain("Reused");
    }

    @Test
    void a_failed_run_gives_its_exit_status_and_says_what_to_do() {
        server.answers("POST /jobs/backup/runs", 202, FAILED);
        assertThat(run("backup", "nightly", "--wait")).isEqualTo(74);
        assertThat(err.toString())
                .contains("STORE_FULL: the store is full", "HINT: Free some space. Continue with what is left: dbbackup restart " + ID)
                .containsOnlyOnce("HINT");
    }

    @Test
    void with_json_standard_output_is_json_and_nothing_else() throws Exception {
        terminal = true;
        server.answers("POST /jobs/backup/runs", 202, RUNNING).answers("GET /runs/" + ID, 200, FAILED);
        assertThat(run("backup", "nightly", "--json")).isEqualTo(74);
        assertThat(new ObjectMapper().readTree(out.toString()).path("state").asText()).isEqualTo("FAILED");
    }

    @Test
    void a_time_limit_ends_the_waiting_and_not_the_run() {
        server.answers("POST /jobs/backup/runs", 202, RUNNING).answers("GET /runs/" + ID, 200, RUNNING);
        assertThat(run("backup", "nightly", "--timeout", "1s")).isEqualTo(124);
        assertThat(err.toString()).contains("TIMEOUT: run " + ID + " has not ended");
        assertThat(server.asked()).noneMatch(asked -> asked.path().endsWith("/stop"));
        assertThat(run("backup", "nightly", "--timeout", "soon")).isEqualTo(64);
    }

    @Test
    void a_server_that_is_killed_and_comes_back_is_waited_for() throws Exception {
        server.answers("POST /jobs/backup/runs", 202, RUNNING).answers("GET /runs/" + ID, 200, RUNNING);
        Thread follower = new Thread(() -> assertThat(run("backup", "nightly", "--wait", "--json")).isZero());
        follower.start();
        while (server.asked().size() < 3) {
            Thread.onSpinWait();
        }
        server.die();
        // as the application server answers before it has dbbackup
        server.answers("GET /runs/" + ID, 404, "text/html", "<html>Not Found</html>");
        int before = server.asked().size();
        server.comeBack();
        while (server.asked().size() < before + 2) {
            Thread.onSpinWait();
        }
        server.answers("GET /runs/" + ID, 200, DONE);
        follower.join(30_000);
        assertThat(out.toString()).contains("\"state\" : \"SUCCEEDED\"");
    }

    @Test
    void problems_of_the_server_are_two_lines_and_their_exit_status() {
        server.answers("POST /jobs/backup/runs", 422, """
                {"type":"urn:dbbackup:problem:unknown-policy","status":422,"code":"UNKNOWN_POLICY",
                "cause":"there is no policy \\"x\\"","remedy":"Name one of: nightly.","exitCode":66}""");
        assertThat(run("backup", "x")).isEqualTo(66);
        assertThat(err).hasToString(lines("UNKNOWN_POLICY: there is no policy \"x\"", "HINT: Name one of: nightly."));
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void answers_that_are_no_problems_of_ours_are_explained() {
        server.answers("GET /status", 401, "text/html", "<html>Unauthorized</html>")
                .answers("GET /config", 404, "text/html", "<html><head><title>Error</title></head><body>404 - Not Found</body></html>")
                .answers("GET /sets", 502, "text/html", "<html>Bad Gateway</html>");
        assertThat(run("status")).isEqualTo(77);
        assertThat(run("doctor")).as("as the application server answers before it has dbbackup").isEqualTo(69);
        assertThat(run("list")).as("as a proxy answers while it has no server").isEqualTo(69);
        assertThat(err.toString()).contains("SERVER_UNREACHABLE: there is no dbbackup at this address (HTTP 404)");
        server.answers("GET /runs", 418, "text/html", "<html>Teapot</html>");
        assertThat(run("runs")).isEqualTo(76);
        server.close();
        assertThat(run("status")).isEqualTo(69);
        assertThat(err.toString()).contains("UNAUTHENTICATED", "SERVER_UNEXPECTED", "SERVER_UNREACHABLE: the server at");
    }

    @Test
    void a_client_without_a_password_is_not_told_that_it_is_wrong() {
        server.answers("GET /status", 401, "{\"code\":\"UNAUTHENTICATED\",\"cause\":\"no\",\"remedy\":\"Give them.\",\"exitCode\":77}");
        assertThat(run("status")).isEqualTo(77);
        assertThat(err.toString()).contains("UNAUTHENTICATED: " + server.url() + " does not accept these credentials", "user \"ann\"",
                "HINT: Correct --user and --password-file (DBBACKUP_USER, DBBACKUP_PASSWORD_FILE).");
        err.getBuffer().setLength(0);
        variables.keySet().removeAll(List.of("DBBACKUP_USER", "DBBACKUP_PASSWORD_FILE"));
        assertThat(run("status")).isEqualTo(77);
        assertThat(err.toString()).contains("this client has none for the user \"admin\"", "HINT: Name a file with the password", "--password-file",
                "DBBACKUP_PASSWORD_FILE", "DBBACKUP_USER").doesNotContain("does not accept");
        assertThat(server.asked().get(1).authorization()).isNull();
    }

    @Test
    void the_address_may_be_that_of_the_api_itself_and_another_path_is_named() {
        server.answers("GET /status", 200, "{\"product\":\"dbbackup\"}").answers("GET /old/api/v1/status", 404,
                "{\"code\":\"INVALID_REQUEST\",\"cause\":\"there is nothing at /old/api/v1/status\",\"remedy\":\"Look.\",\"exitCode\":64}");
        for (String end : List.of("", "/", "/api/v1", "/api/v1/")) {
            variables.put("DBBACKUP_URL", server.url() + end);
            assertThat(run("status")).as(end + err).isZero();
        }
        variables.put("DBBACKUP_URL", server.url() + "/old/api/v1");
        assertThat(run("status")).isEqualTo(64);
        assertThat(err.toString()).contains("dbbackup is not at " + server.url() + "/old: there is nothing at /old/api/v1/status",
                "HINT: Take the path \"/old\" out of --url or DBBACKUP_URL", "such as http://127.0.0.1:8080");
        int before = server.asked().size();
        for (String end : List.of("?a=b", "#a", "/?", "/api/v1?a=b")) {
            assertThat(run("status", "--url", server.url() + end)).as(end).isEqualTo(64);
        }
        assertThat(server.asked()).hasSize(before);
    }

    /** A proxy that leads to TLS, a service that answers everybody: nothing is done there, and no command may say that it was. */
    @Test
    void the_answer_of_another_service_is_no_success_of_any_command() throws Exception {
        Path file = Files.writeString(directory.resolve("dbbackup.yaml"), "sources: []\n");
        for (List<String> command : List.of(
                List.of("stores", "check", "v"), List.of("doctor"), List.of("apply", "-f", file.toString()), List.of("stop", ID),
                List.of("discard", ID), List.of("keys", "rotate", "--set", "s", "--to", "k"), List.of("keys", "list"),
                List.of("catalog", "import", "--from", "v"), List.of("status"), List.of("report"), List.of("report", "--format", "csv"),
                List.of("report", "--json"), List.of("config", "show"), List.of("runs"), List.of("runs", ID), List.of("runs", ID, "--items"),
                List.of("list"), List.of("show", "s"), List.of("backup", "p", "--no-wait"), List.of("restart", ID, "--wait"),
                List.of("restore", "s", "--target", "t", "--clean"))) {
            for (String answer : List.of("302 text/html ", "204 application/json ", "200 text/html ", "200 text/html <html>It works</html>",
                    "404 text/html <html>404 Not Found</html>", "405 text/html <html>Not Allowed</html>", "501 text/html ", "403 text/html ", "500 text/plain ",
                    "404 application/json {\"code\":\"NotFound\",\"message\":\"no\"}",
                    "200 application/json {}", "200 application/json []", "200 application/json {\"status\":\"UP\"}")) {
                boolean written = command.contains("--json");
                if (written && answer.contains("application/json ") && !answer.endsWith(" ")) {
                    continue; // is passed on as it is, and says nothing but what it says
                }
                if (command.equals(List.of("keys", "list")) && answer.endsWith("[]")) {
                    continue; // no keys
                }
                String[] parts = answer.split(" ", 3);
                server.always(Integer.parseInt(parts[0]), parts[1], parts[2]);
                out.getBuffer().setLength(0);
                err.getBuffer().setLength(0);
                assertThat(run(command.toArray(String[]::new))).as(command + ": " + answer + ": " + out + err).isEqualTo(76);
                assertThat(err.toString()).contains("SERVER_UNEXPECTED: " + server.url() + " answered", "HINT: Check that DBBACKUP_URL");
                assertThat(out.toString()).as(command + ": " + answer).isEmpty();
            }
        }
        server.always(302, "text/html", "");
        assertThat(run("status")).isEqualTo(76);
        assertThat(err.toString()).contains("HTTP status 302, which leads to https://elsewhere/api/v1/status");
    }

    @Test
    void a_wrong_command_line_is_refused_before_anything_is_asked() {
        assertThat(run()).isEqualTo(64);
        assertThat(run("bakcup")).isEqualTo(64);
        assertThat(run("backup")).isEqualTo(64);
        assertThat(run("verify", "x", "--level", "deep")).isEqualTo(64);
        assertThat(run("restore", "x")).isEqualTo(64);
        assertThat(run("restore", "x", "--target", "t", "--confirm", "a")).isEqualTo(64);
        assertThat(run("restore", "x", "--target", "t", "--database", "=a")).isEqualTo(64);
        assertThat(run("status", "--url", "http://u:p@localhost")).isEqualTo(64);
        assertThat(err.toString()).contains("backup").doesNotContain("u:p");
        assertThat(server.asked()).isEmpty();
    }

    @Test
    void replacing_databases_needs_their_names() throws Exception {
        server.answers("POST /jobs/restore/runs", 202, RUNNING)
                .answers("GET /sets/latest:shop", 200, "{\"databases\":[{\"name\":\"orders\"},{\"name\":\"Ünïcode db-1\"}]}");
        assertThat(run("restore", "latest:shop", "--target", "t", "--clean")).isEqualTo(64);
        assertThat(err.toString()).contains("CONFIRMATION_REQUIRED: replacing the database \"orders\" on t was not confirmed");
        terminal = true;
        typed.addAll(List.of("orders", "wrong"));
        assertThat(run("restore", "latest:shop", "--target", "t", "--clean", "--no-wait")).isEqualTo(64);
        typed.addAll(List.of("orders", "Ünïcode db-1"));
        assertThat(run("restore", "latest:shop", "--target", "t", "--clean", "--no-wait")).isZero();
        typed.add("new");
        assertThat(run("restore", "s", "--target", "t", "--database", "orders=new", "--clean", "--no-wait",
                "--suspend-triggers")).isZero();
        List<String> bodies = server.asked().stream().filter(a -> a.method().equals("POST")).map(ApiServer.Asked::body).toList();
        assertThat(bodies).hasSize(2);
        assertThat(bodies.get(0)).contains("\"confirm\":[\"orders\",\"Ünïcode db-1\"]", "\"clean\":\"true\"");
        assertThat(bodies.get(1)).contains("\"databases\":{\"orders\":\"new\"}", "\"confirm\":[\"new\"]", "\"suspendTriggers\":\"true\"");
    }

    @Test
    void a_database_with_an_equals_sign_in_its_name_is_chosen_in_quotes() throws Exception {
        server.answers("POST /jobs/restore/runs", 202, RUNNING);
        assertThat(run("restore", "s", "--target", "t", "--no-wait", "--database", "\"a=b\"", "--database", "\"x=\"\"y\"=x=y",
                        "--database", "rights \"and\" 'quotes'=plain"))
                .isZero();
        assertThat(new ObjectMapper().readTree(server.asked("POST", "/jobs/restore/runs").body()).path("parameters").path("databases"))
                .isEqualTo(new ObjectMapper().readTree("""
                        {"a=b": "a=b", "x=\\"y": "x=y", "rights \\"and\\" 'quotes'": "plain"}"""));
        assertThat(run("restore", "s", "--target", "t", "--database", "\"a=b")).isEqualTo(64);
        assertThat(err.toString()).contains("INVALID_PARAMETER: --database is \"a=b", "in double quotes");
    }

    @Test
    void lists_are_read_page_by_page() {
        server.answers("GET /sets", 200, """
                {"items":[{"id":"s2","source":"shop","store":"disk","takenAt":"2026-01-01T00:00:00Z","databases":2,"sourceDatabases":5,
                "complete":true,"recipients":["a","b"],"rows":1200,"plainBytes":1048576,"storedBytes":2048,"reusedBytes":1024}],"next":"/api/v1/sets?limit=50&after=s2"}""")
                .answers("GET /sets", 200, """
                {"items":[{"id":"s1","source":"shop","store":"disk","takenAt":"2026-01-01T00:00:00Z","databases":1,
                "complete":false,"verifiedLevel":"CONTENT","verifiedOk":false,"verifiedAt":"2026-01-02T00:00:00Z"},
                {"id":"s0","source":"shop","store":"disk","takenAt":"2026-01-01T00:00:00Z","databases":1,"complete":false,
                "omissions":["ALL_ROWS","SOME_DATABASES"]}]}""");
        assertThat(run("list", "--source", "shop")).isZero();
        assertThat(out.toString().lines().map(String::strip))
                .satisfiesExactly(
                        header -> assertThat(header).startsWith("SET  SOURCE  STORE"),
                        first -> assertThat(first).startsWith("s2").contains(" 2 of 5 ", "1,200", "1.0 MiB", "1.0 KiB + 1.0 KiB reused", "a, b", "never"),
                        second -> assertThat(second).startsWith("s1").contains("1 incomplete", "content FAILED"),
                        third -> assertThat(third).startsWith("s0").contains("1 schema only, some databases only"));
        assertThat(server.asked().get(1).query()).contains("after=s2", "source=shop");
    }

    @Test
    void show_says_where_in_the_log_a_set_is_and_how_long_commits_were_held_up() {
        String database = """
                {"name":"%s","snapshotAt":"2026-01-01T00:00:00Z","position":"%s","tables":1,"rows":1,"lockMillis":%d}""";
        String set = """
                {"set":{"id":"s1","source":"shop","takenAt":"2026-01-01T00:00:00Z","complete":true},"consistency":"instance",
                "databases":[%s,%s],"openWithoutUs":[]}""";
        server.answers("GET /sets/s1", 200, set.formatted(
                        database.formatted("a", "binlog.000002:4711 GTID 0-1-99", 7),
                        database.formatted("b", "binlog.000002:4711 GTID 0-1-99", 12)))
                .answers("GET /sets/s1", 200, set.formatted(
                        database.formatted("a", "0/1A2B3C4", -1), database.formatted("b", "0/1A2B3C5", -1)));
        assertThat(run("show", "s1")).isZero();
        assertThat(out.toString()).containsOnlyOnce("binlog.000002:4711 GTID 0-1-99").contains("12 ms");
        out.getBuffer().setLength(0);
        assertThat(run("show", "s1")).isZero();
        assertThat(out.toString()).contains("of each database: see --json").doesNotContain("held up");
    }

    /** Whoever restores relies on it; the set is as it is, so that this is no failure. */
    @Test
    void show_says_what_was_asked_for_and_is_not_in_the_set() {
        String set = """
                {"set":{"id":"s1","source":"shop","takenAt":"2026-01-01T00:00:00Z","complete":false},"databases":[],"openWithoutUs":[],%s}""";
        server.answers("GET /sets/s1", 200, set.formatted("\"missing\":[{\"name\":\"orders\",\"reason\":\"it went away\"}],"
                        + "\"missingDatabases\":1,\"globalsMissing\":\"they could not be read\""))
                .answers("GET /sets/s1", 200, set.formatted("\"missing\":[],\"missingDatabases\":1"))
                .answers("GET /sets/s1", 200, set.formatted("\"missing\":[],\"missingDatabases\":2"));
        assertThat(run("show", "s1")).isZero();
        assertThat(out.toString().lines()).contains("MISSING: orders: it went away", "MISSING: roles or accounts: they could not be read")
                .filteredOn(line -> line.contains("MISSING")).hasSize(2);
        out.getBuffer().setLength(0);
        assertThat(run("show", "s1")).isZero();
        assertThat(out.toString()).contains("MISSING: 1 database; the encrypted manifest names it, for");
        assertThat(run("show", "s1")).isZero();
        assertThat(out.toString()).contains("MISSING: 2 databases; the encrypted manifest names them, for");
    }

    @Test
    void a_run_that_is_given_up_says_what_was_done_and_what_is_left() {
        server.answers("POST /runs/" + ID + "/discard", 200, "{\"run\":\"" + ID + "\",\"dropped\":[\"dbbackup_restoring_1\"],"
                + "\"notes\":[\"given up: dropped\",\"database \\\"x\\\" has a part\"]}");
        assertThat(run("discard", ID)).isZero();
        assertThat(out.toString()).isEqualTo("given up: dropped\ndatabase \"x\" has a part\n");
    }

    @Test
    void what_waits_for_somebody_says_how_to_get_rid_of_it_and_a_run_that_was_given_up_says_so() {
        String failed = FAILED.replaceFirst("\\{", "{\"discardedAt\":\"2026-01-01T00:02:00Z\",");
        server.answers("GET /status", 200, "{\"product\":\"dbbackup\",\"node\":\"n\",\"failed\":[" + failed + "]}")
                .answers("GET /runs/" + ID, 200, failed);
        assertThat(run("status")).isZero();
        assertThat(out.toString()).contains("dbbackup discard RUN gives up");
        out.getBuffer().setLength(0);
        assertThat(run("runs", ID)).isZero();
        assertThat(out.toString()).contains("failed (given up)").contains("Discarded at").doesNotContain("To give it up");
    }

    @Test
    void a_list_says_what_a_store_means_for_a_list() {
        assertThat(run("list", "--help")).isZero();
        assertThat(out.toString()).contains("--store=NAME", "Only sets that have a copy").doesNotContain("The copy in this store");
        out.getBuffer().setLength(0);
        assertThat(run("show", "--help")).isZero();
        assertThat(out.toString()).contains("The copy in this store");
    }

    @Test
    void a_limit_below_one_is_a_mistake_and_no_empty_list() {
        for (String list : List.of("runs", "list")) {
            for (String limit : List.of("0", "-3")) {
                assertThat(run(list, "--limit", limit)).isEqualTo(64);
                assertThat(err.toString()).contains("--limit is " + limit, "from 1 on");
            }
        }
        assertThat(out.toString()).isEmpty();
        assertThat(server.asked()).isEmpty();
    }

    @Test
    void a_configuration_is_sent_as_it_is_and_its_errors_are_shown_with_their_lines() throws IOException {
        Path file = Files.writeString(directory.resolve("c.yaml"), "sources: []\n");
        server.answers("PUT /config", 200, "{\"dryRun\":true,\"changes\":[{\"kind\":\"store\",\"name\":\"d\",\"action\":\"CREATED\"}]}")
                .answers("PUT /config", 422, """
                        {"code":"INVALID_CONFIGURATION","cause":"the configuration has an error:\\n  line 1, column 1: x",
                        "remedy":"Correct the file.","exitCode":78}""");
        assertThat(run("apply", "-f", file.toString(), "--dry-run")).isZero();
        assertThat(server.asked("PUT", "/config").body()).isEqualTo("sources: []\n");
        assertThat(server.asked("PUT", "/config").query()).isEqualTo("dryRun=true");
        assertThat(out.toString()).contains("WOULD BE", "created");
        assertThat(run("apply", "-f", file.toString())).isEqualTo(78);
        assertThat(err.toString()).contains("line 1, column 1: x");
        assertThat(run("apply", "-f", "/does/not/exist")).isEqualTo(66);
    }

    @Test
    void an_import_says_what_came_into_the_catalog_and_what_could_not() {
        server.answers("POST /catalog/imports", 200, importJson("true", 1));
        assertThat(run("catalog", "import", "--from", "disk", "--source", "shop", "--dry-run")).isEqualTo(65);
        assertThat(server.asked("POST", "/catalog/imports").body())
                .isEqualTo("{\"from\":\"disk\",\"source\":\"shop\",\"dryRun\":\"true\"}");
        assertThat(out.toString()).contains("20260101T000000.000Z_p0000_00000001", "2.0 KiB", "incomplete encrypted");
        assertThat(err.toString()).contains(
                "shop/x/: MANIFEST_INVALID: it was edited", "HINT: Use another copy.", "2 sets found, 1 would be imported");
        assertThat(run("catalog", "import")).isEqualTo(64);
        assertThat(run("catalog")).isEqualTo(64);
    }

    @Test
    void sets_are_verified_restored_and_listed_straight_from_a_store_and_it_is_said_what_that_does() {
        server.answers("POST /catalog/imports", 200, importJson("false", 0))
                .answers("POST /catalog/imports", 200, importJson("false", 0))
                .answers("POST /catalog/imports", 200, importJson("false", 0))
                .answers("POST /jobs/verify/runs", 202, RUNNING)
                .answers("POST /jobs/restore/runs", 202, RUNNING)
                .answers("GET /sets", 200, "{\"items\":[]}");
        assertThat(run("verify", "latest:shop", "--from", "file:///b")).isZero();
        assertThat(server.asked("POST", "/catalog/imports").body()).isEqualTo("{\"from\":\"file:///b\",\"source\":\"shop\"}");
        assertThat(server.asked("POST", "/jobs/verify/runs").body()).contains("\"store\":\"disk\"");
        assertThat(err.toString()).contains("Registered the store as disk", "1 imported").doesNotContain("WARNING");
        assertThat(run("restore", "S", "--target", "new", "--from", "disk")).isZero();
        assertThat(server.asked("POST", "/jobs/restore/runs").body()).contains("\"store\":\"disk\"");
        assertThat(run("list", "--from", "disk")).isZero();
        assertThat(server.asked("GET", "/sets").query()).contains("store=disk");
        assertThat(run("verify", "S", "--from", "a", "--store", "b")).isEqualTo(64);
    }

    @Test
    void the_latest_straight_from_a_store_is_not_the_newest_without_a_word_when_sets_were_refused() {
        server.answers("POST /catalog/imports", 200, importJson("false", 1)).answers("POST /jobs/verify/runs", 202, RUNNING);
        assertThat(run("verify", "latest:shop", "--from", "disk")).isZero();
        assertThat(err.toString()).contains("MANIFEST_INVALID", "WARNING: latest:shop means the newest of the other sets in store disk");
        err.getBuffer().setLength(0);
        assertThat(run("verify", "S", "--from", "disk")).isZero();
        assertThat(err.toString()).doesNotContain("WARNING");
    }

    @Test
    void a_copy_names_set_stores_and_policy() {
        server.answers("POST /jobs/copy/runs", 202, RUNNING);
        assertThat(run("copy", "latest:shop", "--to", "offsite", "--store", "disk", "--policy", "yearly")).isZero();
        assertThat(server.asked("POST", "/jobs/copy/runs").body()).isEqualTo("{\"parameters\":{\"set\":\"latest:shop\","
                + "\"to\":\"offsite\",\"store\":\"disk\",\"policy\":\"yearly\"}}");
        assertThat(run("copy", "latest:shop")).isEqualTo(64);
    }

    private static String importJson(String dryRun, int refused) {
        return """
                {"store":"disk","registered":%b,"dryRun":%s,"found":2,"imported":1,"known":0,"skipped":0,"refused":%d,
                "sets":[{"set":"20260101T000000.000Z_p0000_00000001","source":"shop","takenAt":"2026-01-01T00:00:00Z",
                "complete":false,"encrypted":true,"storedBytes":2048}],
                "problems":[{"prefix":"shop/x/","problem":{"code":"MANIFEST_INVALID","cause":"it was edited",
                "remedy":"Use another copy."}}],"omitted":0}""".formatted(!Boolean.parseBoolean(dryRun), dryRun, refused);
    }

    @Test
    void a_report_is_passed_on_as_csv_or_shown_as_a_table() {
        server.answers("GET /report", 200, "text/csv", "run,job\r\n1,backup\r\n")
                .answers("GET /report", 200, "{\"runs\":[{\"job\":\"verify\",\"label\":\"verify s\",\"state\":\"FAILED\","
                        + "\"verification\":{\"level\":\"CONTENT\",\"passed\":false}}]}");
        assertThat(run("report", "--format", "csv", "--from", "2026-01-01")).isZero();
        assertThat(out).hasToString("run,job\r\n1,backup\r\n");
        assertThat(run("report")).isZero();
        assertThat(out.toString()).contains("content FAILED", "verify s");
    }

    @Test
    void the_doctor_tries_everything_and_fails_like_the_first_failure() {
        server.answers("GET /config", 200, "{\"sources\":[{\"name\":\"shop\"}],\"stores\":[{\"name\":\"disk\"}]}")
                .answers("GET /sources/shop/check", 503, "{\"code\":\"DATABASE_UNREACHABLE\",\"cause\":\"no\",\"remedy\":\"Start it.\",\"exitCode\":69}")
                .answers("GET /stores/disk/check", 200, "{\"name\":\"disk\",\"freeBytes\":1073741824}");
        assertThat(run("doctor")).isEqualTo(69);
        assertThat(out.toString()).contains("FAIL  source shop: DATABASE_UNREACHABLE: no", "HINT: Start it.",
                "ok    store disk: 1.0 GiB free");
    }

    @Test
    void the_doctor_says_per_policy_what_its_account_lacks_and_only_warns_where_no_policy_backs_up() {
        String lacks = "\"problem\":{\"code\":\"DATABASE_PRIVILEGE_MISSING\",\"cause\":\"it lacks %s\",\"remedy\":\"Grant it.\"},\"exitCode\":77";
        server.answers("GET /config", 200, "{\"sources\":[{\"name\":\"shop\"},{\"name\":\"spare\"}]}")
                .answers("GET /sources/shop/check", 200, "{\"name\":\"shop\",\"backups\":[{\"policy\":\"nightly\"," + lacks.formatted("EVENT") + "},"
                        + "{\"policy\":\"weekly\",\"warnings\":[\"no BINLOG ADMIN\"]}]}")
                .answers("GET /sources/spare/check", 200, "{\"name\":\"spare\",\"backups\":[{" + lacks.formatted("SELECT") + "}]}")
                .answers("GET /sets", 200, "{\"items\":[{\"id\":\"s1\"}]}");
        assertThat(run("doctor")).isEqualTo(77);
        assertThat(out.toString()).contains(
                "FAIL  policy nightly: DATABASE_PRIVILEGE_MISSING: it lacks EVENT", "HINT: Grant it.", "ok    policy weekly",
                "WARNING: no BINLOG ADMIN", "WARN  source spare: no policy backs it up", "it lacks SELECT");
    }

    @Test
    void of_a_source_that_is_there_to_be_restored_into_the_doctor_wants_no_privileges_of_backups() {
        server.answers("GET /config", 200, "{\"sources\":[{\"name\":\"spare\"}]}")
                .answers("GET /sources/spare/check", 200, "{\"name\":\"spare\",\"backups\":[{\"problem\":{\"code\":"
                        + "\"DATABASE_PRIVILEGE_MISSING\",\"cause\":\"it lacks SELECT\",\"remedy\":\"Grant it.\"},\"exitCode\":77}]}")
                .answers("GET /sets", 200, "{\"items\":[]}");
        assertThat(run("doctor")).isZero();
        assertThat(out.toString()).contains("ok    source spare", "taken for a target of restores", "it lacks SELECT")
                .doesNotContain("WARN", "HINT");
        assertThat(server.asked("GET", "/sets").query()).contains("source=spare", "limit=1");
    }

    @Test
    void statements_that_a_remedy_names_are_on_lines_of_their_own() {
        String problem = "\"problem\":{\"code\":\"DATABASE_PRIVILEGE_MISSING\",\"cause\":\"it lacks A and B\","
                + "\"remedy\":\"Execute on the source:\\nGRANT A ON *.* TO `x`@`y`;\\nGRANT B ON `c`.* TO `x`@`y`;\\nWithout them it fails.\"}";
        List<String> wanted = List.of("HINT: Execute on the source:", "GRANT A ON *.* TO `x`@`y`;", "GRANT B ON `c`.* TO `x`@`y`;", "Without them it fails.");
        server.answers("GET /config", 200, "{\"sources\":[{\"name\":\"shop\"}]}")
                .answers("GET /sources/shop/check", 200, "{\"name\":\"shop\",\"backups\":[{\"policy\":\"nightly\"," + problem + ",\"exitCode\":77,"
                        + "\"warnings\":[\"it lacks C.\\nGRANT C ON *.* TO `x`@`y`;\\nWithout C it is slow.\"]}]}");
        assertThat(run("doctor")).isEqualTo(77);
        assertThat(out.toString().lines()).containsSubsequence(wanted.stream().map(line -> "      " + line).toList())
                .containsSubsequence("      WARNING: it lacks C.", "      GRANT C ON *.* TO `x`@`y`;", "      Without C it is slow.");
        server.answers("POST /jobs/backup/runs", 202, runJson("FAILED", ",\"exitCode\":77," + problem
                + ",\"hint\":\"Execute on the source:\\nGRANT A ON *.* TO `x`@`y`;\\nGRANT B ON `c`.* TO `x`@`y`;\\nWithout them it fails.\","
                + "\"warnings\":[\"it lacks C.\\nGRANT C ON *.* TO `x`@`y`;\"]"));
        assertThat(run("backup", "nightly", "--wait")).isEqualTo(77);
        assertThat(err.toString().lines()).containsSubsequence(wanted);
        assertThat(out.toString().lines()).containsSubsequence("  WARNING: it lacks C.", "  GRANT C ON *.* TO `x`@`y`;");
    }

    @Test
    void the_doctor_reads_the_keys_since_a_backup_needs_them() {
        server.answers("GET /config", 200, "{\"sources\":[],\"keys\":[{\"name\":\"office\"},{\"name\":\"offsite\"}]}")
                .answers("GET /keys", 200, """
                        [{"name":"office","type":"key-file","opens":false,"problem":"key \\"office\\": /x cannot be read"},
                        {"name":"offsite","type":"x25519","id":"x25519:65f0db449049a7cc","opens":false,"problem":null}]""");
        assertThat(run("doctor")).isEqualTo(78);
        assertThat(out.toString()).contains("FAIL  key office: KEY_INVALID: key \"office\": /x cannot be read", "HINT: Provide it",
                "ok    key offsite: x25519:65f0db449049a7cc, encrypts");
    }

    @Test
    void a_checked_store_says_what_it_can_do_and_what_its_retention_means() {
        server.answers("GET /stores/bucket/check", 200, "{\"name\":\"bucket\",\"capabilities\":{\"atomicCreateOnly\":true,"
                + "\"knowsFreeSpace\":false,\"resumableUploads\":true,\"versioning\":true,\"objectLock\":true,"
                + "\"lockDays\":30},\"freeBytes\":null}");
        assertThat(run("stores", "check", "bucket")).isZero();
        assertThat(out.toString()).contains("bucket can be written", "Create only: yes", "Resume:      yes", "Versions:    yes",
                "cannot be deleted for 30 days", "delete refused until");
        out.getBuffer().setLength(0);
        assertThat(run("stores", "check", "bucket", "--json")).isZero();
        assertThat(out.toString()).contains("\"lockDays\" : 30");
        server.answers("GET /stores/closed/check", 403,
                "{\"code\":\"STORE_ACCESS_DENIED\",\"cause\":\"no\",\"remedy\":\"Allow it.\",\"exitCode\":77}");
        assertThat(run("stores", "check", "closed")).isEqualTo(77);
        assertThat(run("stores")).isEqualTo(64);
    }

    private int run(String... args) {
        Terminal person = new Terminal() {
            @Override
            public boolean interactive() {
                return terminal;
            }

            @Override
            public Optional<String> ask(String prompt) {
                return terminal ? Optional.ofNullable(typed.poll()) : Optional.empty();
            }

            @Override
            public Optional<String> askSecret(String prompt) {
                if (variables.containsKey("DBBACKUP_PASSWORD_FILE")) {
                    throw new AssertionError("asked for a password");
                }
                return Optional.empty();
            }
        };
        return Main.commandLine(new Shared(person, new Environment(variables)), new PrintWriter(out, true), new PrintWriter(err, true))
                .execute(args);
    }

    private static String runJson(String state, String more) {
        return """
                {"id":"%s","job":"backup","label":"back up shop","state":"%s","startedAt":"2026-01-01T00:00:00Z",
                "progress":{"items":{"total":10,"done":3,"running":0,"failed":0,"skipped":0},"bytesDone":512,
                "bytesTotal":1024}%s}"""
                .formatted(ID, state, more);
    }

    private static String lines(String... lines) {
        return String.join(System.lineSeparator(), lines) + System.lineSeparator();
    }
}
