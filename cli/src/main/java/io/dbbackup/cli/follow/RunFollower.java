package io.dbbackup.cli.follow;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.cli.client.ApiClient;
import io.dbbackup.cli.client.ApiException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Follows a run to its end. The first Ctrl-C asks the server to stop it and goes on waiting, the second leaves. A server
 * that goes away while the run is followed is given a minute to come back.
 */
public final class RunFollower {
    /** Exit status after the time limit, as timeout(1) has it. */
    public static final int TIMEOUT = 124;

    private static final int LEFT = 130;
    private static final Set<String> ACTIVE = Set.of("QUEUED", "RUNNING", "STOPPING");
    private static final Duration COME_BACK = Duration.ofMinutes(1);

    private final ApiClient api;
    private final PrintWriter err;
    private final ProgressView view;

    public RunFollower(ApiClient api, PrintWriter err, boolean bar) {
        this.api = api;
        this.err = err;
        this.view = new ProgressView(err, bar);
    }

    public static boolean ended(JsonNode run) {
        return !ACTIVE.contains(run.path("state").asText());
    }

    /**
     * Waits for the end of a run.
     *
     * @param limit how long at most; empty: as long as it takes
     * @return the run as it is then; not ended when the limit was reached
     */
    public JsonNode follow(JsonNode started, Optional<Duration> limit) {
        AtomicInteger pressed = new AtomicInteger();
        try (Interrupts ignored = Interrupts.on(() -> interrupted(pressed, path(started)))) {
            return watch(started, limit);
        }
    }

    /** As {@link #follow}, but Ctrl-C stays the caller's. */
    public JsonNode watch(JsonNode started, Optional<Duration> limit) {
        long begun = System.nanoTime();
        long lastAnswer = begun;
        JsonNode run = started;
        try {
            while (!ended(run)) {
                view.show(run);
                Optional<Duration> left = limit.map(l -> l.minusNanos(System.nanoTime() - begun));
                if (left.filter(l -> l.isNegative() || l.isZero()).isPresent()) {
                    return run;
                }
                try {
                    run = api.get(path(started), Map.of("wait", patience(left)));
                    lastAnswer = System.nanoTime();
                } catch (ApiException e) {
                    if (!e.unreachable() || System.nanoTime() - lastAnswer > COME_BACK.toNanos()) {
                        throw e;
                    }
                    pause();
                }
            }
            return run;
        } finally {
            view.clear();
        }
    }

    private static String path(JsonNode run) {
        return "/runs/" + run.path("id").asText();
    }

    private String patience(Optional<Duration> left) {
        return left.filter(l -> l.toSeconds() < 30)
                .map(l -> Math.min(l.toMillis() + 1, view.patience().endsWith("ms") ? 500 : 30_000) + "ms")
                .orElse(view.patience());
    }

    private void interrupted(AtomicInteger pressed, String path) {
        if (pressed.incrementAndGet() > 1) {
            Runtime.getRuntime().halt(LEFT);
        }
        view.say("stopping the run; press Ctrl-C again to leave without waiting for it");
        Thread stopper = new Thread(() -> {
            try {
                api.post(path + "/stop", Map.of(), ApiClient.JSON.createObjectNode(), Map.of());
            } catch (ApiException e) {
                view.say(e.getMessage());
            }
        });
        stopper.setDaemon(true);
        stopper.start();
    }

    private void pause() {
        try {
            Thread.sleep(500);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ApiException("CANCELLED", "interrupted", "Look at the run again with dbbackup runs.", LEFT);
        }
    }
}
