package io.dbbackup.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Drives one run through a {@link KillPlan}: kills the server at each moment, starts it again, restarts the run, until it has
 * ended. Counts what was done twice.
 */
final class KilledRun {

    private final RunningServer server;
    private final Map<String, Item> finished = new HashMap<>();
    private final List<String> repeated = new ArrayList<>();
    private String run;
    private int kills;

    KilledRun(RunningServer server, String run) {
        this.server = server;
        this.run = run;
    }

    /**
     * @param keeps which finished items must not be done again after a kill
     * @return the run as it ended
     */
    JsonNode through(KillPlan plan, Keeping keeps) {
        for (KillPlan.Moment moment : plan.moments()) {
            JsonNode now = server.rest().await(run, r -> KillPlan.share(r) >= moment.share()
                    && (!plan.keeping() || !keeps.finals(server.rest().items(run)).isEmpty()));
            if (RestClient.ended(now)) {
                break;
            }
            await(moment);
            server.sigkill();
            server.startAgain();
            JsonNode found = server.rest().run(run);
            if (RestClient.state(found).startsWith("SUCCEEDED")) { // it ended within the delay
                break;
            }
            kills++;
            assertThat(RestClient.state(found)).as("state after the kill").isEqualTo("INTERRUPTED");
            assertThat(found.path("restartable").asBoolean()).as("restartable after the kill").isTrue();
            remember(keeps);
            run = server.rest().restart(run);
        }
        JsonNode end = server.rest().awaitEnd(run);
        compare(server.rest().items(run));
        return end;
    }

    /** Decides from all items of a run which of the finished ones are final. */
    interface Keeping {
        List<Item> finals(List<Item> items);
    }

    int kills() {
        return kills;
    }

    /** Number of items that were finished before a kill and had to stay so. */
    int kept() {
        return finished.size();
    }

    /** Finished items that were begun again, in words; empty when nothing was done twice. */
    List<String> repeated() {
        return List.copyOf(repeated);
    }

    /** What the catalog holds after the kill is what had been finished before it. */
    private void remember(Keeping keeps) {
        List<Item> items = server.rest().items(run);
        compare(items);
        keeps.finals(items).forEach(item -> finished.put(item.key(), item));
        System.out.println("killed: " + items.stream().filter(Item::done).count() + " of " + items.size()
                + " items were done, " + finished.size() + " of them must not be done again");
    }

    private void compare(List<Item> items) {
        Map<String, Item> now = new HashMap<>();
        items.forEach(item -> now.put(item.key(), item));
        finished.forEach((key, before) -> {
            Item after = now.get(key);
            if (after == null || after.attempts() != before.attempts() || !after.ended().equals(before.ended())) {
                repeated.add("before the kill " + before + ", now " + after);
            }
        });
    }

    private static void await(KillPlan.Moment moment) {
        try {
            Thread.sleep(moment.delay().toMillis()); // the random moment itself, not a wait for something
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
