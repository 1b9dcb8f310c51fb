package io.dbbackup.cli.command;

import io.dbbackup.cli.client.ApiException;
import io.dbbackup.cli.text.Amounts;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Whether and how long to wait for a run. */
final class WaitOptions {
    @Option(
            names = "--wait",
            negatable = true,
            description = "Wait until the run has ended (default on a terminal, and for dry runs), or only start it.")
    private Boolean wait;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "Stop waiting after this time, for example 2h; the run goes on. Exit status 124.")
    private String timeout;

    /** @param result whether the run is nothing but what it says at its end */
    boolean wanted(Shared shared, boolean result) {
        return wait != null ? wait : result || timeout != null || shared.terminal().interactive();
    }

    Optional<Duration> limit() {
        return Optional.ofNullable(timeout).map(text -> Amounts.duration(text)
                .orElseThrow(() -> ApiException.usage("--timeout is \"" + text + "\"", "Give a time such as 90s, 15m or 2h.")));
    }
}
