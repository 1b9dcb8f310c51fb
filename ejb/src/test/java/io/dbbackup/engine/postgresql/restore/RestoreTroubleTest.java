package io.dbbackup.engine.postgresql.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.engine.DamagedSet;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Problem;
import io.dbbackup.spi.ItemDraft;
import io.dbbackup.spi.RestoreSpec;
import io.dbbackup.spi.RestoreSpec.Globals;
import io.dbbackup.spi.SetReader;
import io.dbbackup.throwaway.ClusterComparison;
import io.dbbackup.throwaway.PostgresInstance;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to a restore when something goes wrong, is forbidden, or is done again. */
class RestoreTroubleTest {
    private static final String PAYLOAD = """
            CREATE ROLE trouble_owner LOGIN PASSWORD 'the-secret-of-the-owner';
            CREATE DATABASE app OWNER trouble_owner;
            ALTER DATABASE app SET search_path TO "$user", app, public;
            ALTER DATABASE app SET default_transaction_read_only TO on;
            ALTER DATABASE app SET lock_timeout TO '1ms';
            COMMENT ON DATABASE app IS 'the application''s';
            REVOKE CONNECT ON DATABASE app FROM PUBLIC;
            GRANT CONNECT ON DATABASE app TO trouble_owner WITH GRANT OPTION;
            CREATE ROLE trouble_reader;
            GRANT TEMPORARY ON DATABASE app TO trouble_reader;
            CREATE DATABASE small;
            CREATE DATABASE violated;
            CREATE DATABASE objects;
            """;
    private static final String APP = """
            SET default_transaction_read_only = off;
            BEGIN;
            CREATE SCHEMA app;
            CREATE TABLE app.allowed (colour text PRIMARY KEY);
            CREATE FUNCTION app.is_allowed(text) RETURNS boolean LANGUAGE sql STABLE AS
                'SELECT EXISTS (SELECT FROM allowed WHERE colour = $1)';
            CREATE TABLE app.a_car (id int PRIMARY KEY, colour text CONSTRAINT known CHECK (app.is_allowed(colour)));
            COMMENT ON CONSTRAINT known ON app.a_car IS 'looks into another table';
            CREATE TABLE app.rows (id bigserial PRIMARY KEY, text text NOT NULL);
            CREATE INDEX rows_text ON app.rows (md5(text));
            INSERT INTO app.allowed VALUES ('red'), ('blue');
            INSERT INTO app.a_car SELECT i, (ARRAY['red', 'blue'])[1 + i % 2] FROM generate_series(1, 5000) i;
            INSERT INTO app.rows (text) SELECT repeat(md5(i::text), 5) FROM generate_series(1, 30000) i;
            SELECT lo_from_bytea(0, decode(repeat('ab', 3000), 'hex')) FROM generate_series(1, 20);
            COMMIT;
            """;

    @TempDir
    private static Path directory;

    private static PostgresInstance source;
    private static PostgresInstance target;
    private static BackupRun backup;
    private static SetReader set;

    @BeforeAll
    static void backUp() {
        source = PostgresInstance.builder().start();
        for (String statement : PAYLOAD.split(";\n")) {
            source.psql("postgres", statement);
        }
        source.psql("app", APP);
        source.psql("violated", """
                CREATE TABLE allowed (colour text);
                CREATE FUNCTION is_allowed(text) RETURNS boolean LANGUAGE sql STABLE AS
                    'SELECT EXISTS (SELECT FROM public.allowed WHERE colour = $1)';
                CREATE TABLE car (colour text CONSTRAINT known CHECK (is_allowed(colour)));
                INSERT INTO allowed VALUES ('red'), ('blue');
                INSERT INTO car VALUES ('red'), ('blue');
                DELETE FROM allowed WHERE colour = 'blue';
                """);
        source.psql("small", """
                CREATE TABLE t AS SELECT 1 AS one;
                CREATE FUNCTION slow() RETURNS int LANGUAGE sql AS 'SELECT 1 FROM pg_sleep(4)';
                CREATE MATERIALIZED VIEW slow AS SELECT slow() AS one;
                """);
        source.psql("objects", "SELECT count(lo_from_bytea(0, int4send(i))) FROM generate_series(1, 20000) i");
        backup = new BackupRun(BackupRun.endpoint(source), BackupRun.spec(1 << 20, "app", "small", "violated", "objects"), directory, 1);
        set = backup.complete();
        target = PostgresInstance.builder().start();
        target.psql("postgres", "CREATE ROLE trouble_owner LOGIN PASSWORD 'the-secret-of-the-owner'");
        target.psql("postgres", "CREATE ROLE trouble_reader");
    }

    @AfterAll
    static void stop() {
        target.close();
        backup.close();
        source.close();
    }

    private static RestoreRun run(SetReader from, RestoreSpec spec) {
        return new RestoreRun(BackupRun.endpoint(target), from, spec, 2);
    }

    private static boolean exists(String database) {
        return target.psql("postgres", "SELECT count(*) FROM pg_database WHERE datname = '" + database + "'")
                .strip().equals("1");
    }

    private static void assertRestored(String name) {
        assertThat(ClusterComparison.between(source, target).database("app", name).differences()).isEmpty();
    }

    private static Predicate<BlobRef> rowsBlob() {
        return blob -> blob.name().contains("rows") && blob.plainBytes() > 100_000;
    }

    @Test
    void a_database_is_restored_under_another_name_with_its_settings() {
        try (RestoreRun run = run(set, RestoreRun.spec("app", "renamed"))) {
            run.complete();
            assertThat(run.differences()).isEmpty();
            assertRestored("renamed");
            assertThat(run.warnings()).isEqualTo(Set.of());
            assertThat(target.psql("postgres", """
                    SELECT unnest(setconfig) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = setdatabase
                    WHERE datname = 'renamed' ORDER BY 1
                    """)).isEqualTo("""
                    default_transaction_read_only=on
                    lock_timeout=1ms
                    search_path="$user", app, public
                    """);
            assertThat(target.psql("postgres", """
                    SELECT datacl, pg_get_userbyid(datdba), shobj_description(oid, 'pg_database') FROM pg_database
                    WHERE datname = 'renamed'
                    """)).contains("trouble_owner=CTc*/", "|trouble_owner|the application's");
            assertThat(target.psql("renamed", """
                    SELECT obj_description(oid, 'pg_constraint'), convalidated FROM pg_constraint WHERE conname = 'known'
                    """)).isEqualTo("looks into another table|t\n");
        }
    }

    /** As after a crash before the last step; a name that is taken ends the first attempt there. */
    @Test
    void privileges_of_a_database_that_is_finished_twice_are_the_same() {
        try (RestoreRun run = run(set, RestoreRun.spec("app", "finished_twice"))) {
            run.plan();
            target.psql("postgres", "CREATE DATABASE finished_twice");
            assertThat(run.drain().problems()).isNotEmpty();
            target.psql("postgres", "DROP DATABASE finished_twice");
            run.reopen();
            run.drain().mustBeComplete();
            String privileges = "SELECT datacl FROM pg_database WHERE datname = ";
            assertThat(target.psql("postgres", privileges + "'finished_twice'"))
                    .isEqualTo(source.psql("postgres", privileges + "'app'"));
        }
    }

    @Test
    void rows_that_no_longer_meet_a_check_of_their_table_are_restored_all_the_same() {
        RestoreSpec spec = RestoreRun.spec("violated", "violated");
        try (RestoreRun run = run(set, spec)) {
            run.complete();
            assertThat(run.differences()).isEmpty();
            assertThat(run.warnings()).singleElement().asString().contains("known on public.car", "NOT VALID");
            assertThat(target.psql("violated", "SELECT convalidated FROM pg_constraint WHERE conname = 'known'"))
                    .isEqualTo("f\n");
        }
    }

    @Test
    void a_session_that_dies_in_the_middle_of_a_copy_loses_and_doubles_nothing() {
        DisturbedSet disturbed = new DisturbedSet(set);
        try (RestoreRun run = run(disturbed, RestoreRun.spec("app", "killed"))) {
            disturbed.disturb(1, rowsBlob(), 70_000, () -> target.psql("postgres",
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '%restore data'"));
            run.plan().drain();
            assertThat(run.problems().values()).extracting(Problem::code)
                    .containsOnly(ErrorCode.DATABASE_CONNECTION_LOST);
            assertThat(exists("killed")).isFalse();
            run.reopen();
            run.drain().mustBeComplete();
            assertThat(run.differences()).isEmpty();
            assertRestored("killed");
        }
    }

    @Test
    void a_program_that_is_killed_while_the_server_works_for_it_does_not_make_it_work_twice() {
        try (RestoreRun run = run(set, RestoreRun.spec("small", "tool_killed"))) {
            CompletableFuture<Void> killer = CompletableFuture.runAsync(RestoreTroubleTest::killPsqlInRefresh);
            run.plan().drain();
            killer.join();
            assertThat(run.problems().values()).extracting(Problem::code).containsOnly(ErrorCode.TOOL_FAILED);
            run.reopen();
            run.drain().mustBeComplete();
            assertThat(run.differences()).isEmpty();
            assertThat(ClusterComparison.between(source, target).database("small", "tool_killed").differences())
                    .isEmpty();
        }
    }

    private static void killPsqlInRefresh() {
        awaited("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'REFRESH%'");
        ProcessHandle.current().descendants()
                .filter(process -> process.info().command().orElse("").endsWith("/psql"))
                .forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void thousands_of_large_objects_need_no_more_locks_than_a_server_has() {
        try (RestoreRun run = run(set, RestoreRun.spec("objects", "objects"))) {
            run.executingTwice(item -> true).complete();
            assertThat(ClusterComparison.between(source, target).database("objects").differences()).isEmpty();
            assertThat(target.psql("objects", "SELECT count(*) FROM pg_largeobject_metadata").strip()).isEqualTo("20000");
        }
    }

    @Test
    void a_stopped_run_ends_within_two_seconds_and_leaves_its_work_to_a_restart() {
        DisturbedSet disturbed = new DisturbedSet(set);
        try (RestoreRun run = run(disturbed, RestoreRun.spec("app", "stopped"))) {
            long[] stoppedAt = {0};
            CompletableFuture<Void> never = new CompletableFuture<>();
            disturbed.disturb(1, rowsBlob(), 70_000, () -> {
                stoppedAt[0] = System.nanoTime();
                run.cancellation().onCancel(() -> never.complete(null));
                CompletableFuture.runAsync(() -> run.cancellation().cancel());
                never.join();
            });
            run.plan().drain();
            assertThat(Duration.ofNanos(System.nanoTime() - stoppedAt[0])).isLessThan(Duration.ofSeconds(2));
            assertThat(run.problems().values()).extracting(Problem::code).containsOnly(ErrorCode.CANCELLED);
            assertThat(exists("stopped")).isFalse();
            assertThat(exists(temporary(run))).isTrue();
        }
    }

    private static String temporary(RestoreRun run) {
        return RestoreTarget.of(run, "app").temporaryName();
    }

    @Test
    void a_part_that_ends_early_is_never_committed_and_a_discarded_run_leaves_nothing() {
        DisturbedSet disturbed = new DisturbedSet(set);
        try (RestoreRun run = run(disturbed, RestoreRun.spec("app", "short"))) {
            disturbed.shorten(rowsBlob(), 70_000);
            run.plan().drain();
            assertThat(run.problems()).isNotEmpty();
            assertThat(target.psql(temporary(run), "SELECT count(*) FROM app.rows").strip())
                    .isEqualTo("0");
            assertThat(run.restore().discard(run.target(), run.run()).databases()).containsExactly(temporary(run));
            assertThat(exists(temporary(run))).isFalse();
        }
    }

    @Test
    void rows_that_are_damaged_are_reported_as_that_although_the_server_refuses_them_first() {
        // the length of an int
        try (RestoreRun run = run(new DamagedSet(set, '\4', '\5'), RestoreRun.spec("app", "harmed"))) {
            run.plan().drain();
            assertThat(run.problems()).isNotEmpty();
            assertThat(run.problems().values()).as(run.problems().toString()).extracting(Problem::code)
                    .containsOnly(ErrorCode.BLOB_DIGEST_MISMATCH);
            run.restore().discard(run.target(), run.run());
        }
    }

    @Test
    void existing_databases_are_refused_all_at_once_unless_replacing_them_is_confirmed_by_name() {
        target.psql("postgres", "CREATE DATABASE taken");
        target.psql("postgres", "CREATE DATABASE taken2");
        target.psql("taken", "CREATE TABLE precious ()");
        RestoreSpec spec = RestoreRun.spec("app", "taken", "small", "taken2");
        refused(spec, ErrorCode.DATABASE_EXISTS, "taken, taken2");
        refused(RestoreRun.cleaning(spec), ErrorCode.CONFIRMATION_REQUIRED, "taken, taken2");
        refused(RestoreRun.cleaning(spec, "taken"), ErrorCode.CONFIRMATION_REQUIRED, "dropped: taken2");
        refused(RestoreRun.spec("app", "one", "small", "one"), ErrorCode.INVALID_PARAMETER, "\"one\"");
        refused(RestoreRun.spec("nothing", "nothing"), ErrorCode.INVALID_PARAMETER, "\"nothing\"");

        try (RestoreRun run = run(set, RestoreRun.cleaning(spec, "taken", "taken2"))) {
            run.plan();
            run.onDone((item, result) -> {
                if (item.kind().equals(RestoreKind.ANALYZE) && item.database().equals("app")) {
                    assertThat(target.psql("taken", "SELECT count(*) FROM precious").strip()).isEqualTo("0");
                }
            });
            run.drain().mustBeComplete();
            assertThat(run.differences()).isEmpty();
            assertRestored("taken");
            for (ItemDraft finish : run.ofKind(RestoreKind.FINISH)) {
                run.again(finish, more -> {});
            }
            // as when the node dies between the renaming and the catalog's commit, and the run is restarted
            run.restore().preflight(run);
        }
    }

    /** A subscription keeps a database from being dropped: as when the node dies between the renaming and the drop. */
    private static void replacedUntilTheDrop(RestoreRun run, String name) throws SQLException {
        target.psql("postgres", "CREATE DATABASE " + name);
        target.psql(name, "CREATE TABLE precious ()");
        target.psql(name, "CREATE SUBSCRIPTION keeps_" + name + " CONNECTION 'host=nowhere' PUBLICATION none WITH (connect = false)");
        target.psql("postgres", "ALTER DATABASE " + name + " IS_TEMPLATE true");
        try (Connection session = session(name)) {
            run.plan().drain();
            assertThatThrownBy(() -> session.createStatement().execute("SELECT 1")).isInstanceOf(SQLException.class);
        }
        assertThat(run.problems().values()).singleElement().satisfies(problem -> {
            assertThat(problem.code()).isEqualTo(ErrorCode.DATABASE_EXISTS);
            assertThat(problem.cause()).contains("\"" + name + "\" is restored", former(run));
        });
        assertThat(target.psql(name, "SELECT one FROM t").strip()).isEqualTo("1");
        assertThat(target.psql(former(run), "SELECT count(*) FROM precious").strip()).isEqualTo("0");
        target.psql(former(run), "ALTER SUBSCRIPTION keeps_" + name + " SET (slot_name = NONE); DROP SUBSCRIPTION keeps_" + name);
    }

    private static Connection session(String database) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://" + target.host() + ":" + target.port() + "/" + database, target.user(), target.password());
    }

    private static String former(RestoreRun run) {
        return RestoreTarget.of(run, "small").temporaryName() + "_former";
    }

    @Test
    void a_replaced_database_lives_beside_its_successor_until_a_restart_has_dropped_it() throws SQLException {
        try (RestoreRun run = run(set, RestoreRun.cleaning(RestoreRun.spec("small", "swapped"), "swapped"))) {
            replacedUntilTheDrop(run, "swapped");
            run.reopen();
            run.drain().mustBeComplete();
            assertThat(run.differences()).isEmpty();
            assertThat(exists(former(run))).isFalse();
            assertThat(exists("swapped")).isTrue();
        }
    }

    @Test
    void a_discard_drops_a_replaced_database_and_leaves_its_successor() throws SQLException {
        try (RestoreRun run = run(set, RestoreRun.cleaning(RestoreRun.spec("small", "given_up"), "given_up"))) {
            replacedUntilTheDrop(run, "given_up");
            assertThat(run.restore().discard(run.target(), run.run()).databases()).containsExactly(former(run));
            assertThat(exists(former(run))).isFalse();
            assertThat(target.psql("given_up", "SELECT one FROM t").strip()).isEqualTo("1");
        }
    }

    @Test
    void a_template_whose_replacement_fails_stays_one() throws SQLException {
        try (Connection session = session("template1");
                RestoreRun run = run(set, RestoreRun.spec("small", "template1"))) {
            run.plan();
            CompletableFuture<Boolean> stopped = CompletableFuture.supplyAsync(() -> {
                boolean tried = awaited("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND"
                        + " (query LIKE 'DROP DATABASE%template1%' OR query LIKE 'ALTER DATABASE \"template1\" RENAME%')");
                run.cancellation().cancel();
                return tried;
            });
            run.drain();
            assertThat(stopped.join()).isTrue();
            assertThat(session.isValid(5)).isTrue();
            assertThat(target.psql("postgres", "SELECT datistemplate FROM pg_database WHERE datname = 'template1'").strip())
                    .isEqualTo("t");
            run.restore().discard(run.target(), run.run());
        }
    }

    private static boolean awaited(String counting) {
        long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        while (target.psql("postgres", counting).strip().equals("0")) {
            if (System.nanoTime() > end) {
                return false;
            }
            Thread.onSpinWait();
        }
        return true;
    }

    private static void refused(RestoreSpec spec, ErrorCode code, String text) {
        try (RestoreRun run = run(set, spec)) {
            assertThatThrownBy(run::plan)
                    .isInstanceOfSatisfying(BackupException.class, e -> assertThat(e.code()).isEqualTo(code))
                    .hasMessageContaining(text);
        }
    }

    @Test
    void a_target_that_cannot_take_the_set_is_refused_before_anything_happens() {
        int major = source.majorVersion();
        refusedSet(new ChangedSet(set).major(major + 1), ErrorCode.DATABASE_VERSION_UNSUPPORTED, "PostgreSQL " + major);
        refusedSet(new ChangedSet(set).extension("nonesuch"), ErrorCode.DATABASE_EXTENSION_MISSING,
                "nonesuch 1.0 (database \"app\")");
        refusedSet(new ChangedSet(set).locale("xx_XX.UTF-8"), ErrorCode.DATABASE_LOCALE_MISSING,
                "xx_XX.UTF-8 (database \"app\")");
        refusedSet(new ChangedSet(set).role("nobody here"), ErrorCode.DATABASE_PRIVILEGE_MISSING, "nobody here");
    }

    private static void refusedSet(SetReader changed, ErrorCode code, String text) {
        try (RestoreRun run = run(changed, RestoreRun.spec("app", "refused"))) {
            assertThatThrownBy(run::plan)
                    .isInstanceOfSatisfying(BackupException.class, e -> assertThat(e.code()).isEqualTo(code))
                    .hasMessageContaining(text);
        }
    }

    @Test
    void a_sandbox_replaces_a_locale_that_is_missing_here_with_a_warning() {
        Endpoint plain = BackupRun.endpoint(target);
        Endpoint sandbox = new Endpoint(
                "sandbox", plain.engine(), plain.host(), plain.port(), plain.user(), plain.password(),
                plain.maintenanceDatabase(), Map.of(TargetOptions.LOCALE_FALLBACK, "true"));
        try (RestoreRun run = new RestoreRun(
                sandbox, new ChangedSet(set).locale("xx_XX.UTF-8"), RestoreRun.spec("small", "without locale"), 1)) {
            run.complete();
            assertThat(run.differences()).isEmpty();
            assertThat(run.warnings()).singleElement().asString().contains("xx_XX.UTF-8", "small");
        }
    }

    @Test
    void a_role_that_is_no_superuser_restores_what_will_belong_to_itself() {
        target.psql("postgres", "CREATE ROLE modest LOGIN CREATEDB PASSWORD 'modest'");
        Endpoint modest = BackupRun.endpoint(target, "modest", "modest");
        try (RestoreRun run = new RestoreRun(modest, set, RestoreRun.spec("app", "with_owners"), 1)) {
            assertThatThrownBy(run::plan)
                    .isInstanceOfSatisfying(BackupException.class, e -> assertThat(e.code())
                            .isEqualTo(ErrorCode.DATABASE_PRIVILEGE_MISSING));
        }
        RestoreSpec own = new RestoreSpec(Map.of("app", "modest_app"), false, Set.of(), Globals.NONE, false, true);
        try (RestoreRun run = new RestoreRun(modest, set, own, 1)) {
            run.complete();
            assertThat(run.differences()).isEmpty();
            assertThat(target.psql("postgres",
                    "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'modest_app'").strip())
                    .isEqualTo("modest");
        }
    }
}
