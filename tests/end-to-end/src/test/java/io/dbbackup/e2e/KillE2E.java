package io.dbbackup.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.throwaway.ClusterComparison;
import io.dbbackup.throwaway.SampleCluster;
import io.dbbackup.throwaway.ServerArchive;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The promise: killed at any moment, restarted, the result is complete and right, and finished work is not done again. */
class KillE2E {

    private static final long ROWS = 100_000; // so that the large table has about fifteen parts

    private static Landscape land;

    @BeforeAll
    static void open() {
        land = Landscape.with(source -> SampleCluster.on(source).largeTable("shop", ROWS).everything());
    }

    @AfterAll
    static void close() {
        land.close();
    }

    @Test
    void a_cluster_backup_and_its_restore_survive_sigkill_at_random_moments() {
        kill(KillPlan.fromProperties("backup"), "backup", Map.of("policy", "all"), KillE2E::itemsOfFinishedDatabases);
        completeAndUnique("source");

        kill(KillPlan.fromProperties("restore"), "restore", land.restoreAll(), KillE2E::allFinishedItems);
        assertThat(ClusterComparison.between(land.source, land.target).differences()).isEmpty();
    }

    @Test
    void a_backup_of_a_whole_mariadb_and_its_restore_survive_sigkill_in_the_middle() {
        try (MysqlPair pair = MysqlPair.mariadb()) {
            killInTheMiddle(pair.withManyParts(100_000));
        }
    }

    @Test
    void a_backup_of_a_whole_mysql_and_its_restore_survive_sigkill_in_the_middle() throws IOException, InterruptedException {
        try (ServerArchive programs = ServerArchive.mysql80();
                MysqlPair pair = MysqlPair.mysql(programs)) {
            // it is slower, and cuts smaller parts
            killInTheMiddle(pair.withManyParts(50_000));
        }
    }

    private static void killInTheMiddle(MysqlPair pair) {
        land.server.rest().configure(pair.configuration());
        kill(KillPlan.late("backup of " + pair.engine()), "backup",
                Map.of("source", pair.name(), "store", "disk", "partBytes", "1M", "workers", "2"),
                KillE2E::itemsOfFinishedDatabases);
        completeAndUnique(pair.name());
        // what was closed before the kill is of an earlier instant than the rest
        assertThat(land.server.rest().get("sets/latest:" + pair.name()).expect(200).body().path("consistency").asText())
                .isEqualTo("per-database");

        kill(KillPlan.late("restore of " + pair.engine()), "restore", pair.restoreAll(), KillE2E::allFinishedItems);
        assertThat(pair.described(true)).isEqualTo(pair.described(false));
    }

    /** One set, intact; a killed backup leaves nothing behind that its manifest does not name. */
    private static void completeAndUnique(String source) {
        RestClient rest = land.server.rest();
        assertThat(rest.get("sets?source=" + source).expect(200).body().path("items")).hasSize(1);
        assertThat(land.manifests(source)).hasSize(1);
        rest.succeed("verify", Map.of("set", "latest:" + source, "level", "content"));
        rest.succeed("verify", Map.of("set", "latest:" + source, "level", "stored"));
    }

    private static void kill(KillPlan plan, String job, Map<String, String> parameters, KilledRun.Keeping keeps) {
        KilledRun killed = new KilledRun(land.server, land.server.rest().start(job, parameters));
        // a kill may fall between the end of a database on the target and its record here, which nobody is to be told of
        JsonNode end = RestClient.succeeded(killed.through(plan, keeps));
        assertThat(killed.kills()).as("kills that found the run going on").isEqualTo(plan.moments().size());
        assertThat(killed.kept()).as("items that were finished before a kill").isPositive();
        assertThat(killed.repeated()).as("finished items that were done again").isEmpty();
        assertThat(end.path("executions").asInt()).isEqualTo(plan.moments().size() + 1);
    }

    private static List<Item> allFinishedItems(List<Item> items) {
        return items.stream().filter(Item::done).toList();
    }

    /** A database whose snapshot is lost starts again: final is what belongs to a closed database, or to none. */
    private static List<Item> itemsOfFinishedDatabases(List<Item> items) {
        Set<String> closed = items.stream().filter(item -> item.done() && item.kind().endsWith("close"))
                .map(Item::database).collect(Collectors.toSet());
        return items.stream()
                .filter(item -> item.done() && (item.database().isEmpty() || closed.contains(item.database()))).toList();
    }
}
