package io.dbbackup.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.throwaway.ClusterComparison;
import io.dbbackup.throwaway.PostgresInstance;
import io.dbbackup.throwaway.SampleCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What breaks around a run: a clear error, nothing visible, and a restart that works once the cause is gone. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FaultE2E {

    /** What a stop may take. */
    private static final Duration STOP = Duration.ofSeconds(2);

    private Landscape land;
    private RestClient rest;

    @BeforeAll
    void open() {
        land = Landscape.with(source -> {
            SampleCluster.on(source).largeTable("shop", 30_000).manyTables("definitions", 300);
            SlowTable.on(source);
        });
        rest = land.server.rest();
    }

    @AfterAll
    void close() {
        if (land != null) {
            land.close();
        }
    }

    @Test
    void a_dump_tool_that_is_killed_fails_the_backup_until_nobody_kills_it_any_more() {
        int before = land.manifests().size();
        ChildProcesses children = new ChildProcesses(land.server);
        String run = "";
        for (boolean killed = false; !killed; ) { // a dump may be so quick that nobody meets it
            run = rest.start("backup", Map.of("policy", "all", "databases", "definitions", "exclude", "[]"));
            String watched = run;
            Awaiting.until("end of a run without pg_dump", Duration.ofMillis(1), () -> {
                children.dumps().forEach(ProcessHandle::destroyForcibly);
                return RestClient.ended(rest.run(watched));
            });
            killed = !RestClient.state(rest.run(run)).startsWith("SUCCEEDED");
            before += killed ? 0 : 1;
        }
        failed(run, "TOOL_FAILED", "signal 9");
        assertThat(land.manifests()).hasSize(before);
        assertThat(children.alive()).isEmpty();

        restartAndVerify(run);
        assertThat(land.manifests()).hasSize(before + 1);
    }

    @Test
    void a_full_disk_fails_the_backup_until_there_is_space() {
        withSmallDisk("2m", disk -> {
            String run = rest.start("backup", into("small", Map.of("codec", "none")));
            rest.awaitEnd(run);
            failed(run, "STORE_FULL", "full");
            assertThat(Landscape.manifests(disk.path())).isEmpty();

            disk.remount("size=256m");
            restartAndVerify(run);
            assertThat(Landscape.manifests(disk.path())).hasSize(1);
        });
    }

    @Test
    void a_store_that_turns_read_only_fails_the_backup_until_it_is_writable() {
        withSmallDisk("256m", disk -> {
            String run;
            try (TableLock lock = new TableLock(land.source, SlowTable.DATABASE, "slow_rows")) {
                run = rest.start("backup", into("small", Map.of()));
                rest.await(run, now -> lock.someoneWaits() && leftToDo(now) == 1);
                disk.remount("ro");
            }
            rest.awaitEnd(run);
            failed(run, "STORE_NOT_WRITABLE", "read-only");
            assertThat(Landscape.manifests(disk.path())).isEmpty();

            List<Item> done = rest.items(run).stream().filter(Item::done).toList();
            disk.remount("rw");
            restartAndVerify(run);
            assertThat(rest.items(run)).as("what the first execution finished is not done again")
                    .containsAll(done.stream().filter(item -> !item.database().equals(SlowTable.DATABASE)).toList());
        });
    }

    @Test
    void a_backup_that_waits_for_a_lock_stops_within_two_seconds_and_completes_after_a_restart() {
        int before = land.manifests().size();
        String run;
        try (TableLock lock = new TableLock(land.source, SlowTable.DATABASE, "slow_rows")) {
            run = rest.start("backup", Map.of("policy", "all"));
            rest.await(run, now -> lock.someoneWaits());
            stop(run);
            Awaiting.until("end of all sessions", () -> sessions(land.source).isEmpty());
        }
        assertThat(land.manifests()).hasSize(before);

        Path orphan = storedByWorkerThatWasKilled(rest.run(run).path("set").asText());
        restartAndVerify(run);
        assertThat(land.manifests()).hasSize(before + 1);
        assertThat(orphan).doesNotExist();
    }

    /** A kill between the publication of a blob and its receipt leaves a blob that no manifest will name. */
    private Path storedByWorkerThatWasKilled(String set) {
        Path blob = land.store().resolve("source/" + set + "/databases/0001-shop.r9/data/orders-1-0001.copy.zst");
        try {
            Files.createDirectories(blob.getParent());
            return Files.writeString(blob, "left behind");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void a_backup_stops_within_two_seconds_while_the_dump_tool_runs() {
        int before = land.manifests().size();
        ChildProcesses children = new ChildProcesses(land.server);
        String run = rest.start("backup", Map.of("policy", "all", "databases", "definitions", "exclude", "[]"));
        Awaiting.until("pg_dump", Duration.ofMillis(1),
                () -> !children.dumps().isEmpty() || RestClient.ended(rest.run(run)));
        stop(run);
        assertThat(land.manifests()).hasSize(before);
        restartAndVerify(run);
    }

    @Test
    void a_restore_stops_within_two_seconds_in_the_middle_of_a_copy_and_completes_after_a_restart() {
        rest.succeed("backup", Map.of("policy", "all"));
        SlowTable.slow(land.target);
        String run = rest.start("restore", land.restoreOne(SlowTable.DATABASE, "after_stop"));
        rest.await(run, now -> SlowTable.loading(land.target));
        stop(run);
        Awaiting.until("end of all sessions", () -> sessions(land.target).isEmpty());
        assertThat(databases(land.target)).doesNotContain("after_stop");

        SlowTable.fast(land.target);
        rest.succeedAfterRestart(run);
        same("after_stop");
    }

    @Test
    void a_connection_that_drops_in_the_middle_of_a_copy_fails_the_restore_until_it_holds() {
        rest.succeed("backup", Map.of("policy", "all"));
        SlowTable.slow(land.target);
        String run = rest.start("restore", land.restoreOne(SlowTable.DATABASE, "after_drop"));
        rest.await(run, now -> {
            SlowTable.terminate(land.target);
            return false;
        });
        failed(run, "DATABASE_CONNECTION_LOST", "slow_rows");
        assertThat(databases(land.target)).doesNotContain("after_drop");

        SlowTable.fast(land.target);
        rest.succeedAfterRestart(run);
        same("after_drop");
    }

    private void withSmallDisk(String size, Consumer<SmallDisk> test) {
        Optional<SmallDisk> disk = SmallDisk.ofSize(size);
        assumeTrue(disk.isPresent(), "this user or container must not mount a file system");
        try (SmallDisk small = disk.orElseThrow()) {
            land.addStore("small", Path.of(small.path() + "/store"));
            test.accept(small);
            land.addStore("small", land.store().resolveSibling("not-small"));
        }
    }

    private static Map<String, String> into(String store, Map<String, String> more) {
        Map<String, String> parameters = new HashMap<>(more);
        parameters.put("policy", "all");
        parameters.put("store", store);
        return parameters;
    }

    /** The run failed, and says by code, cause and remedy why. */
    private void failed(String run, String code, String cause) {
        JsonNode end = rest.run(run);
        assertThat(RestClient.state(end)).as(end.toPrettyString()).isEqualTo("FAILED");
        assertThat(end.path("problem").path("code").asText()).as(end.toPrettyString()).isEqualTo(code);
        assertThat(end.path("problem").path("cause").asText()).contains(cause);
        assertThat(end.path("problem").path("remedy").asText()).isNotBlank();
        assertThat(end.path("restartable").asBoolean()).isTrue();
    }

    private void stop(String run) {
        Instant asked = Instant.now();
        JsonNode end = rest.stopAndAwait(run);
        assertThat(RestClient.state(end)).as(end.toPrettyString()).isEqualTo("STOPPED");
        assertThat(Instant.parse(end.path("endedAt").asText())).isBefore(asked.plus(STOP));
        assertThat(new ChildProcesses(land.server).alive()).as("child processes after a stop").isEmpty();
    }

    private void restartAndVerify(String run) {
        rest.succeedAfterRestart(run);
        String set = rest.run(run).path("set").asText();
        rest.succeed("verify", Map.of("set", set, "level", "content"));
    }

    private void same(String database) {
        assertThat(ClusterComparison.between(land.source, land.target).database(SlowTable.DATABASE, database).differences())
                .isEmpty();
    }

    private static long leftToDo(JsonNode run) {
        JsonNode items = run.path("progress").path("items");
        return items.path("total").asLong() - items.path("done").asLong();
    }

    /** Sessions that the product holds. */
    private static String sessions(PostgresInstance server) {
        return server.psql("postgres", "SELECT application_name FROM pg_stat_activity WHERE application_name LIKE 'dbbackup%'")
                .strip();
    }

    private static List<String> databases(PostgresInstance server) {
        return server.psql("postgres", "SELECT datname FROM pg_database").lines().map(String::strip).toList();
    }
}
