package io.dbbackup.cli.command;

import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Looks at the configuration. */
@Command(
        name = "config",
        mixinStandardHelpOptions = true,
        description = "Look at the configuration.",
        subcommands = ConfigCommand.Show.class)
public final class ConfigCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "config needs a command: show");
    }

    /** Shows it. */
    @Command(name = "show", description = "Show what is configured, as a file that can be applied; never a secret.")
    public static final class Show extends ApiCommand {
        public Show(Shared shared) {
            super(shared);
        }

        @Override
        public Integer call() {
            if (json) {
                printJson(api().get("/config", Map.of(), "sources"));
            } else {
                Streams.copy(api().stream("/config", Map.of(), "application/yaml"), out());
            }
            return 0;
        }
    }
}
