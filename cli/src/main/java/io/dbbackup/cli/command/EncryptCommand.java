package io.dbbackup.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes an encrypted set of a sealed one. */
@Command(
        name = "encrypt",
        description = {
            "Make an encrypted set of a backup set, beside it. Nothing is compressed again or read from a database.",
            "An encrypted set is encrypted anew: its old keys do not open the new set."
        })
public final class EncryptCommand extends RewriteCommand {
    @Option(
            names = "--recipient",
            required = true,
            split = ",",
            paramLabel = "KEY",
            description = "Names of the keys that shall open the new set.")
    private List<String> recipients;

    public EncryptCommand(Shared shared) {
        super(shared);
    }

    @Override
    String job() {
        return "encrypt";
    }

    @Override
    void into(ObjectNode parameters) {
        putList(parameters, "encrypt", recipients);
    }
}
