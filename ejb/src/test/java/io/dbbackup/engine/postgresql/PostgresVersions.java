package io.dbbackup.engine.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.model.Endpoint;
import io.dbbackup.throwaway.PostgresBinaries;
import io.dbbackup.throwaway.PostgresInstance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** The servers that {@code tests/postgresql-versions/install} puts aside, with client programs beside them. */
public final class PostgresVersions {
    public static final List<Integer> SUPPORTED = List.of(13, 14, 15, 16, 17, 18);

    private PostgresVersions() {}

    /** Fails when nothing was installed; skips, with the reason, what the installation says this machine cannot have. */
    public static PostgresBinaries of(int major) {
        Path directory = directory();
        Path programs = directory.resolve(major + "/bin");
        if (!Files.isExecutable(programs.resolve("postgres"))) {
            unavailable(directory, major).ifPresent(reason -> Assumptions.abort(
                    "PostgreSQL " + major + " is not available on this machine: " + reason));
        }
        assertThat(programs.resolve("postgres"))
                .as("PostgreSQL %s; run tests/postgresql-versions/install", major)
                .isExecutable();
        return PostgresBinaries.of(programs);
    }

    /** The superuser's endpoint, with the tools beside the server. */
    public static Endpoint endpoint(PostgresInstance server) {
        String password = server.password();
        return new Endpoint(
                "PostgreSQL " + server.majorVersion(), "postgresql", server.host(), server.port(), server.user(),
                () -> Optional.of(password), "postgres",
                Map.of("sslmode", "disable", "toolDirectory", server.binaries().directory().toString()));
    }

    private static Path directory() {
        String chosen = System.getenv("DBBACKUP_POSTGRESQL_VERSIONS");
        if (chosen != null) {
            return Path.of(chosen);
        }
        Path shared = Path.of("/var/cache/dbbackup/postgresql");
        return System.getProperty("user.name").equals("root")
                ? shared
                : Path.of(Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                                .orElse(System.getProperty("user.home") + "/.cache"))
                        .resolve("dbbackup/postgresql");
    }

    private static Optional<String> unavailable(Path directory, int major) {
        try (Stream<String> lines = Files.lines(directory.resolve("unavailable"))) {
            String prefix = major + " ";
            return lines.filter(line -> line.startsWith(prefix)).map(line -> line.substring(prefix.length())).findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
