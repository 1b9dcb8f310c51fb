package io.dbbackup.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.cli.client.ApiClient;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Continues a run. */
@Command(name = "restart", description = "Continue a stopped, failed or interrupted run with what is left.")
public final class RestartCommand extends RunCommand {
    @Parameters(paramLabel = "RUN", description = "Id of the run.")
    private String run;

    public RestartCommand(Shared shared) {
        super(shared);
    }

    @Override
    JsonNode begin() {
        return api().post(
                "/runs/" + ApiClient.segment(run) + "/restart", Map.of(), ApiClient.JSON.createObjectNode(), Map.of(), "state");
    }
}
