package io.dbbackup.engine.postgresql.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.engine.postgresql.PostgresVersions;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Problem;
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

    /** Between the preparation and the end others work in the database, and the run is interrupted. */
    @ParameterizedTest
    @MethodSource("versions")
    void large_objects_of_others_are_never_deleted_by_rows_alone(int major) {
        try (PostgresInstance server =
                PostgresInstance.builder().binaries(PostgresVersions.of(major)).start()) {
            server.psql("postgres", "CREATE DATABASE shop");
            server.psql("shop", CONTENT + "SELECT lo_from_bytea(i::oid, convert_to('large ' || i, 'UTF8')) FROM generate_series(5000, 6500) i;");
            server.psql("postgres", "CREATE DATABASE live TEMPLATE shop");
            server.psql("live", "TRUNCATE customer, orders, item; SELECT lo_unlink(oid) FROM pg_largeobject_metadata");
            try (BackupRun backup = new BackupRun(
                            PostgresVersions.endpoint(server), BackupRun.spec(selection(Sections.DATA), "shop"),
                            directory.resolve(major + "objects"), 2);
                    RestoreRun run = rows(server, backup.complete(), "CREATE TEMP TABLE nothing ()")) {
                run.drain();
                assertThat(run.problems().values()).extracting(Problem::code).containsExactly(ErrorCode.TOOL_FAILED);
                assertThat(objects(server)).endsWith(" of others");
                run.reopen();
                run.drain().mustBeComplete();
                assertThat(objects(server)).isEqualTo("1503 of others");
                assertThat(server.psql("live", "SELECT count(*) FROM pg_largeobject_metadata m WHERE oid <> 99999"
                                + " AND lo_get(oid) <> CASE oid WHEN 4711 THEN 'large'::bytea"
                                + " ELSE convert_to('large ' || oid, 'UTF8') END").strip())
                        .isEqualTo("0");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void a_large_object_of_others_with_an_oid_of_the_set_is_refused_and_stays(int major) {
        try (PostgresInstance server =
                PostgresInstance.builder().binaries(PostgresVersions.of(major)).start()) {
            server.psql("postgres", "CREATE DATABASE shop");
            server.psql("shop", CONTENT);
            server.psql("postgres", "CREATE DATABASE live TEMPLATE shop");
            server.psql("live", "TRUNCATE customer, orders, item; SELECT lo_unlink(oid) FROM pg_largeobject_metadata");
            try (BackupRun backup = new BackupRun(
                            PostgresVersions.endpoint(server), BackupRun.spec(selection(Sections.DATA), "shop"),
                            directory.resolve(major + "collision"), 2);
                    RestoreRun run = rows(server, backup.complete(), "SELECT lo_from_bytea(4711, 'mine')")) {
                run.drain();
                assertThat(run.problems().values()).singleElement().satisfies(problem -> {
                    assertThat(problem.code()).isEqualTo(ErrorCode.TABLE_NOT_EMPTY);
                    assertThat(problem.cause()).endsWith("since the restore began: 4711");
                });
                assertThat(server.psql("live", "SELECT lo_get(4711) = 'mine'").strip()).isEqualTo("t");
                server.psql("live", "SELECT lo_unlink(4711)");
                run.reopen();
                run.drain();
                run.reopen();
                run.drain().mustBeComplete();
                assertThat(objects(server)).isEqualTo("2 of others");
            }
        }
    }

    /** Planned; others store a large object when it is prepared, and the store fails once while large objects are read. */
    private static RestoreRun rows(PostgresInstance server, BlobSetReader set, String more) {
        DisturbedSet disturbed = new DisturbedSet(set);
        RestoreRun run = new RestoreRun(
                PostgresVersions.endpoint(server), disturbed, RestoreRun.spec("shop", "live"), 1).plan();
        run.onDone((item, result) -> {
            if (item.kind().equals(RestoreKind.SCHEMA)) {
                server.psql("live", "SELECT lo_from_bytea(99999, 'of others')");
                server.psql("live", more);
                disturbed.disturb(1, blob -> blob.name().endsWith("schema.dump.zst"), 100, () -> {
                    throw new BackupException(ErrorCode.STORE_IO, "the store is away", "Wait.");
                });
            }
        });
        return run;
    }

    private static String objects(PostgresInstance server) {
        return server.psql("live", "SELECT count(*) || ' ' || convert_from(lo_get(99999), 'UTF8') FROM pg_largeobject_metadata").strip();
    }
}
