package io.dbbackup.model;

import java.time.Duration;
import java.util.List;

/**
 * Scripts of an operator that run before and after a backup or restore: names of files in the server's directory of hooks,
 * never paths or commands.
 *
 * @param before in this order; one that fails stops the run
 * @param after in this order; all of them run whatever became of the run
 * @param failureFails whether a failing one of {@code after} fails the run; otherwise it is a warning
 * @param timeout after which a script and its children are killed
 */
public record Hooks(List<String> before, List<String> after, boolean failureFails, Duration timeout) {
    public static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(10);
    public static final Hooks NONE = new Hooks(List.of(), List.of(), false, DEFAULT_TIMEOUT);
    /** What a name may be, as a remedy. */
    public static final String ALLOWED = "Give the name of a file in the server's directory of hooks: letters, digits,"
            + " dots, dashes and underscores, no path.";

    public Hooks {
        before = List.copyOf(before);
        after = List.copyOf(after);
    }

    public boolean isEmpty() {
        return before.isEmpty() && after.isEmpty();
    }

    public static boolean isName(String text) {
        return text.matches("[A-Za-z0-9_][A-Za-z0-9._-]{0,99}");
    }
}
