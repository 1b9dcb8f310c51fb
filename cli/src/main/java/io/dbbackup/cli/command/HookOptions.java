package io.dbbackup.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Option;

/** Scripts of the server that run before and after a run. */
final class HookOptions {
    /** What a failing script after a run means. */
    enum OnHookError {
        WARN,
        FAIL;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = "--hook-before",
            paramLabel = "FILE",
            description = "Script in the server's directory of hooks that runs before; may be repeated.")
    private List<String> before;

    @Option(names = "--hook-after", paramLabel = "FILE", description = "Script that runs after; may be repeated.")
    private List<String> after;

    @Option(
            names = "--on-hook-error",
            paramLabel = "WHAT",
            description = "When a script after the run fails: ${COMPLETION-CANDIDATES}.")
    private OnHookError onError;

    @Option(names = "--hook-timeout", paramLabel = "SECONDS", description = "Time of each script.")
    private Long timeout;

    void into(ObjectNode parameters) {
        RunCommand.putList(parameters, "hooksBefore", before);
        RunCommand.putList(parameters, "hooksAfter", after);
        RunCommand.put(parameters, "onHookError", onError);
        RunCommand.put(parameters, "hookTimeoutSeconds", timeout);
    }
}
