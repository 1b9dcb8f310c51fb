package io.dbbackup.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateFilesTest {
    @TempDir
    Path directory;

    @Test
    void only_their_owner_can_read_them() throws IOException {
        Path file = new PrivateFiles(directory.resolve("base")).create("x-", ".pgpass");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent()))).isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("base"))))
                .isEqualTo("rwx------");
    }

    @Test
    void a_sweep_takes_those_of_a_killed_process_and_none_of_a_living_one() throws Exception {
        Path base = directory.resolve("base");
        PrivateFiles ours = new PrivateFiles(base);
        Path own = ours.create("own-", ".pgpass");
        Process other = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(), "-Xmx32m", "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Other.class.getName(), base.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            Path theirs = Path.of(new BufferedReader(new InputStreamReader(other.getInputStream())).readLine());
            assertThat(ours.sweep()).isEmpty();
            assertThat(theirs).exists();

            other.destroyForcibly().waitFor();

            assertThat(ours.sweep()).containsExactly(theirs.getParent());
            assertThat(theirs).doesNotExist();
            assertThat(own).exists();
            assertThat(ours.sweep()).isEmpty();
        } finally {
            other.destroyForcibly();
        }
    }

    @Test
    void a_link_in_the_place_of_their_directory_is_refused() throws IOException {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        Path base = Files.createSymbolicLink(directory.resolve("base"), elsewhere);

        assertThatThrownBy(() -> new PrivateFiles(base).create("x-", ".pgpass")).isInstanceOf(IOException.class);
        assertThat(elsewhere).isEmptyDirectory();
    }

    /** Makes a file, says which one, and waits to be killed. */
    static final class Other {
        public static void main(String[] arguments) throws Exception {
            System.out.println(new PrivateFiles(Path.of(arguments[0])).create("dbbackup-", ".pgpass"));
            System.in.read();
        }
    }
}
