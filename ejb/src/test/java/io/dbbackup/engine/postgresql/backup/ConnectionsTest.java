package io.dbbackup.engine.postgresql.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.postgresql.BackupRun;
import io.dbbackup.engine.postgresql.PgConnections;
import io.dbbackup.engine.postgresql.PgProcess;
import io.dbbackup.engine.postgresql.PgTools;
import io.dbbackup.engine.postgresql.Quoting;
import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.model.Endpoint;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.throwaway.PostgresInstance;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way in reaches the database that was meant, with settings of our own. */
class ConnectionsTest {
    private static PostgresInstance server;

    @BeforeAll
    static void start() {
        server = PostgresInstance.builder().start();
    }

    @AfterAll
    static void end() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "a=b", "dbname=postgres", "postgresql://x", "Ünïcode db-1", "x/y?z", "-dash", "100%", "a+b", "it's", "q\"uote",
        " blanks ", "back\\slash", "a&b=c#d", "\uD83D\uDE00", "two\nlines"})
    void any_database_name_reaches_its_database(String name) throws Exception {
        server.psql("postgres", "CREATE DATABASE " + Quoting.identifier(name));
        Endpoint endpoint = BackupRun.endpoint(server);
        try (Connection connection = PgConnections.open(endpoint, name, "test")) {
            assertThat(new Sql(connection, endpoint).text("SELECT current_database()")).isEqualTo(name);
        }
        try (PgProcess psql = PgProcess.start(
                PgTools.find(endpoint, server.majorVersion()), "psql", endpoint, name,
                List.of("-XAtc", "SELECT current_database()"), new Cancellation())) {
            assertThat(new String(psql.stream().readAllBytes(), StandardCharsets.UTF_8)).isEqualTo(name + "\n");
            psql.awaitSuccess();
        }
        server.psql("postgres", "DROP DATABASE " + Quoting.identifier(name));
    }

    @Test
    void limits_of_a_role_do_not_end_a_backup() throws Exception {
        server.psql("postgres", """
                CREATE ROLE limited LOGIN SUPERUSER PASSWORD 'p:w\\';
                ALTER ROLE limited SET statement_timeout = '1ms';
                ALTER ROLE limited SET lock_timeout = '1ms';
                ALTER ROLE limited SET idle_in_transaction_session_timeout = '1ms';
                ALTER ROLE limited SET default_transaction_read_only = on;
                ALTER ROLE limited SET DateStyle = 'German';
                """);
        Endpoint endpoint = BackupRun.endpoint(server, "limited", "p:w\\");
        try (Connection connection = PgConnections.open(endpoint, "postgres", "test")) {
            Sql sql = new Sql(connection, endpoint);
            assertThat(sql.text("SELECT pg_sleep(0.05)::text || current_setting('DateStyle')")).isEqualTo("ISO, MDY");
            assertThat(sql.text("SHOW transaction_read_only")).isEqualTo("off");
        }
        try (PgProcess psql = PgProcess.start(
                PgTools.find(endpoint, server.majorVersion()), "psql", endpoint, "postgres",
                List.of("-XAtc", "SHOW lock_timeout"), new Cancellation())) {
            assertThat(psql.await()).isZero();
        }
    }

    @Test
    void the_server_s_unix_socket_works_too() throws Exception {
        Endpoint endpoint = new Endpoint(
                "socket", "postgresql", server.socketDir().toString(), server.port(), server.user(),
                () -> Optional.of(server.password()), "postgres", Map.of());
        try (Connection connection = PgConnections.open(endpoint, "postgres", "test")) {
            assertThat(new Sql(connection, endpoint).text("SELECT inet_client_addr() IS NULL")).isEqualTo("t");
        }
    }
}
