package io.dbbackup.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dbbackup.cli.client.ApiClient;
import io.dbbackup.cli.client.ApiException;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a set of another one and, when that is wanted, puts it into the other's place: verified first, then removed. */
abstract class RewriteCommand extends RunCommand {
    @Parameters(paramLabel = "SET", description = "Backup set, or latest:SOURCE. It stays as it is.")
    private String set;

    @Option(names = "--store", paramLabel = "NAME", description = "Which copy of the set; default: the best.")
    private String store;

    @Option(names = "--to", paramLabel = "NAME", description = "Store for the new set; default: where the old one is.")
    private String to;

    @Option(
            names = "--replace",
            description = "Then verify the content of the new set, and remove the old one when that was well.")
    private boolean replace;

    @Option(names = "--confirm", paramLabel = "SET", description = "Id of the set that --replace removes.")
    private String confirm;

    @Mixin
    private JobOptions job;

    RewriteCommand(Shared shared) {
        super(shared);
    }

    /** Name of the job. */
    abstract String job();

    /** Adds what is particular to it. */
    abstract void into(ObjectNode parameters);

    @Override
    final JsonNode begin() {
        if (replace && confirm == null) {
            throw ApiException.usage(
                    "--replace removes the old set", "Confirm it by its id: --confirm SET. Without --replace both sets stay.");
        }
        if (confirm != null && !set.startsWith("latest:") && !confirm.equals(set)) {
            throw ApiException.usage("--confirm is another set than " + set, "Confirm the set that shall be replaced.");
        }
        ObjectNode parameters = ApiClient.JSON.createObjectNode();
        put(parameters, "set", set);
        put(parameters, "store", store);
        put(parameters, "to", to);
        into(parameters);
        job.into(parameters);
        return start(job(), parameters, job.key());
    }

    @Override
    final boolean mustWait() {
        return replace;
    }

    @Override
    final Optional<JsonNode> then(JsonNode ended) {
        if (!replace) {
            return Optional.empty();
        }
        ObjectNode parameters = ApiClient.JSON.createObjectNode();
        JsonNode summary = ended.path("summary");
        return switch (ended.path("job").asText()) {
            case "encrypt", "decrypt" -> {
                if (!summary.path("derivedFrom").asText().equals(confirm)) {
                    throw ApiException.usage(
                            "the new set was made of " + summary.path("derivedFrom").asText() + ", not of the confirmed "
                                    + confirm + "; both stay",
                            "Look at both, then remove one: dbbackup remove SET --confirm SET.");
                }
                put(parameters, "set", summary.path("set").asText());
                put(parameters, "level", "content");
                yield Optional.of(start("verify", parameters, Optional.empty()));
            }
            case "verify" -> {
                put(parameters, "set", confirm);
                put(parameters, "store", store);
                put(parameters, "confirm", confirm);
                yield Optional.of(start("remove", parameters, Optional.empty()));
            }
            default -> Optional.empty();
        };
    }
}
