package io.dbbackup.engine.postgresql.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.engine.postgresql.PgConnections;
import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.engine.postgresql.PostgresEngine;
import io.dbbackup.engine.postgresql.PostgresVersions;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.ServerFacts;
import io.dbbackup.spi.DatabaseEngine.Sandbox;
import io.dbbackup.throwaway.PostgresBinaries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PostgresSandboxTest {
    private static ServerFacts facts(int major) {
        return new ServerFacts("postgresql", major + ".0", major, "1", "UTC", Map.of());
    }

    @Test
    void a_sandbox_is_a_server_of_the_same_version_and_leaves_nothing() throws IOException, SQLException {
        int major = PostgresBinaries.newest().majorVersion();
        Path directory = Files.createTempDirectory(Path.of("/tmp"), "dbbackup-sandbox-test");
        // as root the server runs as somebody else, who must be able to get there
        directory.toFile().setExecutable(true, false);
        try (Sandbox sandbox = new PostgresEngine().startSandbox(facts(major), directory)) {
            try (Connection connection = PgConnections.open(sandbox.endpoint(), "postgres", "test")) {
                Sql sql = new Sql(connection, sandbox.endpoint());
                assertThat(sql.number("SELECT current_setting('server_version_num')::int / 10000")).isEqualTo(major);
                assertThat(sql.text("SHOW wal_level")).isEqualTo("minimal");
                assertThat(sql.text("SHOW fsync")).isEqualTo("off");
            }
        }
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).isEmpty();
        }
        Files.delete(directory);
    }

    @Test
    void a_version_that_is_missing_here_is_replaced_by_the_next_newer_one_and_the_report_says_so() throws IOException {
        List<PostgresBinaries> some = List.of(PostgresVersions.of(18), PostgresVersions.of(16), PostgresVersions.of(13));
        assertThat(PostgresSandbox.choose(some, 13).majorVersion()).isEqualTo(13);
        assertThat(PostgresSandbox.choose(some, 14).majorVersion()).isEqualTo(16);
        int major = PostgresBinaries.newest().majorVersion();
        Path directory = Files.createTempDirectory(Path.of("/tmp"), "dbbackup-sandbox-test");
        directory.toFile().setExecutable(true, false);
        try (Sandbox sandbox = new PostgresEngine().startSandbox(facts(12), directory)) {
            assertThat(sandbox.deviation()).hasValueSatisfying(sentence -> assertThat(sentence).contains("12"));
        }
        try (Sandbox sandbox = new PostgresEngine().startSandbox(facts(major), directory)) {
            assertThat(sandbox.deviation()).isEmpty();
        }
        Files.delete(directory);
    }

    @Test
    void a_version_without_programs_is_refused_with_what_to_install() {
        assertThatThrownBy(() -> PostgresSandbox.start(facts(97), Path.of("/tmp")))
                .isInstanceOfSatisfying(BackupException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.TOOL_MISSING);
                    assertThat(e.problem().remedy()).contains("apt-get install postgresql-97");
                });
    }
}
