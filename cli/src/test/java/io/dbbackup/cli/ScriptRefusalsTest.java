package io.dbbackup.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script around the client, as far as it refuses something itself. */
class ScriptRefusalsTest {
    @TempDir
    private Path home;

    @Test
    void what_the_script_refuses_has_the_form_of_what_the_client_refuses() throws Exception {
        refused(64, "INVALID_PARAMETER: Unknown: server dance.", "HINT: Use: dbbackup server start|stop|status|add-user", "server", "dance");
        refused(64, "INVALID_PARAMETER: No such role: king.", "HINT: Use viewer, operator or admin.", "server", "add-user", "ann", "king");
        refused(66, "NO_SERVER: There is no server in " + home + " yet.", "HINT: Run: dbbackup server start",
                "server", "add-user", "ann", "admin");
    }

    private void refused(int status, String cause, String remedy, String... arguments) throws IOException, InterruptedException {
        ProcessBuilder script = new ProcessBuilder("bash", Path.of("..", "dbbackup").toString());
        script.command().addAll(List.of(arguments));
        script.environment().put("DBBACKUP_HOME", home.toString());
        Process process = script.redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isEqualTo(status);
        assertThat(said).isEqualTo(cause + "\n" + remedy + "\n");
    }
}
