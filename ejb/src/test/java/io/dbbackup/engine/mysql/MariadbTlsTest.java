package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.throwaway.MysqlInstance;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A MariaDB whose certificate only a CA of our own has signed. */
class MariadbTlsTest {
    /** Two CAs, and a server's certificate by the first, for 127.0.0.1 and not for localhost. */
    private static final String CERTIFICATES = """
            set -e
            for name in ca other; do
                openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$name" -keyout $name.key -out $name.pem
            done
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=db.example.org -keyout server.key -out server.csr
            printf 'subjectAltName=IP:127.0.0.1,DNS:db.example.org' > server.ext
            openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -set_serial 7 -days 2 -extfile server.ext -out server.pem
            cat other.pem ca.pem > both.pem
            chmod a+r *
            """;

    @TempDir
    private static Path directory;

    private static MysqlInstance instance;

    @BeforeAll
    static void start() throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Process made = new ProcessBuilder("bash", "-c", CERTIFICATES).directory(directory.toFile()).redirectErrorStream(true).start();
        String said = new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(made.waitFor()).as(said).isZero();
        instance = MysqlInstance.start(Map.of("ssl-cert", file("server.pem"), "ssl-key", file("server.key")));
        instance.sql("mysql", "CREATE DATABASE shop; CREATE TABLE shop.t (id int PRIMARY KEY); INSERT INTO shop.t VALUES (1), (2)");
    }

    @AfterAll
    static void end() {
        if (instance != null) {
            instance.close();
        }
    }

    @Test
    void the_ca_that_signed_the_servers_certificate_is_trusted_and_a_backup_goes_through() throws IOException {
        for (String mode : List.of("VERIFY_CA", "VERIFY_IDENTITY")) {
            for (String ca : List.of("ca.pem", "both.pem")) {
                assertThat(cipher(endpoint("127.0.0.1", Map.of("sslMode", mode, "sslCa", file(ca))))).as(mode + " " + ca).startsWith("TLS");
            }
        }
        Endpoint source = endpoint("127.0.0.1", Map.of("sslMode", "VERIFY_IDENTITY", "sslCa", file("ca.pem")));
        try (BackupRun backup = new BackupRun(
                new MariadbEngine(), source, BackupRun.spec(1 << 20, "shop"), Files.createDirectory(directory.resolve("set")), 2)) {
            assertThat(backup.complete().manifest().rows()).isEqualTo(2);
        }
    }

    @Test
    void many_rows_at_a_time_go_in_over_tls_and_without() throws Exception {
        for (String mode : List.of("DISABLED", "REQUIRED")) {
            instance.sql("mysql", "CREATE OR REPLACE DATABASE many; CREATE TABLE many.taken (id int PRIMARY KEY, v varbinary(20))");
            try (Session session = Session.open(endpoint("127.0.0.1", Map.of("sslMode", mode)), "many", "test");
                    BulkInsert insert = BulkInsert.of(session, "INSERT INTO taken (id, v) VALUES (?, ?)").orElseThrow()) {
                byte[] rows = "1\ta\\tb\n2\t\\N\n3\t\n".getBytes(StandardCharsets.US_ASCII);
                List<Long> judged = new ArrayList<>();
                assertThat(insert.load(new ByteArrayInputStream(rows), List.of(), judged::add)).isEqualTo(3);
                assertThat(judged).isEmpty();
                assertThat(insert.rest()).isEmpty();
                assertThat(session.sql().text("SELECT @@version")).contains("MariaDB");
            }
            assertThat(instance.sql("many", "SELECT id, hex(v) FROM taken ORDER BY id")).isEqualTo("1\t610962\n2\tNULL\n3\t\n");
        }
    }

    @Test
    void another_ca_is_refused_with_what_to_do() {
        for (Map<String, String> options : List.of(
            Map.of("sslMode", "VERIFY_CA", "sslCa", file("other.pem")), Map.of("sslMode", "VERIFY_IDENTITY"))) {
            BackupException refused = refusal(endpoint("127.0.0.1", options));
            assertThat(refused.code()).isEqualTo(ErrorCode.DATABASE_UNREACHABLE);
            assertThat(refused.problem().cause()).contains("certificate is not trusted", options.getOrDefault("sslCa", "certificates of Java"));
            assertThat(refused.problem().remedy()).contains("as sslCa of \"tls\"");
        }
    }

    @Test
    void a_certificate_of_another_host_is_refused_by_verify_identity_alone() {
        Map<String, String> identity = Map.of("sslMode", "VERIFY_IDENTITY", "sslCa", file("ca.pem"));
        assertThat(refusal(endpoint("localhost", identity)).problem().toString())
                .contains("not trusted", "host must be a name in the server's certificate");
        assertThat(cipher(endpoint("localhost", Map.of("sslMode", "VERIFY_CA", "sslCa", file("ca.pem"))))).startsWith("TLS");
    }

    @Test
    void a_file_that_is_no_certificate_and_a_mode_that_looks_at_none_are_wrong_configurations() throws IOException {
        Path empty = Files.writeString(directory.resolve("empty.pem"), "");
        for (String file : List.of(empty.toString(), file("missing.pem"), file("server.ext"))) {
            BackupException refused = refusal(endpoint("127.0.0.1", Map.of("sslMode", "VERIFY_CA", "sslCa", file)));
            assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_CONFIGURATION);
            assertThat(refused.problem().cause()).contains("sslCa of \"tls\"", file);
        }
        for (Map<String, String> options : List.of(Map.of("sslCa", "/ca.pem"), Map.of("sslCa", "/ca.pem", "sslMode", "REQUIRED"))) {
            BackupException refused = catchThrowableOfType(BackupException.class, () -> new MariadbEngine().validateTogether(options));
            assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_CONFIGURATION);
        }
        assertThat(catchThrowableOfType(BackupException.class, () -> new MariadbEngine().validate(Map.of("sslCa", " "))).code())
                .isEqualTo(ErrorCode.INVALID_CONFIGURATION);
    }

    private static String cipher(Endpoint endpoint) {
        try (Session session = Session.open(endpoint, "shop", "test")) {
            return session.sql().first("SHOW SESSION STATUS LIKE 'Ssl_version'", row -> row.getString(2)).orElseThrow();
        }
    }

    private static BackupException refusal(Endpoint endpoint) {
        BackupException refused = catchThrowableOfType(BackupException.class, () -> cipher(endpoint));
        assertThat(refused).isNotNull();
        return refused;
    }

    private static Endpoint endpoint(String host, Map<String, String> options) {
        return new Endpoint(
                "tls", "mariadb", host, instance.port(), instance.user(), () -> Optional.of(instance.password()), "", options);
    }

    private static String file(String name) {
        return directory.resolve(name).toString();
    }
}
