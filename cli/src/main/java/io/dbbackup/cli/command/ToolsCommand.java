package io.dbbackup.cli.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Programs that open backups without dbbackup. */
@Command(
        name = "tools",
        mixinStandardHelpOptions = true,
        description = "Print programs that open backup sets without dbbackup. Needs no server.",
        subcommands = {ToolsCommand.Decrypt.class})
public final class ToolsCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "tools needs a command: decrypt");
    }

    /** Prints the program that opens encrypted sets. */
    @Command(
            name = "decrypt",
            mixinStandardHelpOptions = true,
            description = {
                "Print Decrypt.java, one file that opens encrypted sets and needs nothing but a JDK 17 or later:",
                "dbbackup tools decrypt > Decrypt.java; java Decrypt.java --help.",
                "Keep it with the keys."
            })
    public static final class Decrypt implements Callable<Integer> {
        private static final String RESOURCE = "/tools/Decrypt.java";

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() {
            try (InputStream program = ToolsCommand.class.getResourceAsStream(RESOURCE)) {
                if (program == null) {
                    throw new IllegalStateException("this build lacks " + RESOURCE);
                }
                spec.commandLine().getOut().print(new String(program.readAllBytes(), StandardCharsets.UTF_8));
                spec.commandLine().getOut().flush();
                return 0;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
