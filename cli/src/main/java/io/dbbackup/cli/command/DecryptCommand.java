package io.dbbackup.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;

/** Makes a set that is not encrypted of one that is. */
@Command(
        name = "decrypt",
        description = {
            "Make a backup set that is not encrypted of one that is, beside it. For administrators; the server needs a key.",
            "Without a server: dbbackup tools decrypt > Decrypt.java; java Decrypt.java."
        })
public final class DecryptCommand extends RewriteCommand {
    public DecryptCommand(Shared shared) {
        super(shared);
    }

    @Override
    String job() {
        return "decrypt";
    }

    @Override
    void into(ObjectNode parameters) {
        // the set is all it needs
    }
}
