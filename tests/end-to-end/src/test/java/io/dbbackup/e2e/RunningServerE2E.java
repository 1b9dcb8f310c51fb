package io.dbbackup.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RunningServerE2E {

    @Test
    void starts_survives_a_sigkill_and_stops_in_order() {
        try (RunningServer server = RunningServer.start()) {
            assertThat(server.command("server", "status")).contains("ready");
            server.sigkill();
            assertThat(server.run(List.of("server", "status")).exitCode()).isEqualTo(3);
            server.startAgain();
            assertThat(server.command("server", "status")).contains("ready");
            server.stop();
            assertThat(server.run(List.of("server", "status")).exitCode()).isEqualTo(3);
        }
    }
}
