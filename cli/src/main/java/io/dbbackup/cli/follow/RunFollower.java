package io.dbbackup.cli.follow;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.cli.client.ApiClient;
import io.dbbackup.cli.client.ApiException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Follows a run to its end. The first Ctrl-C asks the server to stop it and goes on waiting, the second leaves, however soon it comes:
 * the request to stop is given a second to get through. A server that goes away while the run is followed is given a minute to come back.
 */
public final class RunFollower {
    /** Exit status after the time limit, as timeout(1) has it. */
    public static final int TIMEOUT = 124;

    private static final int LEFT = 130;
    private static final int UNAVAILABLE = 69;
    private static final Set<String> ACTIVE = Set.of("QUEUED", "RUNNING", "STOPPING");
    private static final Duration COME_BACK = Duration.ofMinutes(1);
    private static final Duration STOP_SENT = Duration.ofSeconds(1);

    private final ApiClient api;
    private final ProgressView view;
    private final Duration comeBack;

    public RunFollower(ApiClient api, PrintWriter err, boolean bar) {
        this(api, err, bar, COME_BACK);
    }

    /** @param comeBack how long a server may be away */
    RunFollower(ApiClient api, PrintWriter err, boolean bar, Duration comeBack) {
        this.api = api;
        this.view = new ProgressView(err, bar);
        this.comeBack = comeBack;
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
        Stop stop = new Stop(started.path("id").asText());
        try (Interrupts ignored = Interrupts.on(stop::pressed)) {
            return watch(started, limit);
        }
    }

    /** As {@link #follow}, but Ctrl-C stays the caller's. */
    public JsonNode watch(JsonNode started, Optional<Duration> limit) {
        long begun = System.nanoTime();
        long lastAnswer = begun;
        boolean away = false;
        JsonNode run = started;
        try {
            while (!ended(run)) {
                view.show(run);
                Optional<Duration> left = limit.map(l -> l.minusNanos(System.nanoTime() - begun));
                if (left.filter(l -> l.isNegative() || l.isZero()).isPresent()) {
                    return run;
                }
                try {
                    run = api.get(path(started), Map.of("wait", patience(left)), "state");
                    lastAnswer = System.nanoTime();
                    away = false;
                } catch (ApiException e) {
                    // what has told of this run is dbbackup: another one answers in its place for a while
                    if (!e.unreachable() && !e.foreign()) {
                        throw e;
                    }
                    if (System.nanoTime() - lastAnswer > comeBack.toNanos()) {
                        throw lost(e, run.path("id").asText());
                    }
                    if (!away) {
                        view.say("the server does not answer; waiting for it to come back");
                        away = true;
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

    /** Whoever started the run would not know how it goes on. */
    private static ApiException lost(ApiException e, String run) {
        return new ApiException(
                ApiException.UNREACHABLE,
                e.reason() + " (while run " + run + " was under way)",
                e.remedy() + " If the server died, the run is interrupted and has kept what is done: look at it with dbbackup runs " + run
                        + ", continue it with dbbackup restart " + run + ".",
                UNAVAILABLE);
    }

    /** What Ctrl-C does. Thread-safe: each comes in a thread of its own, and two may come at once. */
    private final class Stop {
        private final String run;
        private final AtomicInteger times = new AtomicInteger();
        private final CountDownLatch answered = new CountDownLatch(1);
        private volatile boolean stopping;

        Stop(String run) {
            this.run = run;
        }

        void pressed() {
            if (times.incrementAndGet() == 1) {
                view.say("stopping the run; press Ctrl-C again to leave without waiting for it");
                Thread stopper = new Thread(this::ask);
                stopper.setDaemon(true);
                stopper.start();
            } else {
                leave();
            }
        }

        private void ask() {
            try {
                api.post("/runs/" + run + "/stop", Map.of(), ApiClient.JSON.createObjectNode(), Map.of(), "state");
                stopping = true;
            } catch (ApiException e) {
                view.say(e.getMessage());
            } finally {
                answered.countDown();
            }
        }

        private void leave() {
            try {
                answered.await(STOP_SENT.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            view.say(stopping
                    ? "left without waiting: run " + run + " is being stopped; look at it with dbbackup runs " + run
                    : "left without waiting: the server has not yet said that it stops run " + run + "; look at it with dbbackup runs "
                            + run + ", stop it with dbbackup stop " + run);
            // not exit: that would wait for the thread that follows the run
            Runtime.getRuntime().halt(LEFT);
        }
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
