package io.dbbackup.incontainer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.dbbackup.throwaway.PostgresInstance;
import java.io.File;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.spec.EnterpriseArchive;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The API as it is deployed, with a real database, a real store and a real mail server. */
@ExtendWith(ArquillianExtension.class)
@RunAsClient
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RestIT {
    private static final String CONFIGURATION = """
            sources:
              - {name: shop, engine: postgresql, host: 127.0.0.1, port: %1$d, user: %2$s, password_file: %3$s}
            stores:
              - {name: disk, type: file, path: %4$s}
              - {name: offsite, type: file, path: %4$s-2}
            policies:
              - {name: nightly, source: shop, store: disk, part_size: 1M, retention: {last: 1}}
            notifications:
              - {name: dba, type: mail, when: always, to: dba@example.org}
            """;

    @Deployment(testable = false)
    static EnterpriseArchive the_ear_as_it_is_shipped() {
        return ShrinkWrap.createFromZipFile(EnterpriseArchive.class, new File(System.getProperty("dbbackup.test.ear")));
    }

    @Test
    void what_is_refused_is_a_problem_with_code_cause_remedy_and_exit_status() {
        problem(Api.get("", "/status"), 401, "UNAUTHENTICATED", 77);
        problem(Api.post("viewer", "/jobs/backup/runs", "{}"), 403, "FORBIDDEN", 77);
        problem(Api.send("operator", "PUT", "/config", "sources: []", "application/yaml"), 403, "FORBIDDEN", 77);
        problem(Api.get("viewer", "/nothing"), 404, "INVALID_REQUEST", 64);
        problem(Api.get("viewer", "/runs/none"), 404, "UNKNOWN_RUN", 66);
        problem(Api.post("viewer", "/runs/none/discard", "{}"), 403, "FORBIDDEN", 77);
        problem(Api.post("operator", "/runs/none/discard", "{}"), 404, "UNKNOWN_RUN", 66);
        problem(Api.get("viewer", "/sets/latest:none"), 404, "UNKNOWN_BACKUP_SET", 66);
        problem(Api.get("viewer", "/runs?limit=1000"), 422, "INVALID_PARAMETER", 64);
        problem(Api.get("viewer", "/runs?state=odd"), 422, "INVALID_PARAMETER", 64);
        problem(Api.get("viewer", "/report?from=yesterday"), 422, "INVALID_PARAMETER", 64);
        Api.Answer method = Api.send("admin", "DELETE", "/runs", "", "application/json");
        problem(method, 405, "INVALID_REQUEST", 64);
        assertThat(method.header("Allow")).contains("GET");
        problem(Api.send("operator", "POST", "/jobs/backup/runs", "x", "text/plain"), 415, "INVALID_REQUEST", 64);
        Api.Answer malformed = Api.post("operator", "/jobs/backup/runs", "{\"parameters\":");
        problem(malformed, 400, "INVALID_REQUEST", 64);
        assertThat(malformed.body().path("cause").asText()).startsWith("the body is not JSON (line 1");
        problem(Api.post("operator", "/jobs/backup/runs", "{\"policy\":\"x\"}"), 400, "INVALID_REQUEST", 64);
        problem(parameters("operator", "backup", "\"policy\":\"none\""), 422, "UNKNOWN_POLICY", 66);
        problem(parameters("operator", "backup", "\"polcy\":\"none\""), 422, "INVALID_PARAMETER", 64);
    }

    @Test
    void a_path_that_nobody_may_use_is_unknown_and_not_a_matter_of_roles() throws Exception {
        HttpResponse<String> answer = Http.application("GET", "/", Http.as("admin"));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(404);
        assertThat(answer.body()).contains("there is nothing at /").doesNotContain("role");
    }

    @Test
    void a_configuration_with_errors_is_refused_with_every_place_and_changes_nothing() {
        Api.Answer refused = Api.send(
                "admin", "PUT", "/config", "stores:\n  - {name: odd, typ: file}\nsource: []\n", "application/yaml");
        problem(refused, 422, "INVALID_CONFIGURATION", 78);
        assertThat(refused.body().path("errors")).hasSize(3);
        assertThat(refused.body().path("errors").get(1).path("line").asInt()).isEqualTo(2);
        assertThat(refused.body().path("errors").get(1).path("allowed").asText()).contains("Did you mean \"type\"?");
        assertThat(Api.get("viewer", "/config").text()).doesNotContain("odd");
        Api.Answer dry = Api.send(
                "admin", "PUT", "/config?dryRun=perhaps", "stores: []", "application/yaml");
        problem(dry, 422, "INVALID_PARAMETER", 64);
    }

    @Test
    void a_backup_is_started_once_per_key_watched_verified_reported_and_mailed(@TempDir Path directory) throws Exception {
        GreenMail smtp = new GreenMail(new ServerSetup(
                Integer.getInteger("dbbackup.test.mail.port"), "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
        smtp.start();
        try (PostgresInstance shop = PostgresInstance.builder().start()) {
            fill(shop);
            configure(shop, directory);

            Api.Answer started = parameters("operator", "backup", "\"policy\":\"nightly\"", "Idempotency-Key", "key-" + shop.port());
            assertThat(started.status()).as(started.text()).isEqualTo(202);
            String run = started.body().path("id").asText();
            assertThat(started.header("Location")).endsWith("/api/v1/runs/" + run);
            Api.Answer again = parameters("operator", "backup", "\"policy\":\"nightly\"", "Idempotency-Key", "key-" + shop.port());
            assertThat(again.status()).isEqualTo(202);
            assertThat(again.body().path("id").asText()).isEqualTo(run);
            problem(
                    parameters("operator", "backup", "\"policy\":\"nightly\",\"level\":5", "Idempotency-Key", "key-" + shop.port()),
                    422,
                    "INVALID_PARAMETER",
                    64);

            JsonNode done = ended(run);
            assertThat(done.path("state").asText()).as(done.toString()).isEqualTo("SUCCEEDED");
            assertThat(done.path("exitCode").asInt()).isZero();
            assertThat(done.path("startedBy").asText()).isEqualTo("operator");
            assertThat(done.path("steps")).hasSize(3);
            assertThat(done.path("executionStartedAt").asText()).isEqualTo(done.path("startedAt").asText());
            assertThat(done.path("progress").path("bytesDone").asLong()).isPositive();
            assertThat(Api.get("viewer", "/runs/" + run + "/items?limit=1").body().path("next").asText()).contains("after=");
            problem(Api.post("operator", "/runs/" + run + "/discard", "{}"), 409, "RUN_NOT_RESTARTABLE", 64);
            problem(Api.post("operator", "/runs/" + run + "/stop", "{}"), 409, "RUN_ALREADY_ENDED", 64);

            Api.Answer set = Api.get("viewer", "/sets/latest:shop");
            assertThat(set.body().path("databases").findValuesAsText("name")).contains("orders");
            assertThat(set.body().path("openWithoutUs")).isNotEmpty();
            assertThat(set.body().path("missingDatabases").asInt(-1)).isZero();
            assertThat(set.body().has("globalsMissing")).isFalse();

            Api.Answer verified = Api.post(
                    "operator", "/jobs/verify/runs?wait=120s", "{\"parameters\":{\"set\":\"latest:shop\",\"level\":\"content\"}}");
            JsonNode verification = ended(verified.body().path("id").asText());
            assertThat(verification.path("exitCode").asInt()).as(verification.toString()).isZero();
            Api.Answer report = Api.get("viewer", "/verifications/" + verification.path("id").asText());
            assertThat(report.body().path("passed").asBoolean()).as(report.text()).isTrue();
            assertThat(report.body().path("findings")).isNotEmpty();

            problem(parameters("operator", "retention", "\"policy\":\"nightly\""), 403, "FORBIDDEN", 77);
            assertThat(parameters("operator", "retention", "\"policy\":\"nightly\",\"dryRun\":true").status()).isEqualTo(202);

            copies(directory);

            String csv = Api.get("viewer", "/report?format=csv").text();
            assertThat(csv.lines().filter(line -> line.startsWith(run)))
                    .singleElement()
                    .asString()
                    .contains("operator,rest", "COMPLETED", "SUCCEEDED");
            assertThat(csv).doesNotContain(shop.password());
            assertThat(Api.get("viewer", "/report").body().path("runs").findValuesAsText("run")).contains(run);

            assertThat(smtp.waitForIncomingEmail(60_000, 2)).isTrue();
            assertThat(smtp.getReceivedMessages()[0].getSubject()).isEqualTo("[dbbackup] succeeded: backup of shop to disk");
        } finally {
            smtp.stop();
        }
    }

    /** The last one: where keys are configured, a backup that is not encrypted ends with a warning. */
    @Test
    @Order(Integer.MAX_VALUE)
    void keys_are_shown_let_others_open_a_set_and_existing_sets_are_encrypted_and_decrypted(@TempDir Path directory)
            throws Exception {
        try (PostgresInstance shop = PostgresInstance.builder().start()) {
            fill(shop);
            Path password = Files.writeString(directory.resolve("password"), shop.password());
            Path store = Files.createDirectories(directory.resolve("store"));
            String secret = keyFile(directory.resolve("first.key"), (byte) 1);
            keyFile(directory.resolve("second.key"), (byte) 2);
            Api.Answer applied = Api.send("admin", "PUT", "/config", """
                    sources:
                      - {name: vaulted, engine: postgresql, host: 127.0.0.1, port: %d, user: %s, password_file: %s}
                    stores:
                      - {name: vault, type: file, path: %s, bandwidth: 500 MiB/s}
                    keys:
                      - {name: first, type: key-file, file: %s}
                      - {name: second, type: key-file, file: %s}
                      - {name: gone, type: key-file, file: /nowhere/gone.key}
                    """.formatted(shop.port(), shop.user(), password, store, directory.resolve("first.key"),
                            directory.resolve("second.key")), "application/yaml");
            assertThat(applied.status()).as(applied.text()).isEqualTo(200);

            problem(Api.get("", "/keys"), 401, "UNAUTHENTICATED", 77);
            Api.Answer keys = Api.get("viewer", "/keys");
            assertThat(keys.text()).doesNotContain(secret);
            assertThat(keys.body().findValuesAsText("name")).contains("first", "second", "gone");
            assertThat(keys.body()).anySatisfy(key -> {
                assertThat(key.path("name").asText()).isEqualTo("gone");
                assertThat(key.path("opens").asBoolean()).isFalse();
                assertThat(key.path("problem").asText()).isNotEmpty();
            });

            String encrypted = set("operator", "backup", "\"source\":\"vaulted\",\"store\":\"vault\",\"encrypt\":[\"first\"]");
            assertThat(recipients(encrypted)).containsExactly("first");
            String rotation = "{\"set\":\"" + encrypted + "\",\"recipients\":[\"second\"]}";
            problem(Api.post("operator", "/keys/rotations", rotation), 403, "FORBIDDEN", 77);
            problem(Api.post("admin", "/keys/rotations", "{\"set\":\"x\"}"), 422, "INVALID_PARAMETER", 64);
            problem(Api.post("admin", "/keys/rotations", rotation.replace("second", "third")), 422, "INVALID_CONFIGURATION", 78);
            problem(Api.post("admin", "/keys/rotations", rotation.replace(encrypted, "none")), 422, "UNKNOWN_BACKUP_SET", 66);
            Api.Answer rotated = Api.post("admin", "/keys/rotations", rotation);
            assertThat(rotated.status()).as(rotated.text()).isEqualTo(200);
            assertThat(rotated.body().path("documents")).hasSize(1);
            assertThat(store.resolve("vaulted").resolve(encrypted).resolve(rotated.body().path("documents").get(0).asText()))
                    .isNotEmptyFile();
            assertThat(recipients(encrypted)).containsExactly("first", "second");

            problem(parameters("operator", "decrypt", "\"set\":\"" + encrypted + "\""), 403, "FORBIDDEN", 77);
            problem(parameters("operator", "encrypt", "\"set\":\"" + encrypted + "\""), 422, "INVALID_PARAMETER", 64);
            // the old key is away: only what the rotation wrote opens the set
            Files.delete(directory.resolve("first.key"));
            String clear = set("admin", "decrypt", "\"set\":\"" + encrypted + "\"");
            assertThat(recipients(clear)).isEmpty();
            String again = set("operator", "encrypt", "\"set\":\"" + clear + "\",\"encrypt\":\"second\"");
            assertThat(recipients(again)).containsExactly("second");
            problem(parameters("admin", "remove", "\"set\":\"" + clear + "\""), 422, "CONFIRMATION_REQUIRED", 64);
            String confirmed = "\"set\":\"" + clear + "\",\"confirm\":\"" + clear + "\"";
            problem(parameters("operator", "remove", confirmed), 403, "FORBIDDEN", 77);
            JsonNode removed = ended(parameters("admin", "remove", confirmed).body().path("id").asText());
            assertThat(removed.path("exitCode").asInt(1)).as(removed.toString()).isZero();
            problem(Api.get("viewer", "/sets/" + clear), 404, "UNKNOWN_BACKUP_SET", 66);

            JsonNode restored = ended(parameters(
                            "operator", "restore",
                            "\"set\":\"" + again + "\",\"target\":\"vaulted\",\"databases\":\"orders=again\",\"globals\":\"none\"")
                    .body().path("id").asText());
            assertThat(restored.path("exitCode").asInt(1)).as(restored.toString()).isZero();
            assertThat(restored.path("summary").path("tablesEqual").asInt())
                    .as(restored.path("summary").toString()).isPositive();
        }
    }

    @Test
    void the_program_that_opens_sets_without_us_can_be_downloaded() throws Exception {
        assertThat(Http.application("GET", "/tools/Decrypt.java", Http.as("viewer")).body())
                .isEqualTo(Files.readString(Path.of(System.getProperty("dbbackup.test.server"), "../../../docs/tools/Decrypt.java")));
    }

    private static String set(String role, String job, String parameters) {
        Api.Answer started = parameters(role, job, parameters);
        assertThat(started.status()).as(started.text()).isEqualTo(202);
        JsonNode done = ended(started.body().path("id").asText());
        assertThat(done.path("exitCode").asInt(1)).as(done.toString()).isZero();
        return done.path("summary").path("set").asText();
    }

    private static List<String> recipients(String set) {
        for (JsonNode item : Api.get("viewer", "/sets?source=vaulted").body().path("items")) {
            if (item.path("id").asText().equals(set)) {
                List<String> names = new ArrayList<>();
                item.path("recipients").forEach(name -> names.add(name.asText()));
                return names;
            }
        }
        throw new AssertionError("the set " + set + " is not listed");
    }

    private static String keyFile(Path file, byte fill) throws Exception {
        byte[] key = new byte[32];
        Arrays.fill(key, fill);
        String hex = HexFormat.of().formatHex(key);
        String line = "DBBACKUP-KEY-1:" + hex;
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(line.getBytes(StandardCharsets.US_ASCII));
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, line + ":" + HexFormat.of().formatHex(digest, 0, 4) + "\n");
        return hex;
    }

    /** A copy of a set, a backup with a copy in the same run, and an import, which knows them all. */
    private static void copies(Path directory) {
        String first = Api.get("viewer", "/sets/latest:shop").body().path("set").path("id").asText();
        Api.Answer copied = Api.post(
                "operator", "/jobs/copy/runs?wait=120s", "{\"parameters\":{\"set\":\"latest:shop\",\"to\":\"offsite\"}}");
        JsonNode copy = ended(copied.body().path("id").asText());
        assertThat(copy.path("exitCode").asInt()).as(copy.toString()).isZero();
        assertThat(copy.path("steps")).hasSize(3);
        assertThat(Api.get("viewer", "/sets/" + first).body().path("copies").findValuesAsText("store"))
                .containsExactly("disk", "offsite");

        Api.Answer backup = parameters("operator", "backup", "\"policy\":\"nightly\",\"copies\":\"offsite\"");
        JsonNode both = ended(backup.body().path("id").asText());
        assertThat(both.path("exitCode").asInt()).as(both.toString()).isZero();
        assertThat(both.path("steps")).hasSize(5);
        assertThat(both.path("summary").path("copies").findValuesAsText("to")).containsExactly("offsite");
        assertThat(Api.get("viewer", "/sets?store=offsite").body().path("items")).hasSize(2);

        Api.Answer chosen = parameters("operator", "backup", "\"source\":\"shop\",\"store\":\"disk\",\"databases\":\"orders\"");
        String part = ended(chosen.body().path("id").asText()).path("set").asText();
        JsonNode older = ended(parameters("operator", "verify", "\"set\":\"latest:shop\",\"level\":\"stored\"").body().path("id").asText());
        assertThat(older.path("state").asText()).as(older.toString()).isEqualTo("SUCCEEDED_WITH_WARNINGS");
        assertThat(older.path("set").asText()).isNotEqualTo(part);
        assertThat(older.path("warnings")).singleElement().satisfies(
                warning -> assertThat(warning.asText()).contains(part, older.path("set").asText(), "some databases only"));
        assertThat(Api.get("viewer", "/report?format=csv").text().lines().filter(line -> line.startsWith(older.path("id").asText())))
                .singleElement().asString().contains(part);

        String url = "{\"from\":\"file://" + directory.resolve("store-2") + "\"}";
        problem(Api.post("operator", "/catalog/imports", url), 403, "FORBIDDEN", 77);
        Api.Answer imported = Api.post("admin", "/catalog/imports", url);
        assertThat(imported.body().path("store").asText()).as(imported.text()).isEqualTo("offsite");
        assertThat(imported.body().path("known").asInt()).isEqualTo(2);
        assertThat(imported.body().path("refused").asInt()).isZero();
        problem(Api.post("operator", "/catalog/imports", "{\"form\":\"disk\"}"), 422, "INVALID_PARAMETER", 64);
    }

    private static void fill(PostgresInstance shop) throws Exception {
        try (Connection connection = DriverManager.getConnection(shop.jdbcUrl("postgres"), shop.user(), shop.password());
                Statement statement = connection.createStatement()) {
            statement.execute("create database orders");
        }
        try (Connection connection = DriverManager.getConnection(shop.jdbcUrl("orders"), shop.user(), shop.password());
                Statement statement = connection.createStatement()) {
            statement.execute("create table item as select g id, md5(g::text) name from generate_series(1, 50000) g");
        }
    }

    private static void configure(PostgresInstance shop, Path directory) throws Exception {
        Path password = Files.writeString(directory.resolve("password"), shop.password());
        Path store = Files.createDirectories(directory.resolve("store"));
        String yaml = CONFIGURATION.formatted(shop.port(), shop.user(), password, store);
        for (String expected : List.of("CREATED", "UNCHANGED")) {
            Api.Answer applied = Api.send("admin", "PUT", "/config?dryRun=false", yaml, "application/yaml");
            assertThat(applied.status()).as(applied.text()).isEqualTo(200);
            // other tests of this server have configured other things, which are kept
            assertThat(applied.body().path("changes").findValuesAsText("action"))
                    .filteredOn(action -> !action.equals("KEPT"))
                    .containsOnly(expected);
        }
        Api.Answer shown = Api.send("viewer", "GET", "/config", "", "application/json", "Accept", "application/yaml");
        assertThat(shown.text()).contains("password_file: " + password).doesNotContain(shop.password());
        JsonNode checked = Api.get("operator", "/sources/shop/check").body();
        assertThat(checked.path("server").path("major").asInt()).isPositive();
        assertThat(checked.path("backups").findValuesAsText("policy")).as(checked.toString()).contains("nightly");
        assertThat(checked.path("backups").findValues("problem")).as(checked.toString()).isEmpty();
        assertThat(Api.get("operator", "/stores/disk/check").status()).isEqualTo(200);
    }

    private static Api.Answer parameters(String role, String job, String parameters, String... headers) {
        return Api.post(role, "/jobs/" + job + "/runs", "{\"parameters\":{" + parameters + "}}", headers);
    }

    private static JsonNode ended(String run) {
        while (true) {
            JsonNode body = Api.get("viewer", "/runs/" + run + "?wait=60s").body();
            if (!List.of("QUEUED", "RUNNING", "STOPPING").contains(body.path("state").asText())) {
                return body;
            }
        }
    }

    private static void problem(Api.Answer answer, int status, String code, int exitCode) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.type()).startsWith("application/problem+json");
        assertThat(answer.body().path("status").asInt()).isEqualTo(status);
        assertThat(answer.body().path("code").asText()).isEqualTo(code);
        assertThat(answer.body().path("exitCode").asInt()).isEqualTo(exitCode);
        for (String field : List.of("type", "title", "detail", "instance", "cause", "remedy")) {
            assertThat(answer.body().path(field).asText()).as(field).isNotBlank();
        }
    }
}
