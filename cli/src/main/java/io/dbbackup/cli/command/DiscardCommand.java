package io.dbbackup.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.cli.client.ApiClient;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Gives a run up. */
@Command(
        name = "discard",
        description = "Give up a run that failed or was stopped and will not be continued: nobody is asked to look at it any more,"
                + " and the unfinished databases of a restore are dropped. Suspended triggers"
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
                "/runs/" + ApiClient.segment(run) + "/discard", Map.of(), ApiClient.JSON.createObjectNode(), Map.of(), "notes");
        if (json) {
            printJson(answer);
        } else {
            answer.path("notes").forEach(note -> out().println(note.asText()));
        }
        return 0;
    }
}
