package io.dbbackup.engine.postgresql.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.engine.postgresql.PostgresVersions;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.RestoreSpec;
import io.dbbackup.throwaway.ClusterComparison;
import io.dbbackup.throwaway.PostgresInstance;
import io.dbbackup.throwaway.Sample;
import io.dbbackup.throwaway.SampleCluster;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Backup, restore and comparison on servers of every supported version, and upgrades. What always runs is a part of the
 * sample cluster; {@code -Ddbbackup.tests=full} adds all of it and every way from one version to a later one.
 */
class VersionsTest {
    private static final String NAME = "sampled";
    private static final String FULL = "dbbackup.tests";
    private static final Pattern SPELLING = Pattern.compile(
            "^schema of database [^\\n]*(differs, expected|Name: SCHEMA public|Name: public; Type: SCHEMA)|^globals");
    private static final Pattern SEARCH_PATH = Pattern.compile("bookings_by_rate|app\\.rated");

    @TempDir
    private static Path directory;

    static Stream<Integer> versions() {
        return PostgresVersions.SUPPORTED.stream();
    }

    static Stream<Arguments> upgrades() {
        return versions().flatMap(from -> versions().filter(to -> to > from).map(to -> Arguments.of(from, to)));
    }

    private static PostgresInstance server(int major) {
        return PostgresInstance.builder().binaries(PostgresVersions.of(major)).setting("wal_level", "logical").start();
    }

    /** One server of each version and a set of what is on it, made when first asked for. */
    private static final Map<Integer, Sampled> SAMPLED = new TreeMap<>();

    private record Sampled(PostgresInstance server, BlobSetReader set) {
        static Sampled of(int major) {
            return SAMPLED.computeIfAbsent(major, missing -> {
                PostgresInstance server = VersionsTest.server(major);
                SampleCluster.on(server)
                        .with(NAME, Sample.LARGE_OBJECTS, Sample.PARTITIONS, Sample.SEQUENCES, Sample.FOREIGN_KEYS)
                        .with(NAME, Sample.TYPES, Sample.VALUES, Sample.MATVIEWS, Sample.TRIGGERS, Sample.RIGHTS)
                        .with(NAME, Sample.EXTENSIONS, Sample.REPLICATION, Sample.SEARCH_PATH);
                return new Sampled(server, backUp(server));
            });
        }
    }

    @AfterAll
    static void stop() {
        SAMPLED.values().forEach(sampled -> sampled.server.close());
        SAMPLED.clear();
    }

    @ParameterizedTest
    @MethodSource("versions")
    void a_set_of_each_version_restores_into_the_same_version(int major) {
        Sampled source = Sampled.of(major);
        restore(source.set, source.server, RestoreRun.spec(NAME, "again_" + NAME));
        assertThat(ClusterComparison.between(source.server, source.server).database(NAME, "again_" + NAME).differences())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"13, 18", "15, 17"})
    void a_set_restores_into_a_later_version(int from, int to) {
        Sampled source = Sampled.of(from);
        PostgresInstance target = Sampled.of(to).server;
        Set<String> warnings = restore(source.set, target, RestoreRun.spec(NAME, "older_" + NAME));
        assertThat(warnings).filteredOn(warning -> warning.contains("left out")).hasSize(2);
        assertThat(upgraded(source.server, target, comparison -> comparison.database(NAME, "older_" + NAME))).isEmpty();
    }

    /** What the new search_path explains is left out; what it does not explain fails. */
    @Test
    void an_index_that_rows_contradict_fails_a_restore_into_17() {
        PostgresInstance source = Sampled.of(15).server;
        source.psql("postgres", "CREATE DATABASE contradicted");
        source.psql("contradicted", """
                CREATE TABLE t (i int);
                INSERT INTO t VALUES (1), (2);
                CREATE FUNCTION f(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1';
                CREATE UNIQUE INDEX one_each ON t (f(i));
                CREATE OR REPLACE FUNCTION f(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 0';
                """);
        try (BackupRun backup = new BackupRun(
                        PostgresVersions.endpoint(source), BackupRun.spec(1 << 20, "contradicted"),
                        directory.resolve("contradicted"), 2);
                RestoreRun run = new RestoreRun(
                        PostgresVersions.endpoint(Sampled.of(17).server), backup.complete(),
                        RestoreRun.spec("contradicted", "contradicted"), 2)) {
            run.plan().drain();
            assertThat(run.problems().values()).singleElement().satisfies(problem -> {
                assertThat(problem.code()).isEqualTo(ErrorCode.DATABASE_STATEMENT_FAILED);
                assertThat(problem.cause()).contains("one_each", "could not create unique index", "(SQLSTATE 23505)");
            });
            run.restore().discard(run.target(), run.run());
        } finally {
            source.psql("postgres", "DROP DATABASE contradicted");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    @EnabledIfSystemProperty(named = FULL, matches = "full")
    void the_whole_sample_cluster_of_each_version_restores_into_the_same_version(int major) {
        try (PostgresInstance source = server(major);
                PostgresInstance target = server(major)) {
            SampleCluster.on(source).everything();
            BlobSetReader set = backUp(source);
            restore(set, target, RestoreRun.everything(set));
            assertThat(ClusterComparison.between(source, target).differences()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("upgrades")
    @EnabledIfSystemProperty(named = FULL, matches = "full")
    void the_whole_sample_cluster_restores_into_every_later_version(int from, int to) {
        try (PostgresInstance source = server(from);
                PostgresInstance target = server(to)) {
            SampleCluster.on(source).largeTable("shop", 5_000).everything();
            BlobSetReader set = backUp(source);
            restore(set, target, RestoreRun.everything(set));
            assertThat(upgraded(source, target, comparison -> comparison)).isEmpty();
        }
    }

    private static BlobSetReader backUp(PostgresInstance source) {
        Path own = directory.resolve(source.majorVersion() + "-" + source.port());
        try (BackupRun run = new BackupRun(
                PostgresVersions.endpoint(source), BackupRun.spec(1 << 20), own, 2)) {
            return run.complete();
        }
    }

    private static Set<String> restore(BlobSetReader set, PostgresInstance target, RestoreSpec spec) {
        try (RestoreRun run = new RestoreRun(PostgresVersions.endpoint(target), set, spec, 2)) {
            run.complete();
            assertThat(run.differences()).isEmpty();
            return run.warnings();
        }
    }

    /**
     * Differences, both sides seen by the tools of the later one, which can read both. Left out are definitions that are
     * there but read differently, since versions spell the same thing differently (columns of views, all privileges,
     * options of subscriptions); the owner of public, which has a role of its own since 15; and what depends on the
     * search_path in a way that 17 has put an end to.
     */
    private static List<String> upgraded(
            PostgresInstance source, PostgresInstance target, UnaryOperator<ClusterComparison> what) {
        boolean safePath = source.majorVersion() < 17 && target.majorVersion() >= 17;
        return what.apply(ClusterComparison.between(source.endpoint().with(target.binaries()), target.endpoint()))
                .differences().stream()
                .filter(difference -> !SPELLING.matcher(difference).find())
                .filter(difference -> !(safePath && SEARCH_PATH.matcher(difference).find()))
                .toList();
    }
}
