package io.dbbackup.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.throwaway.PostgresInstance;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** A server with a heap of 512 MB backs up and restores more than that, and its heap does not grow with the data. */
class MemoryE2E {

    private static final long MEGABYTE = 1 << 20;
    private static final long SMALL = 200 * MEGABYTE;
    /** {@code dbbackup.memory}: size of the large database, in gigabytes. */
    private static final long LARGE =
            Long.parseLong(System.getProperty("dbbackup.memory", "3g").replace("g", "")) * 1024 * MEGABYTE;

    /**
     * Caches that fill up once, and what happens to be in flight in the workers at the moment of a look: up to 75 MB were
     * seen. A heap that grew with the data would grow by the difference of the two databases, many times that.
     */
    private static final long NOISE = 128 * MEGABYTE;

    private static final Duration BETWEEN = Duration.ofSeconds(1);

    @Test
    void the_heap_does_not_grow_with_the_data() {
        try (Landscape land = Landscape.with(source -> {
            fill(source, "small", SMALL);
            fill(source, "large", LARGE);
        }, Map.of("DBBACKUP_JAVA_OPTS", RunningServer.HEAP))) {
            LiveHeap small = peak(land, "small");
            LiveHeap large = peak(land, "large");
            assertThat(large.bytes()).as("live heap with a small database:%n%s%nand with a large one:%n%s", small.largest(),
                    large.largest()).isLessThan(small.bytes() + NOISE);
            assertThat(land.server.log()).doesNotContain("OutOfMemoryError");
        }
    }

    /** The largest live heap that was seen while the database was backed up, restored and compared. */
    private static LiveHeap peak(Landscape land, String database) {
        LiveHeap backup = during(land, "backup", Map.of(
                "policy", "all", "databases", database, "exclude", "[]", "partBytes", "32M"));
        LiveHeap restore = during(land, "restore", land.restoreOne(database, database));
        assertThat(land.target.psql(database, ROWS)).isEqualTo(land.source.psql(database, ROWS));
        return max(backup, restore);
    }

    private static final String ROWS = "SELECT count(*), sum(id) FROM filling";

    private static LiveHeap max(LiveHeap one, LiveHeap other) {
        return one.bytes() > other.bytes() ? one : other;
    }

    private static LiveHeap during(Landscape land, String job, Map<String, String> parameters) {
        RestClient rest = land.server.rest();
        AtomicReference<LiveHeap> peak = new AtomicReference<>(LiveHeap.of(land.server));
        String run = rest.start(job, parameters);
        Awaiting.until("end of " + job, BETWEEN, () -> {
            peak.set(max(peak.get(), LiveHeap.of(land.server)));
            return RestClient.ended(rest.run(run));
        });
        JsonNode end = RestClient.succeeded(rest.run(run));
        System.out.printf("%s of %s: %d MB from %s to %s, live heap at most %d MB, afterwards %d MB%n", job,
                parameters.get("databases"), end.path("progress").path("bytesDone").asLong() / MEGABYTE,
                end.path("startedAt").asText(), end.path("endedAt").asText(), peak.get().bytes() / MEGABYTE,
                LiveHeap.of(land.server).bytes() / MEGABYTE);
        return peak.get();
    }

    private static void fill(PostgresInstance source, String database, long bytes) {
        source.psql("postgres", "CREATE DATABASE " + database);
        // about 1 kB a row, too short to be compressed by the server
        source.psql(database, "CREATE TABLE filling AS SELECT n AS id, repeat(md5(n::text), 31) AS text"
                + " FROM generate_series(1, " + bytes / 1024 + ") n");
    }
}
