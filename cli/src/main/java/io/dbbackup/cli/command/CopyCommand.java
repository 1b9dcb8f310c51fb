package io.dbbackup.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dbbackup.cli.client.ApiClient;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Copies a backup set to another store. */
@Command(
        name = "copy",
        description = {
            "Copy a backup set to another store, byte for byte: what is encrypted stays encrypted and needs no key. The manifest"
                    + " is written last, so nothing is visible before the copy is complete.",
            "A store that has the whole set already is a success that says so."
        })
public final class CopyCommand extends RunCommand {
    @Parameters(paramLabel = "SET", description = "Backup set, or latest:SOURCE.")
    private String set;

    @Option(names = "--to", required = true, paramLabel = "NAME", description = "Store that gets the copy.")
    private String to;

    @Option(
            names = "--policy",
            paramLabel = "NAME",
            description = "Policy whose retention is meant for the copy (default: that of the original).")
    private String policy;

    @Mixin
    private StoreOptions.OfSet stores;

    @Mixin
    private JobOptions job;

    public CopyCommand(Shared shared) {
        super(shared);
    }

    @Override
    JsonNode begin() {
        ObjectNode parameters = ApiClient.JSON.createObjectNode();
        put(parameters, "set", set);
        put(parameters, "to", to);
        put(parameters, "store", stores.store(this, Optional.of(set), Optional.empty()).orElse(null));
        put(parameters, "policy", policy);
        job.into(parameters);
        return start("copy", parameters, job.key());
    }
}
