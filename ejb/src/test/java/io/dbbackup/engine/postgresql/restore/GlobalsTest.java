package io.dbbackup.engine.postgresql.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.engine.InMemoryRun;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.RestoreSpec;
import io.dbbackup.spi.RestoreSpec.Globals;
import io.dbbackup.throwaway.ClusterComparison;
import io.dbbackup.throwaway.PostgresInstance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Roles and tablespaces, and the databases that every server has. */
class GlobalsTest {
    private static final String ROLES = """
            CREATE ROLE "Group; 'one'" NOLOGIN;
            CREATE ROLE plain LOGIN PASSWORD 'plain-secret' CONNECTION LIMIT 3 VALID UNTIL '2040-01-01 00:00:00+00';
            CREATE ROLE boss CREATEROLE LOGIN PASSWORD 'boss-secret';
            GRANT "Group; 'one'" TO boss WITH ADMIN OPTION;
            SET SESSION AUTHORIZATION boss;
            GRANT "Group; 'one'" TO plain;
            RESET SESSION AUTHORIZATION;
            ALTER ROLE plain SET search_path TO "a b", public;
            COMMENT ON ROLE plain IS 'it''s; plain';
            SET allow_in_place_tablespaces = on;
            CREATE TABLESPACE inplace OWNER plain LOCATION '';
            GRANT CREATE ON TABLESPACE inplace TO boss;
            ALTER TABLESPACE inplace SET (random_page_cost = 1.5);
            COMMENT ON TABLESPACE inplace IS 'fast';
            """;
    /** Ends the session that is about to make a role a member of another one. */
    private static final String KILLER = """
            BEGIN; LOCK TABLE pg_auth_members IN ACCESS EXCLUSIVE MODE;
            DO $$
            BEGIN
                LOOP
                    PERFORM pg_stat_clear_snapshot();
                    PERFORM pg_terminate_backend(pid) FROM pg_locks
                        WHERE relation = 'pg_auth_members'::regclass AND NOT granted AND pid <> pg_backend_pid();
                    EXIT WHEN found;
                    PERFORM pg_sleep(0.01);
                END LOOP;
            END $$;
            COMMIT;
            """;
    private static final String HALF_DONE = """
            CREATE ROLE plain; SET allow_in_place_tablespaces = on;
            CREATE TABLESPACE inplace OWNER plain LOCATION '';
            """;

    @TempDir
    private static Path directory;

    private static PostgresInstance source;
    private static BackupRun backup;
    private static BlobSetReader set;

    @BeforeAll
    static void backUp() {
        source = PostgresInstance.builder().start();
        source.psql("postgres", ROLES);
        source.psql("postgres", "CREATE DATABASE app");
        source.psql("app", "CREATE TABLE t (id int PRIMARY KEY) TABLESPACE inplace; ALTER TABLE t OWNER TO plain;"
                + " GRANT SELECT ON t TO \"Group; 'one'\"");
        source.psql("postgres", "CREATE TABLE kept_in_postgres AS SELECT 42 AS answer");
        source.psql("template1", "CREATE TABLE kept_in_template1 AS SELECT 43 AS answer");
        backup = new BackupRun(BackupRun.endpoint(source), BackupRun.spec(1 << 20), directory, 1);
        set = backup.complete();
    }

    @AfterAll
    static void stop() {
        backup.close();
        source.close();
    }

    private static RestoreSpec globals(Globals globals) {
        return new RestoreSpec(Map.of("app", "app"), false, Set.of(), globals, true, true);
    }

    @Test
    void roles_memberships_settings_and_tablespaces_come_back_with_the_databases_every_server_has() {
        try (PostgresInstance target = PostgresInstance.builder().start();
                RestoreRun run = new RestoreRun(
                        BackupRun.endpoint(target), set, RestoreRun.everything(set), 2)) {
            run.executingTwice(item -> item.kind().equals(RestoreKind.GLOBALS)).complete();
            assertThat(run.differences()).isEmpty();
            // the directory of an in-place tablespace is named by its oid
            assertThat(ClusterComparison.between(source, target).differences())
                    .allMatch(difference -> difference.contains("CREATE TABLESPACE inplace OWNER plain"));
            assertThat(target.psql("template1", "SELECT answer FROM kept_in_template1").strip()).isEqualTo("43");
            assertThat(target.psql("postgres", "SELECT datistemplate FROM pg_database WHERE datname = 'template1'").strip())
                    .isEqualTo("t");
        }
    }

    @Test
    void a_postgres_database_with_content_is_not_replaced_unconfirmed() {
        try (PostgresInstance target = PostgresInstance.builder().start()) {
            target.psql("postgres", "CREATE TABLE precious ()");
            try (RestoreRun run = new RestoreRun(
                    BackupRun.endpoint(target), set, RestoreRun.spec("postgres", "postgres"), 1)) {
                Assertions.assertThatThrownBy(run::plan).isInstanceOfSatisfying(BackupException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.DATABASE_EXISTS));
            }
            try (RestoreRun run = new RestoreRun(
                    BackupRun.endpoint(target), set,
                    RestoreRun.cleaning(RestoreRun.spec("postgres", "postgres"), "postgres"), 1)) {
                run.complete();
                assertThat(target.psql("postgres", "SELECT answer FROM kept_in_postgres").strip()).isEqualTo("42");
            }
        }
    }

    @Test
    void existing_roles_stay_as_they_are_unless_all_is_asked_for_and_the_login_role_in_any_case() {
        try (PostgresInstance target = PostgresInstance.builder().start()) {
            target.psql("postgres", "CREATE ROLE plain NOLOGIN CONNECTION LIMIT 9");
            String before = target.psql("postgres", "SELECT rolpassword FROM pg_authid WHERE rolname = 'postgres'");
            try (RestoreRun run = new RestoreRun(
                    BackupRun.endpoint(target), set, globals(Globals.MISSING), 1)) {
                run.complete();
                assertThat(run.warnings()).anyMatch(warning -> warning.endsWith("left as they are: plain"));
                assertThat(limitOfPlain(target)).isEqualTo("9|f");
            }
            target.psql("postgres", "DROP DATABASE app");
            try (RestoreRun run = new RestoreRun(BackupRun.endpoint(target), set, globals(Globals.ALL), 1)) {
                run.complete();
                assertThat(limitOfPlain(target)).isEqualTo("3|t");
                assertThat(run.warnings()).noneMatch(warning -> warning.contains("left as they are"));
            }
            assertThat(target.psql("postgres", "SELECT rolpassword FROM pg_authid WHERE rolname = 'postgres'"))
                    .isEqualTo(before);
        }
    }

    private static String limitOfPlain(PostgresInstance target) {
        return target.psql("postgres", "SELECT rolconnlimit, rolcanlogin FROM pg_roles WHERE rolname = 'plain'").strip();
    }

    @Test
    void a_tablespace_that_an_attempt_created_before_it_died_gets_its_privileges_options_and_comment() {
        try (PostgresInstance target = PostgresInstance.builder().start();
                RestoreRun run = new RestoreRun(BackupRun.endpoint(target), set, globals(Globals.MISSING), 1)) {
            run.before(RestoreKind.GLOBALS, () -> target.psql("postgres", HALF_DONE)).complete();
            assertThat(inplace(target)).isEqualTo(inplace(source)).contains("boss=C/plain", "random_page_cost=1.5", "fast");
        }
    }

    @Test
    void of_an_attempt_that_died_among_the_roles_nothing_is_left_and_the_restart_brings_them_whole() {
        try (PostgresInstance target = PostgresInstance.builder().start();
                RestoreRun run = new RestoreRun(BackupRun.endpoint(target), set, globals(Globals.MISSING), 1)) {
            Thread killer = new Thread(() -> target.psql("postgres", KILLER), "killer");
            run.before(RestoreKind.GLOBALS, () -> {
                killer.start();
                while (target.psql("postgres", "SELECT count(*) FROM pg_locks WHERE relation = 'pg_auth_members'::regclass"
                        + " AND mode = 'AccessExclusiveLock' AND granted").strip().equals("0")) {
                    Thread.onSpinWait();
                }
            });
            run.plan().drain();
            assertThat(run.problems()).containsOnlyKeys("globals");
            assertThat(target.psql("postgres", "SELECT count(*) FROM pg_roles WHERE rolname IN ('plain', 'boss')").strip()).isEqualTo("0");
            run.reopen();
            assertThat(run.drain().mustBeComplete().differences()).isEmpty();
            String roles = "SELECT rolname, rolpassword, rolconnlimit FROM pg_authid WHERE rolname IN ('plain', 'boss') ORDER BY 1;"
                    + " SELECT roleid::regrole, member::regrole, grantor::regrole, admin_option FROM pg_auth_members"
                    + " WHERE member::regrole::text IN ('plain', 'boss') ORDER BY member::regrole::text";
            assertThat(target.psql("postgres", roles)).isEqualTo(source.psql("postgres", roles)).contains("plain|SCRAM", "|boss|postgres|t", "|plain|boss|f");
        }
    }

    @Test
    void a_tablespace_that_somebody_else_has_created_before_or_meanwhile_stays_as_it_is() {
        try (PostgresInstance target = PostgresInstance.builder().start()) {
            String place = target.psql("postgres", "SHOW data_directory").strip() + "-elsewhere";
            try (RestoreRun run = new RestoreRun(BackupRun.endpoint(target), set, globals(Globals.MISSING), 1)) {
                run.before(RestoreKind.GLOBALS, () -> target.psql("postgres",
                        "COPY (SELECT 1) TO PROGRAM 'mkdir \"" + place + "\"'; CREATE TABLESPACE inplace LOCATION '" + place + "'"));
                run.complete();
                assertThat(inplace(target)).doesNotContain("boss", "random_page_cost", "fast");
                assertThat(run.warnings()).anyMatch(warning -> warning.startsWith("tablespace inplace was created on the target by somebody"));
            }
            target.psql("postgres", "DROP DATABASE app");
            try (RestoreRun run = new RestoreRun(BackupRun.endpoint(target), set, globals(Globals.MISSING), 1)) {
                run.complete();
                assertThat(inplace(target)).doesNotContain("boss", "random_page_cost", "fast");
                assertThat(run.warnings()).noneMatch(warning -> warning.contains("tablespace"));
            }
            target.psql("postgres", "DROP DATABASE app; DROP TABLESPACE inplace; COPY (SELECT 1) TO PROGRAM 'rmdir \"" + place + "\"'");
        }
    }

    private static String inplace(PostgresInstance server) {
        return server.psql("postgres", "SELECT spcacl, spcoptions, shobj_description(oid, 'pg_tablespace') FROM pg_tablespace"
                + " WHERE spcname = 'inplace'");
    }

    @Test
    void a_plan_of_an_older_version_goes_on() {
        try (PostgresInstance target = PostgresInstance.builder().start();
                RestoreRun run = new RestoreRun(BackupRun.endpoint(target), set, globals(Globals.MISSING), 1)) {
            run.planned(item -> switch (item.kind()) {
                case RestoreKind.CHOOSE -> Optional.empty();
                case RestoreKind.ANALYZE -> InMemoryRun.with(item, Map.of("database", item.database(), "ofLaterVersions", 1));
                case RestoreKind.INDEXES -> {
                    IndexTask task = (IndexTask) item.payload();
                    yield InMemoryRun.with(item, Map.of("database", task.database(), "indexes", task.indexes(),
                            "constraints", task.constraints(), "small", task.small()));
                }
                default -> Optional.of(item);
            });
            assertThat(run.complete().differences()).isEmpty();
            assertThat(inplace(target)).isEqualTo(inplace(source));
        }
    }

    @Test
    void what_the_target_refuses_is_a_warning_without_any_secret() {
        try (PostgresInstance target = PostgresInstance.builder().start()) {
            target.psql("postgres", "CREATE ROLE modest LOGIN CREATEDB CREATEROLE PASSWORD 'modest'");
            try (RestoreRun run = new RestoreRun(
                    BackupRun.endpoint(target, "modest", "modest"), set,
                    new RestoreSpec(Map.of("app", "app"), false, Set.of(), Globals.ALL, false, true), 1)) {
                run.complete();
                assertThat(run.warnings()).anyMatch(warning -> warning.contains("tablespace inplace was not restored"));
                assertThat(run.warnings()).anyMatch(warning -> warning.contains("has no tablespace inplace"));
                assertThat(run.warnings()).noneMatch(warning -> warning.contains("SCRAM") || warning.contains("secret"));
                assertThat(logOf(target)).doesNotContain("plain-secret", "boss-secret");
            }
        }
    }

    private static String logOf(PostgresInstance target) {
        try {
            return Files.readString(target.logFile());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
