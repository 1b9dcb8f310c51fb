package io.dbbackup.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dbbackup.cli.client.ApiClient;
import io.dbbackup.cli.client.ApiException;
import io.dbbackup.cli.text.Amounts;
import java.util.Map;
import picocli.CommandLine.Command;

/** Tries everything that is configured. */
@Command(
        name = "doctor",
        description = "Connect to every source, look for the programs that it needs and for what its account lacks for the backups of its"
                + " policies, write a probe to every store, and read every key."
                + " Exit status of the first that fails.")
public final class DoctorCommand extends ApiCommand {
    /** As the server's KEY_INVALID has it: configuration (sysexits.h). */
    private static final int KEY_INVALID = 78;
    private final ArrayNode results = ApiClient.JSON.createArrayNode();
    private int exitCode;

    public DoctorCommand(Shared shared) {
        super(shared);
    }

    @Override
    public Integer call() {
        JsonNode config = api().get("/config", Map.of(), "sources");
        config.path("sources").forEach(source -> check("source", "/sources/", source.path("name").asText()));
        config.path("stores").forEach(store -> check("store", "/stores/", store.path("name").asText()));
        if (!config.path("keys").isEmpty()) {
            api().get("/keys", Map.of(), ApiClient.LIST).forEach(this::check);
        }
        if (json) {
            printJson(results);
        } else if (results.isEmpty()) {
            err().println("Nothing is configured. Apply a configuration: dbbackup apply -f FILE.");
        }
        return exitCode;
    }

    private void check(String kind, String path, String name) {
        ObjectNode result = results.addObject().put("kind", kind).put("name", name);
        try {
            JsonNode answer = api().get(path + ApiClient.segment(name) + "/check", Map.of(), "name");
            result.put("ok", true).set("answer", answer);
            say("ok    " + kind + " " + name + ": " + describe(kind, answer));
            answer.path("backups").forEach(backup -> check(name, backup));
        } catch (ApiException e) {
            if (e.unreachable()) {
                throw e;
            }
            failed(result, kind + " " + name, e);
        }
    }

    /** What a backup would meet. */
    private void check(String source, JsonNode backup) {
        JsonNode problem = backup.path("problem");
        if (!backup.hasNonNull("policy")) {
            if (problem.isObject() && !json) {
                withoutPolicy(source, problem);
            }
            return;
        }
        String policy = backup.get("policy").asText();
        ObjectNode result = results.addObject().put("kind", "policy").put("name", policy);
        if (problem.isObject()) {
            failed(result, "policy " + policy, new ApiException(
                    problem.path("code").asText(), problem.path("cause").asText(), problem.path("remedy").asText(),
                    backup.path("exitCode").asInt(1)));
        } else {
            result.put("ok", true).set("answer", backup);
            say("ok    policy " + policy + ": the account may back up what it names");
        }
        backup.path("warnings").forEach(warning -> say("      WARNING: " + warning.asText()));
    }

    /** A backup that no policy describes may never be wanted: a source may be there to be restored into, which takes other privileges. */
    private void withoutPolicy(String source, JsonNode problem) {
        String refusal = problem.path("code").asText() + ": " + problem.path("cause").asText();
        if (api().get("/sets", Map.of("source", source, "limit", "1"), "items").path("items").isEmpty()) {
            say("      no policy backs it up and no backup set is of it, so it is taken for a target of restores, which look themselves for"
                    + " what they need; a backup of all of it would be refused (" + refusal + ")");
            return;
        }
        say("WARN  source " + source + ": no policy backs it up, but there are backup sets of it; a backup of all of it would be refused: "
                + refusal);
        say("      HINT: " + problem.path("remedy").asText());
    }

    private void check(JsonNode key) {
        String name = key.path("name").asText();
        ObjectNode result = results.addObject().put("kind", "key").put("name", name);
        if (!key.hasNonNull("problem")) {
            result.put("ok", true).set("answer", key);
            say("ok    key " + name + ": " + key.path("id").asText()
                    + (key.path("opens").asBoolean() ? ", encrypts and opens" : ", encrypts"));
            return;
        }
        failed(result, "key " + name, new ApiException("KEY_INVALID", key.path("problem").asText(),
                "Provide it to the user that runs the server, or correct it in the configuration.", KEY_INVALID));
    }

    private void failed(ObjectNode result, String what, ApiException e) {
        exitCode = exitCode == 0 ? e.exitCode() : exitCode;
        result.put("ok", false).put("code", e.code()).put("cause", e.reason()).put("remedy", e.remedy());
        say("FAIL  " + what + ": " + e.code() + ": " + e.reason());
        say("      HINT: " + e.remedy());
    }

    private static String describe(String kind, JsonNode answer) {
        if (kind.equals("source")) {
            return answer.path("endpoint").asText() + ", " + answer.path("server").path("version").asText();
        }
        return answer.hasNonNull("freeBytes") ? Amounts.bytes(answer.get("freeBytes").asLong()) + " free" : "usable";
    }

    /** @param text further lines, statements above all, come below the first */
    private void say(String text) {
        if (!json) {
            out().println(text.replace("\n", "\n      "));
        }
    }
}
