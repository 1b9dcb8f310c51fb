package io.dbbackup.engine.postgresql.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.engine.postgresql.PgConnections;
import io.dbbackup.engine.postgresql.PgProcess;
import io.dbbackup.engine.postgresql.PgTools;
import io.dbbackup.engine.postgresql.Quoting;
import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.model.Endpoint;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.throwaway.PostgresInstance;
import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
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

    /** As in an application server, where the driver is a module of its own that cannot see the application. */
    @Test
    void the_unix_socket_works_when_the_driver_has_another_class_loader() throws Exception {
        List<URL> driver = new ArrayList<>();
        List<URL> rest = new ArrayList<>();
        // surefire puts a jar that only refers to the others into the JVM's own class path
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        for (String entry : path.split(File.pathSeparator)) {
            boolean isDriver = entry.matches(".*/postgresql-[0-9.]+\\.jar");
            (isDriver ? driver : rest).add(Path.of(entry).toUri().toURL());
        }
        assertThat(driver).hasSize(1);
        try (URLClassLoader module = new URLClassLoader(
                        driver.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
                URLClassLoader application = new URLClassLoader(rest.toArray(URL[]::new), module)) {
            Class<?> asked = application.loadClass(Asked.class.getName());
            assertThat(asked).isNotEqualTo(Asked.class);
            @SuppressWarnings("unchecked")
            Function<List<String>, String> question =
                    (Function<List<String>, String>) asked.getDeclaredConstructor().newInstance();
            assertThat(question.apply(List.of(
                            server.socketDir().toString(), "" + server.port(), server.user(), server.password())))
                    .isEqualTo("t");
        }
    }

    /** Asks a server at socket directory, port, user and password. */
    public static final class Asked implements Function<List<String>, String> {
        @Override
        public String apply(List<String> where) {
            Endpoint endpoint = new Endpoint(
                    "socket", "postgresql", where.get(0), Integer.parseInt(where.get(1)), where.get(2),
                    () -> Optional.of(where.get(3)), "postgres", Map.of());
            try (Connection connection = PgConnections.open(endpoint, "postgres", "test")) {
                return new Sql(connection, endpoint).text("SELECT inet_client_addr() IS NULL");
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
