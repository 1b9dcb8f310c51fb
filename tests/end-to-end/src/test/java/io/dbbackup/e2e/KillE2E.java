package io.dbbackup.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.throwaway.ClusterComparison;
import io.dbbackup.throwaway.SampleCluster;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The promise: killed at any moment, restarted, the result is complete and right, and finished work is not done again. */
class KillE2E {

    private static final long ROWS = 100_000; // so that the large table has about fifteen parts

    @Test
    void a_cluster_backup_and_its_restore_survive_sigkill_at_random_moments() {
        try (Landscape land = Landscape.with(source -> SampleCluster.on(source).largeTable("shop", ROWS).everything())) {
            kill(land, KillPlan.fromProperties("backup"), "backup", () -> Map.of("policy", "all"),
                    KillE2E::itemsOfFinishedDatabases);
            assertThat(land.manifests()).hasSize(1);
            assertThat(land.server.rest().get("sets").expect(200).body().path("items")).hasSize(1);
            land.server.rest().succeed("verify", Map.of("set", "latest:source", "level", "content"));
            // a killed backup leaves nothing behind that the manifest does not name
            land.server.rest().succeed("verify", Map.of("set", "latest:source", "level", "stored"));

            kill(land, KillPlan.fromProperties("restore"), "restore", land::restoreAll,
                    items -> items.stream().filter(Item::done).toList());
            assertThat(ClusterComparison.between(land.source, land.target).differences()).isEmpty();
        }
    }

    private static void kill(
            Landscape land, KillPlan plan, String job, Supplier<Map<String, String>> parameters, KilledRun.Keeping keeps) {
        KilledRun killed = new KilledRun(land.server, land.server.rest().start(job, parameters.get()));
        JsonNode end = RestClient.succeeded(killed.through(plan, keeps));
        assertThat(killed.kills()).as("kills that found the run going on").isEqualTo(plan.moments().size());
        assertThat(killed.kept()).as("items that were finished before a kill").isPositive();
        assertThat(killed.repeated()).as("finished items that were done again").isEmpty();
        assertThat(end.path("executions").asInt()).isEqualTo(plan.moments().size() + 1);
    }

    /** A database whose snapshot is lost starts again: final is what belongs to a closed database, or to none. */
    private static List<Item> itemsOfFinishedDatabases(List<Item> items) {
        Set<String> closed = items.stream().filter(item -> item.done() && item.kind().endsWith("close"))
                .map(Item::database).collect(Collectors.toSet());
        return items.stream()
                .filter(item -> item.done() && (item.database().isEmpty() || closed.contains(item.database()))).toList();
    }
}
