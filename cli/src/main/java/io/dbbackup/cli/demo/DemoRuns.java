package io.dbbackup.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dbbackup.cli.client.ApiClient;
import io.dbbackup.cli.client.ApiException;
import io.dbbackup.cli.command.Paged;
import io.dbbackup.cli.follow.RunFollower;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Runs on the demo's server. */
final class DemoRuns {
    private final ApiClient api;
    private final PrintWriter progress;
    private final boolean bar;

    /** @param bar whether to show a progress bar */
    DemoRuns(ApiClient api, PrintWriter err, boolean bar) {
        this.api = api;
        this.progress = bar ? err : new PrintWriter(java.io.Writer.nullWriter());
        this.bar = bar;
    }

    JsonNode start(String job, Map<String, String> parameters) {
        ObjectNode body = ApiClient.JSON.createObjectNode();
        ObjectNode given = body.putObject("parameters");
        parameters.forEach(given::put);
        return api.post("/jobs/" + job + "/runs", Map.of(), body, Map.of(), "state");
    }

    JsonNode restart(String run) {
        return api.post("/runs/" + run + "/restart", Map.of(), ApiClient.JSON.createObjectNode(), Map.of(), "state");
    }

    JsonNode get(String run) {
        return api.get("/runs/" + run, Map.of(), "state");
    }

    /** Waits for the end, which must be a good one. */
    JsonNode finish(JsonNode started) {
        JsonNode run = new RunFollower(api, progress, bar).watch(started, Optional.empty());
        if (run.path("exitCode").asInt(1) != 0) {
            JsonNode problem = run.path("problem");
            throw new ApiException(
                    problem.path("code").asText("RUN_" + run.path("state").asText()),
                    run.path("label").asText() + ": " + problem.path("cause").asText("it ended as " + run.path("state").asText()),
                    problem.path("remedy").asText("See the log of the server."),
                    run.path("exitCode").asInt(1));
        }
        return run;
    }

    /** All work items by their keys, in order. */
    Map<String, Item> items(String run) {
        Map<String, Item> items = new LinkedHashMap<>();
        Paged.read(api, "/runs/" + run + "/items", Map.of(), Integer.MAX_VALUE).forEach(item -> items.put(
                item.path("key").asText(),
                new Item(
                        item.path("kind").asText(),
                        item.path("state").asText(),
                        item.path("attempts").asInt(),
                        item.path("endedAt").asText(""),
                        item.path("plainBytes").asLong())));
        return items;
    }

    /** A work item as far as the demo looks at it. */
    record Item(String kind, String state, int attempts, String endedAt, long bytes) {
        boolean done() {
            return state.equals("DONE");
        }

        boolean data() {
            return kind.endsWith(".restore.data");
        }
    }
}
