package io.dbbackup.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dbbackup.cli.client.ApiClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Removes one set. */
@Command(
        name = "remove",
        description = "Remove one backup set for ever, whatever the retention rules say. For administrators.")
public final class RemoveCommand extends RunCommand {
    @Parameters(paramLabel = "SET", description = "Id of the backup set.")
    private String set;

    @Option(names = "--confirm", paramLabel = "SET", description = "The same id again.")
    private String confirm;

    @Option(names = "--store", paramLabel = "NAME", description = "Which copy, when there are several.")
    private String store;

    @Option(
            names = "--missing",
            description = "The set is not in the store any more: the catalog forgets it. Refused when it is there.")
    private boolean missing;

    @Mixin
    private JobOptions job;

    public RemoveCommand(Shared shared) {
        super(shared);
    }

    @Override
    JsonNode begin() {
        ObjectNode parameters = ApiClient.JSON.createObjectNode();
        put(parameters, "set", set);
        put(parameters, "store", store);
        put(parameters, "confirm", confirm);
        if (missing) {
            put(parameters, "missing", "true");
        }
        job.into(parameters);
        return start("remove", parameters, job.key());
    }
}
