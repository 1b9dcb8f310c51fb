package io.dbbackup.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dbbackup.cli.client.ApiClient;
import io.dbbackup.cli.client.ApiException;
import io.dbbackup.cli.follow.RunFollower;
import io.dbbackup.cli.text.RunText;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A command that starts or continues a run and may wait for it. */
abstract class RunCommand extends ApiCommand {
    @Mixin
    private WaitOptions wait;

    RunCommand(Shared shared) {
        super(shared);
    }

    /** Starts or continues the run. */
    abstract JsonNode begin();

    /** Starts what follows when a run has ended well, or nothing. */
    Optional<JsonNode> then(JsonNode ended) {
        return Optional.empty();
    }

    /** True when something follows that only this client starts. */
    boolean mustWait() {
        return false;
    }

    /** True when the run does nothing but say something at its end. */
    boolean dry() {
        return false;
    }

    @Override
    public final Integer call() {
        // a wrong time is refused before anything is started
        Optional<Duration> limit = wait.limit();
        JsonNode run = begin();
        if (!mustWait() && !wait.wanted(shared, dry())) {
            return started(run);
        }
        while (true) {
            JsonNode ended = follow(run, limit);
            int exitCode = exitCode(ended);
            Optional<JsonNode> next = exitCode == 0 ? then(ended) : Optional.empty();
            if (next.isEmpty()) {
                return exitCode;
            }
            run = next.get();
        }
    }

    private JsonNode follow(JsonNode begun, Optional<Duration> limit) {
        if (!json) {
            err().println(begun.path("label").asText() + ": run " + begun.path("id").asText());
        }
        boolean bar = shared.terminal().interactive() && !json;
        JsonNode run = new RunFollower(api(), err(), bar).follow(begun, limit);
        if (json) {
            printJson(run);
        } else if (RunFollower.ended(run)) {
            RunText.result(out(), run);
        }
        return run;
    }

    /** With an idempotency key the run may be one that was started before, and has ended. */
    private int started(JsonNode run) {
        boolean ended = RunFollower.ended(run);
        shared.told(new Shared.Told(run.path("id").asText(), Optional.empty()));
        if (json) {
            printJson(run);
        } else {
            out().println(run.path("id").asText());
            err().println(run.path("label").asText() + (ended ? ": has ended: " + run.path("state").asText() : ": started")
                    + "; dbbackup runs " + run.path("id").asText());
        }
        return ended ? exitCode(run) : 0;
    }

    private int exitCode(JsonNode run) {
        if (!RunFollower.ended(run)) {
            shared.told(new Shared.Told(run.path("id").asText(), Optional.empty()));
            err().println("TIMEOUT: run " + run.path("id").asText() + " has not ended in this time");
            err().println("HINT: It goes on; look at it with dbbackup runs " + run.path("id").asText() + ".");
            return RunFollower.TIMEOUT;
        }
        int status = run.path("exitCode").asInt(1);
        shared.told(new Shared.Told(run.path("id").asText(), Optional.of(status)));
        JsonNode problem = run.path("problem");
        if (problem.isObject()) {
            err().println(problem.path("code").asText() + ": " + problem.path("cause").asText());
        }
        if (run.hasNonNull("hint")) {
            err().println("HINT: " + run.path("hint").asText());
        }
        return status;
    }

    /** Starts a job. */
    final JsonNode start(String job, ObjectNode parameters, Optional<String> idempotencyKey) {
        ObjectNode body = ApiClient.JSON.createObjectNode();
        body.set("parameters", parameters);
        return api().post(
                "/jobs/" + job + "/runs",
                Map.of(),
                body,
                idempotencyKey.map(key -> Map.of("Idempotency-Key", key)).orElse(Map.of()),
                "state");
    }

    /** Options of every job. */
    static final class JobOptions {
        @Option(names = "--workers", paramLabel = "N", description = "Work items done side by side.")
        private Integer workers;

        @Option(
                names = "--idempotency-key",
                paramLabel = "KEY",
                description = "A second start with this key yields the run of the first, for example the scheduler's job id.")
        private String key;

        Optional<String> key() {
            return Optional.ofNullable(key);
        }

        void into(ObjectNode parameters) {
            put(parameters, "workers", workers);
        }
    }

    /** Puts a value unless it was not given. */
    static void put(ObjectNode parameters, String name, Object value) {
        if (value != null) {
            parameters.put(name, value.toString());
        }
    }

    /** Puts a list unless it is empty; a JSON list, so that names may hold commas. */
    static void putList(ObjectNode parameters, String name, java.util.List<String> values) {
        if (values != null && !values.isEmpty()) {
            parameters.set(name, ApiClient.JSON.valueToTree(values));
        }
    }
}
