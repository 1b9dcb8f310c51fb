package io.dbbackup.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What an orderly end of the server, as before a reboot, does to the runs that are active then. */
class ShutdownE2E {

    @Test
    void a_backup_that_a_shutdown_ends_is_interrupted_and_listed_and_one_that_an_operator_had_stopped_is_not() {
        try (Landscape land = Landscape.with(SlowTable::on)) {
            String stopped;
            String run;
            try (TableLock lock = new TableLock(land.source, SlowTable.DATABASE, "slow_rows")) {
                RestClient before = land.server.rest();
                stopped = before.start("backup", Map.of("policy", "all"));
                before.await(stopped, now -> lock.someoneWaits());
                before.stopAndAwait(stopped);
                run = before.start("backup", Map.of("policy", "all"));
                before.await(run, now -> lock.someoneWaits());
                land.server.stop();
            }
            land.server.startAgain();

            RestClient rest = land.server.rest();
            JsonNode end = rest.run(run);
            assertThat(RestClient.state(end)).as(end.toPrettyString()).isEqualTo("INTERRUPTED");
            assertThat(end.path("problem").path("code").asText()).isEqualTo("NODE_LOST");
            assertThat(end.path("problem").path("cause").asText()).as("said at the shutdown").contains("shut down");
            assertThat(RestClient.state(rest.run(stopped))).isEqualTo("STOPPED");
            assertThat(rest.get("status").expect(200).text()).contains(run);
            rest.succeedAfterRestart(run);
        }
    }
}
