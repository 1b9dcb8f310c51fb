package io.dbbackup.throwaway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;

class PostgresInstanceTest {

    @Test
    void starts_answers_stops_and_leaves_nothing() throws Exception {
        Path directory;
        try (PostgresInstance server = PostgresInstance.builder().setting("work_mem", "5MB").start()) {
            directory = server.dataDirectory().getParent();
            assertThat(server.psql("postgres", "SHOW work_mem; SHOW fsync;")).isEqualTo("5MB\noff\n");
            assertThat(server.psql("postgres", "SHOW server_version_num")).startsWith("" + server.majorVersion());
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory))).isEqualTo("rwx------");
            assertThat(Files.exists(directory.resolve("superuser.password"))).isFalse();
            assertThat(server.toString()).doesNotContain(server.password());
            assertThat(server.endpoint().toString()).doesNotContain(server.password());
        }
        assertThat(directory).doesNotExist();
    }

    @Test
    void demands_the_password() {
        try (PostgresInstance server = PostgresInstance.builder().superuser("Ö b-rien").start()) {
            assertThat(server.psql("postgres", "SELECT current_user")).isEqualTo("Ö b-rien\n");
            PostgresEndpoint stranger = new PostgresEndpoint(
                    server.binaries(), server.host(), server.port(), server.user(), "wrong");
            assertThatThrownBy(() -> stranger.psql("postgres", "SELECT 1"))
                    .isInstanceOf(ThrowawayException.class)
                    .hasMessageContaining("password authentication failed");
        }
    }

    @Test
    void survives_stop_and_kill_with_its_data_and_port() {
        try (PostgresInstance server = PostgresInstance.builder().durable(true).start()) {
            server.psql("postgres", "CREATE TABLE t(i int); INSERT INTO t VALUES (1)");
            int port = server.port();
            server.stop();
            assertThat(server.isRunning()).isFalse();
            server.start();
            server.psql("postgres", "INSERT INTO t VALUES (2)");
            server.kill();
            assertThat(server.isRunning()).isFalse();
            server.start();
            assertThat(server.port()).isEqualTo(port);
            assertThat(server.psql("postgres", "SELECT sum(i) FROM t")).isEqualTo("3\n");
            server.kill();
        }
    }

    @Test
    void reports_the_end_of_the_log_when_the_server_dies_on_start() {
        try (PostgresInstance server = PostgresInstance.builder().setting("shared_buffers", "nonsense").create()) {
            assertThatThrownBy(server::start)
                    .isInstanceOf(ThrowawayException.class)
                    .hasMessageContaining("invalid value for parameter \"shared_buffers\"");
        }
    }

    @Test
    void addresses_databases_whatever_their_name() {
        try (PostgresInstance server = PostgresInstance.builder().start()) {
            for (String name : List.of("a=b", "-dash", "Ünïcode db-1", "it's \\ \"quoted\"")) {
                server.psql("postgres", "CREATE DATABASE \"" + name.replace("\"", "\"\"") + "\"");
                assertThat(server.psql(name, "SELECT current_database()")).isEqualTo(name + "\n");
            }
            assertThat(server.jdbcUrl("a b+c/d")).endsWith("/a%20b%2Bc%2Fd");
        }
    }

    @Test
    void ends_a_script_at_its_first_error() {
        try (PostgresInstance server = PostgresInstance.builder().start()) {
            assertThatThrownBy(() -> server.psql("postgres", "SELECT 1/0;\nCREATE TABLE never();"))
                    .hasMessageContaining("division by zero");
            assertThat(server.psql("postgres", "SELECT to_regclass('never') IS NULL")).isEqualTo("t\n");
        }
    }

    @Test
    void runs_the_server_as_an_unprivileged_user() throws Exception {
        try (PostgresInstance server = PostgresInstance.builder().start()) {
            assertThat(Files.getOwner(server.dataDirectory()).getName()).isNotEqualTo("root");
            assertThat(Files.getOwner(server.dataDirectory().resolve("postmaster.pid")).getName()).isNotEqualTo("root");
        }
    }

    @Test
    void names_the_remedy_when_a_version_is_not_installed() {
        assertThatThrownBy(() -> PostgresBinaries.find(9))
                .isInstanceOf(ThrowawayException.class)
                .hasMessageContaining("no server programs of PostgreSQL 9")
                .hasMessageContaining("apt-get install postgresql-9");
        assertThat(PostgresBinaries.find(PostgresBinaries.newest().majorVersion())).isEqualTo(PostgresBinaries.newest());
    }
}
