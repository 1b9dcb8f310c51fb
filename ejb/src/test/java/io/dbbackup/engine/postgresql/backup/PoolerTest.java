package io.dbbackup.engine.postgresql.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.throwaway.PostgresInstance;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real PgBouncer between the backup and the server. */
class PoolerTest {
    private static final Path PROGRAM = Path.of("/usr/sbin/pgbouncer");
    private static PostgresInstance server;

    @BeforeAll
    static void start() {
        Assumptions.assumeTrue(Files.isExecutable(PROGRAM), "needs the package pgbouncer");
        server = PostgresInstance.builder().start();
    }

    @AfterAll
    static void end() {
        if (server != null) {
            server.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"extra_float_digits", ""})
    void a_pooler_that_shares_sessions_is_refused(String ignored) throws Exception {
        try (Pooler pooler = new Pooler("transaction", ignored)) {
            assertThatThrownBy(() -> PoolerCheck.check(pooler.endpoint(), "postgres"))
                    .isInstanceOfSatisfying(BackupException.class, e ->
                            assertThat(e.code()).isEqualTo(ErrorCode.DATABASE_POOLER_DETECTED))
                    .hasMessageContaining("the PostgreSQL server itself");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"extra_float_digits"})
    void a_pooler_that_gives_every_connection_its_session_is_only_noted(String ignored) throws Exception {
        try (Pooler pooler = new Pooler("session", ignored)) {
            assertThat(PoolerCheck.check(pooler.endpoint(), "postgres")).isTrue();
        }
        assertThat(PoolerCheck.check(BackupRun.endpoint(server), "postgres")).isFalse();
    }

    /** PgBouncer as an unprivileged user, in front of the server. */
    private static final class Pooler implements AutoCloseable {
        private final Path directory;
        private final int port;
        private final Process process;

        Pooler(String mode, String ignored) throws IOException, InterruptedException {
            directory = Files.createTempDirectory("pgbouncer");
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
            try (ServerSocket free = new ServerSocket(0)) {
                port = free.getLocalPort();
            }
            Path config = directory.resolve("pgbouncer.ini");
            Files.writeString(config, """
                    [databases]
                    * = host=%s port=%d user=%s password=%s
                    [pgbouncer]
                    listen_addr = 127.0.0.1
                    listen_port = %d
                    unix_socket_dir =
                    auth_type = any
                    pool_mode = %s
                    ignore_startup_parameters = %s
                    """.formatted(
                    server.host(), server.port(), server.user(), server.password(), port, mode, ignored));
            List<String> command = new ArrayList<>();
            if (System.getProperty("user.name").equals("root")) {
                command.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"));
            }
            command.addAll(List.of(PROGRAM.toString(), config.toString()));
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("log").toFile())
                    .start();
            while (!listening()) {
                assertThat(process.isAlive()).as(Files.readString(directory.resolve("log"))).isTrue();
                Thread.onSpinWait();
            }
        }

        private boolean listening() {
            try (Socket socket = new Socket("127.0.0.1", port)) {
                return socket.isConnected();
            } catch (IOException e) {
                return false;
            }
        }

        Endpoint endpoint() {
            return new Endpoint(
                    "pool", "postgresql", "127.0.0.1", port, server.user(), () -> Optional.of("any"), "postgres",
                    Map.of("sslmode", "disable"));
        }

        @Override
        public void close() throws InterruptedException, IOException {
            process.destroy();
            process.waitFor();
            for (String file : List.of("pgbouncer.ini", "log")) {
                Files.deleteIfExists(directory.resolve(file));
            }
            Files.deleteIfExists(directory);
        }
    }
}
