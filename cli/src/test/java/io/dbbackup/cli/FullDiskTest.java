package io.dbbackup.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The client as a process of its own, which writes where nothing can be written. */
class FullDiskTest {
    private static final File FULL = new File("/dev/full");

    @Test
    void output_that_could_not_be_written_is_an_error() throws Exception {
        assumeTrue(FULL.exists(), "this system has no /dev/full");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp", System.getProperty("java.class.path"), Main.class.getName(), "completion")
                .redirectOutput(FULL)
                .start();

        String said = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(said).isEqualTo(74);
        assertThat(said).contains("OUTPUT_NOT_WRITTEN: ", "HINT: ");
    }
}
