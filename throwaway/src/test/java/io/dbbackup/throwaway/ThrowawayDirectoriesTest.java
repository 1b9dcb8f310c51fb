package io.dbbackup.throwaway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ThrowawayDirectoriesTest {

    private Path parent;

    @BeforeEach
    void create_a_parent_open_to_the_server_user() throws Exception {
        parent = Files.createTempDirectory("sweep");
        Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterEach
    void delete_the_parent() {
        ThrowawayDirectories.delete(parent);
    }

    @Test
    void leaves_the_instances_of_living_jvms_alone() {
        try (PostgresInstance server = PostgresInstance.builder().parent(parent).start()) {
            assertThat(ThrowawayDirectories.sweep(parent)).isEmpty();
            assertThat(server.psql("postgres", "SELECT 1")).isEqualTo("1\n");
        }
    }

    @Test
    void ends_and_removes_what_a_killed_jvm_left_behind() throws Exception {
        Process jvm = startJvmWithAnInstance();
        long postmaster;
        Path directory;
        try (BufferedReader output = jvm.inputReader()) {
            directory = Path.of(output.readLine()).getParent();
            postmaster = Long.parseLong(Files.readAllLines(directory.resolve("data/postmaster.pid")).get(0));
            jvm.destroyForcibly().waitFor();
        }
        assertThat(ProcessHandle.of(postmaster)).isPresent();

        assertThat(ThrowawayDirectories.sweep(parent)).containsExactly(directory);

        assertThat(directory).doesNotExist();
        // An adopted process counts as alive until init has reaped it.
        ProcessHandle.of(postmaster).ifPresent(p -> p.onExit().orTimeout(30, TimeUnit.SECONDS).join());
    }

    @Test
    void the_first_server_of_a_jvm_removes_what_killed_jvms_left_beside_it() throws Exception {
        Process jvm = startJvmWithAnInstance();
        Path left;
        try (BufferedReader output = jvm.inputReader()) {
            left = Path.of(output.readLine()).getParent();
            jvm.destroyForcibly().waitFor();
        }
        try (PostgresInstance server = PostgresInstance.builder().parent(parent).start()) {
            assertThat(left).doesNotExist();
            assertThat(server.psql("postgres", "SELECT 1")).isEqualTo("1\n");
        }
    }

    @Test
    void a_jvm_that_ends_in_order_destroys_its_instances_itself() throws Exception {
        Process jvm = startJvmWithAnInstance();
        try (BufferedReader output = new BufferedReader(new InputStreamReader(jvm.getInputStream()))) {
            Path directory = Path.of(output.readLine()).getParent();
            jvm.destroy();
            jvm.waitFor();
            assertThat(directory).doesNotExist();
        }
    }

    @Test
    void touches_nothing_that_is_not_its_own() throws Exception {
        Path other = Files.createDirectory(parent.resolve("something-else"));
        Path young = Files.createDirectory(parent.resolve(ThrowawayDirectories.PREFIX + "in-creation"));
        assertThat(ThrowawayDirectories.sweep(parent)).isEmpty();
        assertThat(List.of(other, young)).allMatch(Files::exists);
    }

    private Process startJvmWithAnInstance() throws Exception {
        return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                System.getProperty("java.class.path"), StartAndWait.class.getName(), parent.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    /** What the other JVM runs. */
    static final class StartAndWait {

        private StartAndWait() {}

        public static void main(String[] arguments) throws Exception {
            PostgresInstance server = PostgresInstance.builder().parent(Path.of(arguments[0])).start();
            System.out.println(server.dataDirectory());
            Thread.currentThread().join();
        }
    }
}
