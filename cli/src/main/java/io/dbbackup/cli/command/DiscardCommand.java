package io.dbbackup.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.cli.client.ApiClient;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Gives a restore up. */
@Command(
        name = "discard",
        description = "Drop the unfinished databases of a restore that failed or was stopped and will not be continued. Suspended triggers"
                + " are created again.")
public final class DiscardCommand extends ApiCommand {
    @Parameters(paramLabel = "RUN", description = "Id of the run.")
    private String run;

    public DiscardCommand(Shared shared) {
        super(shared);
    }

    @Override
    public Integer call() {
        JsonNode answer = api().post(
                "/runs/" + ApiClient.segment(run) + "/discard", Map.of(), ApiClient.JSON.createObjectNode(), Map.of());
        if (json) {
            printJson(answer);
        } else if (answer.path("dropped").isEmpty()) {
            out().println("There was nothing unfinished.");
        } else {
            answer.path("triggers").forEach(name -> out().println("created again: trigger " + name.asText()));
            answer.path("dropped").forEach(name -> out().println("dropped " + name.asText()));
        }
        return 0;
    }
}
