package io.dbbackup.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.throwaway.ClusterComparison;
import io.dbbackup.throwaway.PostgresInstance;
import io.dbbackup.throwaway.SampleCluster;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The promise: killed at any moment, restarted, the result is complete and right, and finished work is not done again. */
class KillE2E {

    private static final long ROWS = 300_000; // so that the large table has about twelve parts

    @Test
    void a_backup_survives_sigkill_at_random_moments() {
        try (Landscape land = Landscape.with(KillE2E::fill)) {
            RestClient rest = land.server.rest();
            KillPlan plan = KillPlan.fromProperties("backup");
            KilledRun killed = new KilledRun(land.server, rest.start("backup", Map.of("policy", "all")));

            JsonNode end = killed.through(plan, KillE2E::itemsOfFinishedDatabases);

            assertThat(RestClient.state(end)).as(end.toPrettyString()).isEqualTo("SUCCEEDED");
            assertThat(killed.kills()).as("kills that found the run going on").isEqualTo(plan.moments().size());
            assertThat(killed.repeated()).isEmpty();
            assertThat(land.manifests()).hasSize(1);
            RestClient again = land.server.rest();
            again.succeed("verify", Map.of("set", "latest:source", "level", "content"));
            again.succeed("restore", land.restoreAll());
            assertThat(ClusterComparison.between(land.source, land.target).differences()).isEmpty();
        }
    }

    @Test
    void a_restore_survives_sigkill_at_random_moments() {
        try (Landscape land = Landscape.with(KillE2E::fill)) {
            RestClient rest = land.server.rest();
            rest.succeed("backup", Map.of("policy", "all"));
            KillPlan plan = KillPlan.fromProperties("restore");
            KilledRun killed = new KilledRun(land.server, rest.start("restore", land.restoreAll()));

            JsonNode end = killed.through(plan, items -> items.stream().filter(Item::done).toList());

            assertThat(RestClient.state(end)).as(end.toPrettyString()).isEqualTo("SUCCEEDED");
            assertThat(killed.kills()).as("kills that found the run going on").isEqualTo(plan.moments().size());
            assertThat(killed.repeated()).isEmpty();
            assertThat(ClusterComparison.between(land.source, land.target).differences()).isEmpty();
        }
    }

    private static void fill(PostgresInstance source) {
        SampleCluster.on(source).largeTable("shop", ROWS).everything();
    }

    /** A database whose snapshot is lost starts again: final is what belongs to a closed database, or to none. */
    private static List<Item> itemsOfFinishedDatabases(List<Item> items) {
        Set<String> closed = items.stream().filter(item -> item.done() && item.kind().endsWith("close"))
                .map(Item::database).collect(Collectors.toSet());
        return items.stream()
                .filter(item -> item.done() && (item.database().isEmpty() || closed.contains(item.database()))).toList();
    }
}
