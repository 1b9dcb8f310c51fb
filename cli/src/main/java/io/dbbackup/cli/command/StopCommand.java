package io.dbbackup.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.cli.client.ApiClient;
import io.dbbackup.cli.follow.RunFollower;
import io.dbbackup.cli.text.RunText;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Stops a run. */
@Command(name = "stop", description = "Stop a run and wait for its end; dbbackup restart continues it.")
public final class StopCommand extends ApiCommand {
    @Parameters(paramLabel = "RUN", description = "Id of the run.")
    private String run;

    public StopCommand(Shared shared) {
        super(shared);
    }

    @Override
    public Integer call() {
        JsonNode answer = api().post(
                "/runs/" + ApiClient.segment(run) + "/stop",
                Map.of("wait", "60s"),
                ApiClient.JSON.createObjectNode(),
                Map.of(),
                "state");
        if (json) {
            printJson(answer);
        } else {
            out().println(answer.path("label").asText() + ": " + RunText.state(answer));
        }
        // the run's own exit status is not that of stopping it
        return RunFollower.ended(answer) ? 0 : 75;
    }
}
