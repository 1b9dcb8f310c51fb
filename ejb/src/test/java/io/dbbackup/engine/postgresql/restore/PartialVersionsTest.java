package io.dbbackup.engine.postgresql.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.postgresql.BackupRun;
import io.dbbackup.engine.postgresql.PostgresVersions;
import io.dbbackup.model.Sample;
import io.dbbackup.model.Selection;
import io.dbbackup.model.Selection.Sections;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.throwaway.ClusterComparison;
import io.dbbackup.throwaway.PostgresInstance;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Partial sets on the oldest and the newest version, on all with {@code -Ddbbackup.tests=full}. */
class PartialVersionsTest {
    private static final String CONTENT = """
            CREATE ROLE reader;
            CREATE TABLE customer (id serial PRIMARY KEY, name text, invited_by int REFERENCES customer);
            CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer int NOT NULL REFERENCES customer,
                at timestamptz, tags text[]);
            CREATE TABLE item (orders int REFERENCES orders, n int) PARTITION BY LIST (n);
            CREATE TABLE item_even PARTITION OF item FOR VALUES IN (0, 2);
            CREATE TABLE item_odd PARTITION OF item FOR VALUES IN (1, 3);
            CREATE VIEW names AS SELECT name FROM customer;
            INSERT INTO customer (name, invited_by) SELECT 'c' || i, nullif(i / 3, 0) FROM generate_series(1, 600) i;
            INSERT INTO orders (customer, at, tags) SELECT 1 + i % 600, '2026-01-01'::timestamptz + i * interval '1 min',
                ARRAY['a', i::text] FROM generate_series(1, 2000) i;
            INSERT INTO item SELECT 1 + i % 2000, i % 4 FROM generate_series(1, 4000) i;
            SELECT lo_from_bytea(4711, 'large');
            COMMENT ON LARGE OBJECT 4711 IS 'a large one';
            GRANT SELECT ON LARGE OBJECT 4711 TO reader;
            ANALYZE;
            """;

    @TempDir
    private static Path directory;

    static Stream<Integer> versions() {
        boolean full = "full".equals(System.getProperty("dbbackup.tests"));
        return full ? PostgresVersions.SUPPORTED.stream() : Stream.of(13, 18);
    }

    private static Selection selection(Sections sections, Sample... sample) {
        return new Selection(sections, List.of(), List.of(), List.of(), Stream.of(sample).findFirst());
    }

    private static Set<String> moved(PostgresInstance server, Selection selection, String to) {
        try (BackupRun run = new BackupRun(
                PostgresVersions.endpoint(server), BackupRun.spec(selection, "shop"),
                directory.resolve(server.majorVersion() + to + selection.sections()), 2)) {
            BlobSetReader set = run.complete();
            try (RestoreRun restore = new RestoreRun(
                    PostgresVersions.endpoint(server), set, RestoreRun.spec("shop", to), 2)) {
                restore.executingTwice(item -> true).complete();
                assertThat(restore.differences()).isEmpty();
                return restore.warnings();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void definitions_and_rows_apart_make_the_whole_and_a_sample_holds_together(int major) {
        try (PostgresInstance server =
                PostgresInstance.builder().binaries(PostgresVersions.of(major)).start()) {
            server.psql("postgres", "CREATE DATABASE shop");
            server.psql("shop", CONTENT);
            assertThat(moved(server, selection(Sections.SCHEMA), "again")).isEmpty();
            assertThat(moved(server, selection(Sections.DATA), "again")).isEmpty();
            assertThat(ClusterComparison.between(server, server).database("shop", "again").differences()).isEmpty();
            Set<String> warnings = moved(server, selection(Sections.ALL, new Sample(0.05, 0, 1)), "sample");
            assertThat(warnings).hasSize(major < 14 ? 1 : 0).allMatch(warning -> warning.contains("customer_invited_by_fkey"));
            assertThat(Long.parseLong(server.psql("sample", "SELECT count(*) FROM item").strip())).isBetween(100L, 400L);
            Selection without = new Selection(
                    Sections.ALL, List.of(), List.of("customer"), List.of("item"), Optional.empty());
            assertThat(moved(server, without, "without")).hasSize(1);
            assertThat(server.psql("without", "SELECT (SELECT count(*) FROM orders) - (SELECT count(*) FROM item)"
                            + " || ' ' || coalesce(to_regclass('names')::text, 'no view')").strip())
                    .isEqualTo("2000 no view");
        }
    }
}
