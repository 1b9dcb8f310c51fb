package io.dbbackup.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoDirectoryTest {
    @TempDir
    private Path work;

    @Test
    void leaves_nothing_but_the_logs_of_a_failure() throws Exception {
        DemoDirectory directory = DemoDirectory.claim(work);
        directory.create();
        Path log = directory.write("server.log", "why");
        Path secret = directory.write("password", "secret");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secret))).isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secret.getParent()))).isEqualTo("rwx------");
        Path kept = directory.keep(log);
        directory.remove();
        assertThat(kept).hasContent("why");
        assertThat(secret.getParent()).doesNotExist();
    }

    @Test
    void is_empty_again_for_the_next_demo() throws Exception {
        DemoDirectory first = DemoDirectory.claim(work);
        first.create();
        Path left = first.write("left", "by a demo that was killed");
        first.keep(left);
        first.remove();
        DemoDirectory second = DemoDirectory.claim(work);
        second.create();
        assertThat(left).doesNotExist();
        assertThat(work.resolve("demo-failure")).doesNotExist();
        second.remove();
    }

    @Test
    void belongs_to_one_demo_at_a_time() throws Exception {
        DemoDirectory first = DemoDirectory.claim(work);
        assertThatThrownBy(() -> DemoDirectory.claim(work)).hasMessageContaining("another demo is running");
        first.create();
        first.remove();
        DemoDirectory.claim(work).remove();
    }
}
