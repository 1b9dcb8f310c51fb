package io.dbbackup.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerProcessesTest {
    @TempDir
    private Path home;

    @Test
    void finds_and_kills_only_the_processes_of_its_own_run_directory() throws Exception {
        Process ours = sleeper(home.toString());
        Process other = sleeper(home + "2");
        try {
            ServerProcesses processes = new ServerProcesses(home);
            assertThat(processes.all()).extracting(ProcessHandle::pid).containsExactly(ours.pid());
            assertThat(processes.jvm()).isEmpty();
            Files.writeString(home.resolve("server.pid"), other.pid() + "\n");
            assertThat(processes.jvm()).isEmpty();
            Files.writeString(home.resolve("server.pid"), ours.pid() + "\n");
            assertThat(processes.jvm()).map(ProcessHandle::pid).contains(ours.pid());
            processes.kill();
            assertThat(ours.waitFor()).isEqualTo(128 + 9);
            assertThat(other.isAlive()).isTrue();
        } finally {
            ours.destroyForcibly();
            other.destroyForcibly();
        }
    }

    /** A process that looks like a server: what follows the script are arguments that it does not read. */
    private static Process sleeper(String home) throws Exception {
        return new ProcessBuilder("sh", "-c", "while :; do sleep 1; done", "sh", "-Djboss.server.base.dir=" + home, "-P")
                .start();
    }
}
