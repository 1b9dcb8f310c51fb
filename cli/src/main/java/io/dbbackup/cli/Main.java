package io.dbbackup.cli;

import io.dbbackup.cli.client.ApiException;
import io.dbbackup.cli.command.Shared;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IFactory;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Parses the command line, runs the command, and turns errors into two lines and an exit status. */
public final class Main {
    /** A wrong command line (sysexits.h). */
    static final int USAGE = 64;
    /** Standard output could not be written (sysexits.h: input/output), and nothing else is to be said. */
    static final int NOT_WRITTEN = 74;
    /** Of a file's mode (stat(2)). */
    private static final int FILE_TYPE = 0170000;
    private static final int PIPE = 0010000;
    /** A defect. */
    static final int INTERNAL = 70;
    /** A command that the script around the client provides, and that exists only when its class does. */
    private static final String DEMO = "io.dbbackup.cli.demo.DemoCommand";

    private Main() {}

    public static void main(String[] args) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        Shared shared = new Shared(Terminal.system(), Environment.system());
        int status = commandLine(shared, out, err).execute(args);
        // flushes, and remembers every earlier failure
        if (out.checkError() && !(closed() && shared.told().map(run -> run.status().isPresent()).orElse(true))) {
            status = notWritten(status, shared.told(), err);
        }
        err.flush();
        System.exit(status);
    }

    /**
     * Whether standard output is a pipe, to which nothing but the end of its reader keeps one from writing. It will have had what it wanted,
     * as {@code head} has, and says itself if not; but not when it has to learn which run was begun, which nothing else tells.
     */
    private static boolean closed() {
        try {
            // followed to what standard output is
            return ((int) Files.getAttribute(Path.of("/dev/stdout"), "unix:mode") & FILE_TYPE) == PIPE;
        } catch (IOException | RuntimeException e) {
            // a system without such files
            return false;
        }
    }

    /** How a run has ended is in the exit status already: whoever starts jobs by it must not do all of the run's work again. */
    private static int notWritten(int status, Optional<Shared.Told> told, PrintWriter err) {
        err.println("OUTPUT_NOT_WRITTEN: what was asked for could not be written to standard output, or not all of it"
                + told.filter(run -> run.status().equals(Optional.of(status)))
                        .map(run -> "; the exit status " + status + " is that of run " + run.run())
                        .orElse(""));
        err.println("HINT: Look whether the disk is full or the reader of the pipe has ended, then "
                + told.map(run -> "read it by dbbackup runs " + run.run() + ".").orElse("repeat the command."));
        return status == 0 && told.flatMap(Shared.Told::status).isEmpty() ? NOT_WRITTEN : status;
    }

    /** The whole command line; separate from {@link #main} so that tests run it in their own process. */
    static CommandLine commandLine(Shared shared, PrintWriter out, PrintWriter err) {
        CommandLine line = new CommandLine(new RootCommand(), factory(shared));
        line.addSubcommand("completion", new AutoComplete.GenerateCompletion());
        addIfPresent(line, DEMO);
        line.setOut(out);
        line.setErr(err);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setUsageHelpWidth(110);
        line.setParameterExceptionHandler(misuse());
        line.setExecutionExceptionHandler(failure());
        return line;
    }

    /** Gives what the commands share to those that want it, and leaves the rest to picocli. */
    private static IFactory factory(Shared shared) {
        IFactory standard = CommandLine.defaultFactory();
        return new IFactory() {
            @Override
            public <K> K create(Class<K> type) throws Exception {
                try {
                    return type.getDeclaredConstructor(Shared.class).newInstance(shared);
                } catch (NoSuchMethodException e) {
                    return standard.create(type);
                }
            }
        };
    }

    private static void addIfPresent(CommandLine line, String command) {
        try {
            Class<?> type = Class.forName(command);
            line.addSubcommand(line.getFactory().create(type));
        } catch (ClassNotFoundException e) {
            // this build has no such command
            return;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static IParameterExceptionHandler misuse() {
        return (e, args) -> {
            PrintWriter err = e.getCommandLine().getErr();
            err.println("INVALID_PARAMETER: " + cause(e));
            err.println("HINT: " + closeNames(e) + place(e) + "See " + help(e.getCommandLine()) + ".");
            return USAGE;
        };
    }

    /** Of a command that does not exist picocli would say that an argument is unmatched at an index. */
    private static String cause(ParameterException e) {
        boolean command = e instanceof UnmatchedArgumentException unmatched
                && !unmatched.isUnknownOption()
                && !e.getCommandLine().getSubcommands().isEmpty();
        return command
                ? "there is no command \"" + ((UnmatchedArgumentException) e).getUnmatched().get(0) + "\""
                : e.getMessage();
    }

    /** The script around the client answers {@code dbbackup --help} with the server's commands alone. */
    private static String help(CommandLine line) {
        return line.getCommandSpec().qualifiedName() + (line.getParent() == null ? " help" : " --help");
    }

    /** Of an option before the command. */
    private static String place(ParameterException e) {
        return e instanceof UnmatchedArgumentException unmatched && unmatched.isUnknownOption() && e.getCommandLine().getParent() == null
                ? "Options stand behind the command (dbbackup status --url URL). "
                : "";
    }

    private static String closeNames(ParameterException e) {
        List<String> names = e instanceof UnmatchedArgumentException unmatched ? unmatched.getSuggestions() : List.of();
        return names.isEmpty() ? "" : "Did you mean " + String.join(", or ", names) + "? ";
    }

    private static IExecutionExceptionHandler failure() {
        return (e, line, result) -> {
            PrintWriter err = line.getErr();
            if (e instanceof ApiException known) {
                err.println(known.code() + ": " + known.reason());
                err.println("HINT: " + known.remedy());
                return known.exitCode();
            }
            err.println("INTERNAL: unexpected " + e);
            err.println("HINT: This is a defect of the client; please report it with DBBACKUP_DEBUG=1.");
            if (System.getenv("DBBACKUP_DEBUG") != null) {
                e.printStackTrace(err);
            }
            return INTERNAL;
        };
    }
}
