package io.dbbackup.cli.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.cli.client.ApiClient;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What all commands that ask the server have in common. */
@Command(mixinStandardHelpOptions = true, sortOptions = false)
abstract class ApiCommand implements Callable<Integer> {
    final Shared shared;

    @Spec
    CommandSpec spec;

    @Mixin
    private ServerOptions server;

    @Option(names = "--json", description = "Write the server's JSON to standard output.")
    boolean json;

    private ApiClient api;

    ApiCommand(Shared shared) {
        this.shared = shared;
    }

    /** The server; asks for the password at the first call if it must. */
    final ApiClient api() {
        if (api == null) {
            api = server.client(shared);
        }
        return api;
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    final PrintWriter err() {
        return spec.commandLine().getErr();
    }

    final void printJson(JsonNode node) {
        try {
            out().println(ApiClient.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(node));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
