package io.dbbackup.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Random moments at which the server is killed while a run goes on: shares of the work done, not times, so that they mean
 * the same on a slow and on a fast machine. The seed is printed, and the same seed gives the same plan.
 *
 * @param seed of the random numbers
 * @param moments in ascending order of their share
 * @param keeping whether each waits until something is final: shares are of the work that is known, which grows
 */
record KillPlan(long seed, List<Moment> moments, boolean keeping) {

    /**
     * When to kill.
     *
     * @param share of the work done, from 0 (while the run is being planned) to below 1
     * @param delay after the share has been reached, to hit any point within an item; short, so that the run cannot end in it
     */
    record Moment(double share, Duration delay) {}

    KillPlan {
        moments = List.copyOf(moments);
    }

    /** As many moments as the property {@code dbbackup.kills} says, from {@code dbbackup.seed} or a random seed. */
    static KillPlan fromProperties(String purpose) {
        return said(purpose, of(chosenSeed(), Integer.getInteger("dbbackup.kills", 3)));
    }

    private static long chosenSeed() {
        String given = System.getProperty("dbbackup.seed", "");
        return given.isBlank() ? new Random().nextInt(1_000_000) : Long.parseLong(given);
    }

    private static KillPlan said(String purpose, KillPlan plan) {
        System.out.println(purpose + ": kill moments of seed " + plan.seed() + " (repeat with -Ddbbackup.seed=" + plan.seed()
                + "): " + plan.moments());
        return plan;
    }

    /**
     * A third as many, at least one, all of them when most of the work is done but not all, so that there is something that must
     * stay as it is.
     */
    static KillPlan late(String purpose) {
        long seed = chosenSeed();
        Random random = new Random(seed);
        int kills = Math.max(1, Integer.getInteger("dbbackup.kills", 3) / 3);
        List<Moment> moments = new ArrayList<>();
        for (int i = 0; i < kills; i++) {
            moments.add(new Moment(0.74 + (i + random.nextDouble()) / kills * 0.1, Duration.ofMillis(random.nextInt(10))));
        }
        return said(purpose, new KillPlan(seed, moments, true));
    }

    static KillPlan of(long seed, int kills) {
        Random random = new Random(seed);
        List<Moment> moments = new ArrayList<>();
        for (int i = 0; i < kills; i++) {
            // One in each equal section of the run, so that the later ones still find it running.
            double share = (i + random.nextDouble()) / kills * 0.65;
            moments.add(new Moment(i == 0 && random.nextBoolean() ? 0 : share, Duration.ofMillis(random.nextInt(30))));
        }
        return new KillPlan(seed, moments, false);
    }

    static double share(JsonNode run) {
        JsonNode progress = run.path("progress");
        double total = progress.path("bytesTotal").asDouble();
        double bytes = total == 0 ? 0 : progress.path("bytesDone").asDouble() / total;
        double items = progress.path("items").path("total").asDouble();
        double done = items == 0 ? 0 : progress.path("items").path("done").asDouble() / items;
        // Both, because a restore ends with many items that move no bytes.
        return (bytes + done) / 2;
    }
}
