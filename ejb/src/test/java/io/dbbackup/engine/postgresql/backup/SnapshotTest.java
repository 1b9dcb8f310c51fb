package io.dbbackup.engine.postgresql.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.engine.postgresql.CopyFormat;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.BlobInfo;
import io.dbbackup.spi.ItemDraft;
import io.dbbackup.throwaway.PostgresInstance;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A database that changes while it is backed up, and sessions and programs that die meanwhile. */
class SnapshotTest {
    private static final long PART = 1 << 20;

    private static PostgresInstance server;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() {
        server = PostgresInstance.builder().start();
    }

    @BeforeEach
    void fill() {
        server.psql("postgres", "CREATE DATABASE busy");
        server.psql("busy", """
                CREATE TABLE big (id int PRIMARY KEY, t text);
                INSERT INTO big SELECT i, repeat(md5(i::text), 4) FROM generate_series(1, 60000) i;
                CREATE TABLE small (id int); INSERT INTO small SELECT generate_series(1, 10);
                """);
    }

    @AfterEach
    void empty() {
        server.psql("postgres", "DROP DATABASE busy WITH (FORCE)");
    }

    @AfterAll
    static void end() {
        server.close();
    }

    private BackupRun run(int workers) {
        return new BackupRun(BackupRun.endpoint(server), BackupRun.spec(PART, "busy"), directory, workers);
    }

    private static TableManifest table(BlobSetReader set, String name) {
        DatabaseManifest database = set.database(set.manifest().databases().get(0));
        return database.tables().stream().filter(table -> table.name().equals(name)).findFirst().orElseThrow();
    }

    private Fingerprint whole(BackupRun run, String table) {
        try (SnapshotSession session = SnapshotSession.open(run.source(), "busy");
                SnapshotReader reader = session.borrow();
                CopyOutSource copy = new CopyOutSource(
                        reader, "COPY " + table + " TO STDOUT (FORMAT binary)", CopyFormat.BINARY, List.of(), run.cancellation())) {
            return BackupTest.scan("pgcopy-binary", copy.stream());
        }
    }

    @Test
    void parts_of_a_table_add_up_to_the_snapshot_whatever_happens_meanwhile() {
        try (BackupRun run = run(2)) {
            Fingerprint before = whole(run, "public.big");
            run.onDone((item, result) -> {
                if (item.kind().equals(ItemData.OPEN)) {
                    server.psql("busy", """
                            DELETE FROM big WHERE id % 3 = 0;
                            UPDATE big SET t = t || 'x' WHERE id % 3 = 1;
                            INSERT INTO big SELECT i, 'new' FROM generate_series(100001, 130000) i;
                            """);
                } else if (item.kind().equals(ItemData.PART)) {
                    server.psql("busy", "VACUUM big");
                }
            });
            TableManifest big = table(run.complete(), "big");
            assertThat(big.parts()).hasSizeGreaterThan(5);
            assertThat(big.content()).isEqualTo(before);
        }
    }

    @Test
    void a_small_table_with_much_in_it_gets_a_blob_of_its_own() {
        server.psql("busy", """
                CREATE TABLE puffed (t text); INSERT INTO puffed SELECT repeat('x', 10000000) FROM generate_series(1, 2);
                CREATE TABLE nothing (); INSERT INTO nothing DEFAULT VALUES; INSERT INTO nothing DEFAULT VALUES;
                CREATE TABLE computed (a int GENERATED ALWAYS AS (1) STORED); INSERT INTO computed DEFAULT VALUES;
                """);
        try (BackupRun run = run(1)) {
            BlobSetReader set = run.complete();
            assertThat(table(set, "puffed").parts()).singleElement().satisfies(part -> {
                assertThat(part.member()).isEmpty();
                assertThat(part.plainBytes()).isGreaterThan(20_000_000);
                assertThat(part.content().rows()).isEqualTo(2);
            });
            assertThat(table(set, "small").parts().get(0).member()).isNotEmpty();
            assertThat(table(set, "nothing").content().rows()).isEqualTo(2);
            assertThat(table(set, "computed").content().rows()).isEqualTo(1);
            assertThat(table(set, "puffed").content()).isEqualTo(whole(run, "public.puffed"));
        }
    }

    @Test
    void nobody_can_truncate_or_drop_a_table_of_the_snapshot() {
        try (BackupRun run = run(2)) {
            AtomicBoolean refused = new AtomicBoolean();
            run.onDone((item, result) -> {
                if (item.kind().equals(ItemData.OPEN)) {
                    String answer = server.psql("busy", """
                            SET lock_timeout = '100ms';
                            DO $$ BEGIN TRUNCATE small; EXCEPTION WHEN lock_not_available THEN
                              RAISE NOTICE 'refused'; END $$;
                            SELECT count(*) FROM small;
                            """);
                    refused.set(answer.contains("10"));
                }
            });
            assertThat(table(run.complete(), "small").content().rows()).isEqualTo(10);
            assertThat(refused).isTrue();
        }
    }

    @Test
    void a_table_locked_by_others_is_named_when_the_wait_is_over() throws Exception {
        var endpoint = BackupRun.endpoint(server);
        try (BackupRun run = new BackupRun(impatient(), BackupRun.spec(PART, "busy"), directory, 1);
                var other = io.dbbackup.engine.postgresql.PgConnections.open(endpoint, "busy", "other");
                var statement = other.createStatement()) {
            statement.execute("BEGIN; LOCK TABLE public.small IN ACCESS EXCLUSIVE MODE");
            run.execute();
            assertThat(run.problems().values()).singleElement().satisfies(problem -> {
                assertThat(problem.code()).isEqualTo(ErrorCode.DATABASE_TABLE_LOCKED);
                assertThat(problem.cause()).contains("\"public\".\"small\"").doesNotContain("big");
            });
            assertThat(run.held()).isEmpty();
        }
    }

    /** Who asks for a lock waits behind those who asked before, and these may wait for the snapshot's own locks. */
    @Test
    void the_backup_and_somebody_who_changes_a_table_do_not_wait_for_each_other() throws Exception {
        try (BackupRun run = new BackupRun(impatient(), BackupRun.spec(PART, "busy"), directory, 1)) {
            AtomicBoolean once = new AtomicBoolean();
            Thread changer = new Thread(() -> server.psql("busy", "TRUNCATE small"));
            run.onDone((item, result) -> {
                if (item.kind().equals(ItemData.OPEN) && once.compareAndSet(false, true)) {
                    changer.start();
                    while (server.psql("busy", "SELECT count(*) FROM pg_locks"
                                    + " WHERE relation = 'small'::regclass AND NOT granted").strip().equals("0")) {
                        Thread.onSpinWait();
                    }
                }
            });
            BlobSetReader set = assertTimeoutPreemptively(Duration.ofSeconds(60), run::complete);
            changer.join();
            assertThat(set.database(set.manifest().databases().get(0)).blobs()).allSatisfy(blob ->
                    assertThat(blob.name()).startsWith("databases/0001-busy.r2/"));
            assertThat(table(set, "small").content().rows()).isZero();
        }
    }

    /** An endpoint that waits for locks for a second. */
    private static io.dbbackup.model.Endpoint impatient() {
        var endpoint = BackupRun.endpoint(server);
        return new io.dbbackup.model.Endpoint(
                "test", "postgresql", endpoint.host(), endpoint.port(), endpoint.user(), endpoint.password(), "postgres",
                java.util.Map.of("sslmode", "disable", "lockTimeoutSeconds", "1"));
    }

    @Test
    void a_table_truncated_between_snapshot_and_lock_is_noticed() throws Exception {
        try (BackupRun run = run(1);
                SnapshotSession session = SnapshotSession.open(run.source(), "busy")) {
            List<TableListing> tables = session.inHolder(sql -> TableCatalog.list(sql, false));
            server.psql("busy", "TRUNCATE small");
            org.assertj.core.api.Assertions.assertThatThrownBy(
                            () -> new TableLocks(session, 1, run.cancellation()).take(tables))
                    .isInstanceOf(TableLocks.MovedException.class)
                    .hasMessageContaining("small");
        }
    }

    @Test
    void a_table_without_a_lock_of_its_own_is_checked_when_it_is_read() throws Exception {
        try (BackupRun run = run(1);
                SnapshotSession session = SnapshotSession.open(run.source(), "busy");
                SnapshotReader reader = session.borrow()) {
            List<TableListing> tables = session.inHolder(sql -> TableCatalog.list(sql, false));
            session.holdsOnly(List.of());
            server.psql("busy", "TRUNCATE small");
            for (TableListing listed : tables) {
                TableDefinition table =
                        TableDefinitions.find(reader.sql(), List.of(listed.oid()), session.encoding()).get(0);
                String statement = new CopyStatements(table, session.encoding()).readAll();
                if (table.name().equals("small")) {
                    org.assertj.core.api.Assertions.assertThatThrownBy(() ->
                                    new CopyOutSource(
                                    reader, statement, table.format(), List.of(table), run.cancellation()))
                            .isInstanceOfSatisfying(io.dbbackup.model.BackupException.class, e ->
                                    assertThat(e.code()).isEqualTo(ErrorCode.SNAPSHOT_LOST));
                } else {
                    try (CopyOutSource source =
                            new CopyOutSource(
                                    reader, statement, table.format(), List.of(table), run.cancellation())) {
                        assertThat(source.stream().readAllBytes()).isNotEmpty();
                        assertThat(server.psql("busy", "SELECT count(*) FROM pg_locks WHERE relation = 'big'::regclass"))
                                .startsWith("1");
                    }
                }
            }
        }
        assertThat(server.psql("busy", "SELECT count(*) FROM pg_locks WHERE relation = 'big'::regclass"))
                .startsWith("0");
    }

    /** What somebody does between the snapshot and its locks, or where there are none, with tables that stay as they are stored. */
    private static final String RENAMED_TABLE =
            "ALTER TABLE one.t RENAME TO x; ALTER TABLE one.u RENAME TO t; ALTER TABLE one.x RENAME TO u";

    private static final String RENAMED_SCHEMA =
            "ALTER SCHEMA one RENAME TO x; ALTER SCHEMA two RENAME TO one; ALTER SCHEMA x RENAME TO two";

    private static final String RENAMED_COLUMN =
            "ALTER TABLE one.t RENAME a TO x; ALTER TABLE one.t RENAME b TO a; ALTER TABLE one.t RENAME x TO b";

    static Stream<String> renamed() {
        return Stream.of(
                RENAMED_TABLE,
                RENAMED_SCHEMA,
                "ALTER TABLE one.t SET SCHEMA three; ALTER TABLE two.t SET SCHEMA one; ALTER TABLE three.t SET SCHEMA two",
                RENAMED_COLUMN,
                "ALTER TABLE one.t DROP b; ALTER TABLE one.t ADD b int",
                "ALTER TABLE one.t RENAME TO gone",
                "DROP TABLE one.t");
    }

    private static void twins() {
        server.psql("busy", """
                CREATE SCHEMA one; CREATE SCHEMA two; CREATE SCHEMA three;
                CREATE TABLE one.t (a int, b int); INSERT INTO one.t SELECT i, -i FROM generate_series(1, 10) i;
                CREATE TABLE one.u (a int, b int); INSERT INTO one.u VALUES (20, -20);
                CREATE TABLE two.t (a int, b int); INSERT INTO two.t VALUES (30, -30);
                """);
    }

    @ParameterizedTest
    @MethodSource("renamed")
    void a_name_that_means_another_table_or_column_before_the_lock_is_noticed(String change) {
        twins();
        try (BackupRun run = run(1);
                SnapshotSession session = SnapshotSession.open(run.source(), "busy")) {
            List<TableListing> tables = session.inHolder(sql -> TableCatalog.list(sql, false));
            server.psql("busy", change);
            org.assertj.core.api.Assertions.assertThatThrownBy(
                            () -> new TableLocks(session, 1, run.cancellation()).take(tables))
                    .isInstanceOf(TableLocks.MovedException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("renamed")
    void a_name_that_means_another_table_or_column_is_noticed_without_a_lock_too(String change) {
        twins();
        try (BackupRun run = run(1);
                SnapshotSession session = SnapshotSession.open(run.source(), "busy");
                SnapshotReader reader = session.borrow()) {
            session.holdsOnly(List.of());
            long oid = Long.parseLong(server.psql("busy", "SELECT 'one.t'::regclass::oid").strip());
            TableDefinition table = TableDefinitions.find(reader.sql(), List.of(oid), session.encoding()).get(0);
            String statement = new CopyStatements(table, session.encoding()).readAll();
            try (CopyOutSource before = new CopyOutSource(
                    reader, statement, table.format(), List.of(table), run.cancellation())) {
                assertThat(BackupTest.scan("pgcopy-binary", before.stream()).rows()).isEqualTo(10);
            }
            server.psql("busy", change);
            org.assertj.core.api.Assertions.assertThatThrownBy(() -> {
                        try (CopyOutSource source = new CopyOutSource(
                                reader, statement, table.format(), List.of(table), run.cancellation())) {
                            source.stream().readAllBytes();
                        }
                    })
                    .isInstanceOfSatisfying(io.dbbackup.model.BackupException.class, e ->
                            assertThat(e.code()).isEqualTo(ErrorCode.SNAPSHOT_LOST));
        }
    }

    /** Schemas can be renamed whatever locks there are. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void schemas_that_swap_their_names_while_their_tables_are_read_are_noticed(boolean alike) {
        twins();
        if (alike) {
            server.psql("busy", "DROP TABLE one.u");
        }
        try (BackupRun run = run(1)) {
            AtomicBoolean once = new AtomicBoolean();
            run.onDone((item, result) -> {
                if (item.kind().equals(ItemData.PART) && once.compareAndSet(false, true)) {
                    server.psql("busy", RENAMED_SCHEMA);
                }
            });
            BlobSetReader set = run.complete();
            DatabaseManifest database = set.database(set.manifest().databases().get(0));
            assertThat(database.blobs()).allSatisfy(blob ->
                    assertThat(blob.name()).startsWith("databases/0001-busy.r2/"));
            assertThat(database.tables()).filteredOn(table -> table.schema().equals("two") && table.name().equals("t"))
                    .singleElement().satisfies(table -> assertThat(table.content().rows()).isEqualTo(10));
        }
    }

    @Test
    void a_table_that_takes_anothers_name_while_its_lock_is_waited_for_is_not_read_in_its_place() throws Exception {
        try (BackupRun run = run(1);
                var other = io.dbbackup.engine.postgresql.PgConnections.open(BackupRun.endpoint(server), "busy", "other");
                var statement = other.createStatement()) {
            statement.execute("BEGIN; CREATE TABLE public.fresh (id int);"
                    + " INSERT INTO public.fresh SELECT generate_series(1, 7);"
                    + " ALTER TABLE public.small RENAME TO stale; ALTER TABLE public.fresh RENAME TO small");
            Thread committer = new Thread(() -> {
                while (server.psql("postgres", "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                                + " AND application_name = 'dbbackup snapshot'").strip().equals("0")) {
                    Thread.onSpinWait();
                }
                try {
                    statement.execute("COMMIT");
                } catch (java.sql.SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            committer.start();
            BlobSetReader set = run.complete();
            committer.join();
            assertThat(table(set, "small").content().rows()).isEqualTo(7);
            assertThat(table(set, "stale").content().rows()).isEqualTo(10);
        }
    }

    @Test
    void a_database_whose_snapshot_is_lost_starts_again_under_new_names() {
        try (BackupRun run = run(2)) {
            AtomicBoolean once = new AtomicBoolean();
            run.onDone((item, result) -> {
                if (item.kind().equals(ItemData.PART) && once.compareAndSet(false, true)) {
                    server.psql("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                            + " WHERE datname = 'busy' AND pid <> pg_backend_pid()");
                }
            });
            BlobSetReader set = run.complete();
            DatabaseManifest database = set.database(set.manifest().databases().get(0));
            assertThat(once).isTrue();
            assertThat(database.blobs()).allSatisfy(blob ->
                    assertThat(blob.name()).startsWith("databases/0001-busy.r2/"));
            assertThat(table(set, "big").content()).isEqualTo(whole(run, "public.big"));
        }
    }

    /** Firewalls and scripts end sessions that are idle in a transaction; those that read are not idle. */
    @ParameterizedTest
    @ValueSource(strings = {"DELETE FROM big WHERE id % 3 = 0", "TRUNCATE big"})
    void what_was_read_after_the_locks_were_gone_does_not_count(String change) {
        try (BackupRun run = run(1)) {
            AtomicBoolean once = new AtomicBoolean();
            run.onDone((item, result) -> {
                if (item.kind().equals(ItemData.PART) && once.compareAndSet(false, true)) {
                    endHolder();
                    server.psql("busy", change);
                    server.psql("busy", "VACUUM FULL big");
                }
            });
            BlobSetReader set = run.complete();
            assertThat(once).isTrue();
            assertThat(set.database(set.manifest().databases().get(0)).blobs()).allSatisfy(blob ->
                    assertThat(blob.name()).startsWith("databases/0001-busy.r2/"));
            assertThat(table(set, "big").content()).isEqualTo(whole(run, "public.big"));
        }
    }

    @Test
    void a_bundle_that_was_read_after_the_locks_were_gone_does_not_count() {
        try (BackupRun run = run(1)) {
            AtomicBoolean once = new AtomicBoolean();
            run.onDone((item, result) -> {
                boolean last = run.items(each -> each.kind().equals(ItemData.PART)).stream()
                        .reduce((a, b) -> b).filter(item::equals).isPresent();
                if (last && once.compareAndSet(false, true)) {
                    endHolder();
                    server.psql("busy", "TRUNCATE small");
                }
            });
            BlobSetReader set = run.complete();
            assertThat(once).isTrue();
            assertThat(table(set, "small").parts()).allSatisfy(part ->
                    assertThat(part.blob()).startsWith("databases/0001-busy.r2/"));
        }
    }

    /** Everything was read then: another snapshot would be waste. */
    @Test
    void a_snapshot_that_is_lost_after_the_last_row_costs_nothing() {
        try (BackupRun run = run(1)) {
            Fingerprint before = whole(run, "public.big");
            run.onDone((item, result) -> {
                if (run.left() == 1) {
                    endHolder();
                    server.psql("busy", "TRUNCATE big");
                }
            });
            assertThat(table(run.complete(), "big").content()).isEqualTo(before);
        }
    }

    /** Ends the session that holds the locks, and no other. */
    private static void endHolder() {
        assertThat(server.psql("postgres", "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                        + " WHERE application_name = 'dbbackup snapshot'").strip())
                .isEqualTo("t");
    }

    @Test
    void a_killed_pg_dump_leaves_nothing_and_is_told() {
        try (BackupRun run = run(1)) {
            run.add(run.backup().plan(run));
            server.psql("busy", "SELECT lo_from_bytea(0, decode(repeat('00', 1000000), 'hex'))"
                    + " FROM generate_series(1, 60)");
            AtomicBoolean killed = new AtomicBoolean();
            Thread killer = new Thread(() -> {
                while (!killed.get() && !Thread.currentThread().isInterrupted()) {
                    ProcessHandle.current().children()
                            .filter(child -> List.of(child.info().arguments().orElse(new String[0]))
                                    .contains("--format=custom"))
                            .forEach(child -> killed.set(child.destroyForcibly() || killed.get()));
                    Thread.onSpinWait();
                }
            });
            killer.start();
            run.drain();
            killer.interrupt();
            assertThat(killed).isTrue();
            assertThat(run.problems()).hasEntrySatisfying("0001-busy/schema", problem -> {
                assertThat(problem.code()).isEqualTo(ErrorCode.TOOL_FAILED);
                assertThat(problem.cause()).contains("signal 9");
            });
            List<BlobInfo> blobs = new ArrayList<>();
            run.store().list(BackupRun.PREFIX, blobs::add);
            assertThat(blobs).noneMatch(blob -> blob.name().contains("schema"));
        }
    }

    @Test
    void a_stopped_run_ends_within_two_seconds_and_leaves_no_session_behind() {
        server.psql("busy", "CREATE TABLE slow AS SELECT repeat(md5(i::text), 100) FROM generate_series(1, 100000) i");
        try (BackupRun run = run(2)) {
            run.add(run.backup().plan(run));
            run.onDone((ItemDraft item, io.dbbackup.spi.ItemResult result) -> {
                if (item.kind().equals(ItemData.OPEN)) {
                    Thread stopper = new Thread(() -> run.cancellation().cancel());
                    stopper.start();
                }
            });
            assertTimeoutPreemptively(Duration.ofSeconds(10), () -> {
                run.drain();
            });
            assertThat(run.problems().values()).allSatisfy(problem ->
                    assertThat(problem.code()).isEqualTo(ErrorCode.CANCELLED));
        }
        String sessions = server.psql("postgres", """
                SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'dbbackup%' AND state = 'active'
                """);
        assertThat(sessions.strip()).isEqualTo("0");
    }
}
