package io.dbbackup.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** The REST API as a scheduler uses it. Thread-safe. */
public final class RestClient {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** What a restarted backup has to say of what was read before it. */
    private static final String OF_A_RESTART = "the databases of this set are of different moments";
    /** What a restore of the sample data must say: a restored subscription must not begin to write by itself. */
    private static final List<String> EXPECTED_WARNINGS = List.of("were restored disabled");

    /** States in which nothing happens any more unless someone restarts the run. */
    private static final Set<String> ENDED = Set.of(
            "STOPPED", "INTERRUPTED", "SUCCEEDED", "SUCCEEDED_WITH_WARNINGS", "FAILED");

    private final HttpClient client = HttpClient.newHttpClient();
    private final URI api;
    private final String authorization;

    RestClient(URI server, String user, String password) {
        this.api = server.resolve("/api/v1/");
        this.authorization = "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
    }

    /**
     * An answer.
     *
     * @param status HTTP status
     * @param body JSON, or a missing node when the body is empty or something else
     * @param text the body as it came
     */
    public record Answer(int status, JsonNode body, String text) {

        /** Demands a status and shows the body when it is another one. */
        public Answer expect(int... allowed) {
            for (int one : allowed) {
                if (status == one) {
                    return this;
                }
            }
            throw new AssertionError("HTTP " + status + ": " + text);
        }
    }

    public Answer get(String path) {
        return send(request(path).GET());
    }

    Answer post(String path, Map<String, ?> body) {
        try {
            return send(request(path).header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body))));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Applies the declarative configuration. */
    public void configure(String yaml) {
        send(request("config").header("Content-Type", "application/yaml").PUT(HttpRequest.BodyPublishers.ofString(yaml)))
                .expect(200, 201, 204);
    }

    /** Starts a job and returns the id of the run. */
    String start(String job, Map<String, String> parameters) {
        return post("jobs/" + job + "/runs", Map.of("parameters", parameters)).expect(202).body().get("id").asText();
    }

    void stop(String run) {
        post("runs/" + run + "/stop", Map.of()).expect(200, 202);
    }

    /** Stops a run and returns it as it ended. */
    JsonNode stopAndAwait(String run) {
        stop(run);
        return awaitEnd(run);
    }

    /** Restarts a run and returns the id under which it goes on. */
    String restart(String run) {
        return post("runs/" + run + "/restart", Map.of()).expect(200, 202).body().path("id").asText(run);
    }

    public JsonNode run(String run) {
        return get("runs/" + run).expect(200).body();
    }

    public static String state(JsonNode run) {
        return run.path("state").asText();
    }

    static boolean ended(JsonNode run) {
        return ENDED.contains(state(run));
    }

    /** Waits, without a limit of its own, until the run has ended (one of the states in which it stays). */
    public JsonNode awaitEnd(String run) {
        JsonNode now = run(run);
        while (!ended(now)) {
            now = get("runs/" + run + "?wait=30s").expect(200).body();
        }
        return now;
    }

    /** Waits until a condition holds, or the run has ended. Polls quickly: kill moments depend on it. */
    JsonNode await(String run, Predicate<JsonNode> condition) {
        JsonNode now = run(run);
        while (!ended(now) && !condition.test(now)) {
            pause();
            now = run(run);
        }
        return now;
    }

    /** Starts a job and waits for success; warnings must be among those that the sample data cannot avoid. */
    JsonNode succeed(String job, Map<String, String> parameters) {
        return succeeded(awaitEnd(start(job, parameters)));
    }

    /** Restarts a run and waits for success. */
    JsonNode succeedAfterRestart(String run) {
        return succeeded(awaitEnd(restart(run)));
    }

    static JsonNode succeeded(JsonNode end) {
        boolean unexpected = false;
        for (JsonNode warning : end.path("warnings")) {
            unexpected |= EXPECTED_WARNINGS.stream().noneMatch(warning.asText()::contains)
                    && !(end.path("executions").asInt() > 1 && warning.asText().startsWith(OF_A_RESTART));
        }
        if (unexpected || !state(end).startsWith("SUCCEEDED")) {
            throw new AssertionError(end.path("label").asText() + " ended as " + end.toPrettyString());
        }
        return end;
    }

    /** All work items of a run, page by page. */
    List<Item> items(String run) {
        List<Item> items = new ArrayList<>();
        String page = "runs/" + run + "/items?limit=200";
        while (!page.isEmpty()) {
            JsonNode body = get(page).expect(200).body();
            JsonNode list = body.isArray() ? body : body.path("items");
            list.forEach(item -> items.add(Item.of(item)));
            String next = body.path("next").asText("");
            page = next.isEmpty() || list.isEmpty() ? "" : next.replaceFirst("^.*/api/v1/", "");
        }
        return items;
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(api.resolve(path)).timeout(Duration.ofMinutes(2))
                .header("Authorization", authorization).header("Accept", "application/json");
    }

    private Answer send(HttpRequest.Builder builder) {
        HttpRequest request = builder.build();
        try {
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString(UTF_8));
            return new Answer(response.statusCode(), json(response.body()), request.method() + " " + request.uri() + " at "
                    + Instant.now() + ": " + response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(request.method() + " " + request.uri(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private static JsonNode json(String body) {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            return JSON.missingNode();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(20); // between two questions to the server; nothing depends on its length
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
