package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.LogicalRestore;
import io.dbbackup.spi.RestoreSpec;
import io.dbbackup.spi.SetReader;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What stands on the target is dropped only by whoever may, alone, and can go on afterwards. */
abstract class TargetContract extends TriggersContract {
    private static final String SCHEMA = "mysql.restore.schema";
    private static final String FINISH = "mysql.restore.finish";
    private static final String REMOVE = "mysql.restore.remove";

    /** A database to be backed up, and one of the same table with another row, to be replaced. */
    private BackupRun backup(String name) {
        String table = "CREATE DATABASE %1$s; CREATE TABLE %1$s.t (id int PRIMARY KEY); INSERT INTO %1$s.t VALUES (%2$d);";
        server().sql("mysql", table.formatted(name, 1) + table.formatted(name + "_live", 2));
        return server().backup(directory(), 1, name);
    }

    private MysqlRestoreRun replacing(SetReader set, String name) {
        return server().replacing(set, name, name + "_live");
    }

    private String rows(String name) {
        return server().sql(name + "_live", "SELECT id FROM t").strip();
    }

    private LogicalRestore engine() {
        return server().engine().logicalRestore();
    }

    private static void assertFailed(MysqlRestoreRun run, ErrorCode code, String... words) {
        assertThat(run.problems().values()).singleElement().satisfies(problem -> {
            assertThat(problem.code()).isEqualTo(code);
            assertThat(problem.cause()).contains(words);
        });
    }

    /** As another attempt does; the session of the item before may be just about to end on the server. */
    private static void lock(Session other, MysqlRestoreRun restore) {
        assertThat(other.sql().truth("SELECT GET_LOCK(?, 60)", restore.temporary())).isTrue();
    }

    @Test
    void nothing_is_dropped_while_another_attempt_is_at_work() {
        try (BackupRun backup = backup("contested"); Session other = Session.open(server().endpoint(), "", "another attempt")) {
            BlobSetReader set = backup.complete();
            try (MysqlRestoreRun restore = replacing(set, "contested")) {
                lock(other, restore);
                restore.attempt();
                assertFailed(restore, ErrorCode.DATABASE_TABLE_LOCKED, "contested_live");
                other.sql().truth("SELECT RELEASE_LOCK(?)", restore.temporary());
                restore.before(FINISH, "contested", () -> lock(other, restore));
                assertThatThrownBy(restore::goOn).hasMessageContaining("DATABASE_TABLE_LOCKED").hasMessageContaining("finish");
                assertThat(rows("contested")).isEqualTo("2");
                assertThatThrownBy(() -> engine().discard(server().endpoint(), restore.run()))
                        .hasMessageContaining("DATABASE_TABLE_LOCKED");
                other.sql().truth("SELECT RELEASE_LOCK(?)", restore.temporary());
                restore.before(REMOVE, "contested", () -> lock(other, restore));
                assertThatThrownBy(restore::goOn).hasMessageContaining("DATABASE_TABLE_LOCKED").hasMessageContaining("remove");
                assertThat(server().sql("mysql", "SHOW DATABASES LIKE '" + restore.temporary() + "'")).isNotEmpty();
                other.sql().truth("SELECT RELEASE_LOCK(?)", restore.temporary());
                assertThat(restore.goOn().differences()).isEmpty();
                assertThat(rows("contested")).isEqualTo("1");
            }
        }
    }

    @Test
    void a_session_that_ends_while_an_item_waits_for_it_lets_that_go_on_and_a_cancellation_ends_the_wait() throws Exception {
        String waiting = "SELECT count(*) FROM information_schema.processlist WHERE info LIKE 'SELECT GET_LOCK(%' AND state = 'User lock'";
        try (BackupRun backup = backup("patience"); Session watch = Session.open(server().endpoint(), "", "watch")) {
            BlobSetReader set = backup.complete();
            for (boolean cancelled : new boolean[] {false, true}) {
                try (MysqlRestoreRun restore = replacing(set, "patience");
                        Session other = Session.open(server().endpoint(), "", "killed attempt")) {
                    CompletableFuture<Void> meanwhile = new CompletableFuture<>();
                    restore.before(FINISH, "patience", () -> {
                        lock(other, restore);
                        meanwhile.completeAsync(() -> {
                            TestServer.await("a session waits", () -> watch.sql().truth(waiting));
                            if (cancelled) {
                                restore.cancellation().cancel();
                            } else {
                                other.abort();
                            }
                            return null;
                        });
                    });
                    restore.attempt();
                    meanwhile.get();
                    if (cancelled) {
                        assertFailed(restore, ErrorCode.CANCELLED, "stopped");
                        other.abort();
                        engine().discard(server().endpoint(), restore.run());
                    } else {
                        assertThat(restore.problems()).isEmpty();
                        assertThat(rows("patience")).isEqualTo("1");
                    }
                }
            }
        }
    }

    @Test
    void an_attempt_that_comes_too_late_finds_what_was_loaded_meanwhile_and_leaves_it() {
        try (BackupRun backup = backup("overtaken"); MysqlRestoreRun restore = replacing(backup.complete(), "overtaken")) {
            restore.before(FINISH, "overtaken", () -> restore.late(SCHEMA));
            assertThat(restore.complete().differences()).isEmpty();
            assertThat(rows("overtaken")).isEqualTo("1");
        }
    }

    @Test
    void discard_does_not_call_a_database_dropped_that_is_there() {
        try (BackupRun backup = backup("undropped"); Session other = Session.open(server().endpoint(), "", "somebody else")) {
            BlobSetReader set = backup.complete();
            server().sql("mysql", "SET GLOBAL lock_wait_timeout = 1");
            try (MysqlRestoreRun restore = replacing(set, "undropped")) {
                restore.before(FINISH, "undropped", () -> {
                    other.sql().run("START TRANSACTION");
                    other.sql().number("SELECT count(*) FROM undropped_live.t");
                });
                restore.attempt();
                assertFailed(restore, ErrorCode.DATABASE_TABLE_LOCKED, "DROP DATABASE");
                String rows = rows("undropped");
                assertThatThrownBy(() -> engine().discard(server().endpoint(), restore.run())).isInstanceOfSatisfying(
                        BackupException.class, refused -> {
                            assertThat(refused.code()).isEqualTo(ErrorCode.CONFIRMATION_REQUIRED);
                            assertThat(refused.problem().cause()).contains("was to be dropped", restore.temporary()).doesNotContain("only complete");
                            assertThat(refused.problem().remedy()).doesNotContain("RENAME");
                        });
                assertThat(rows("undropped")).isEqualTo(rows);
                other.sql().run("ROLLBACK");
                assertThat(restore.goOn().differences()).isEmpty();
            } finally {
                server().sql("mysql", "SET GLOBAL lock_wait_timeout = DEFAULT");
            }
        }
    }

    @Test
    void discard_asks_under_its_own_lock_whether_it_would_drop_the_only_copy() {
        try (BackupRun backup = backup("single")) {
            FailingSet set = new FailingSet(backup.complete(), new AtomicBoolean());
            try (MysqlRestoreRun restore = replacing(set, "single")) {
                restore.before(FINISH, "single", () -> set.fails().set(true));
                restore.attempt();
                assertThat(restore.problems()).hasSize(1);
                // as if it had been killed somewhat earlier, when the old database was dropped and the new one not filled
                server().sql("mysql", "RENAME TABLE single_live.t TO " + restore.temporary() + ".t");
                assertThatThrownBy(() -> engine().discard(server().endpoint(), restore.run())).isInstanceOfSatisfying(
                        BackupException.class, refused -> {
                            assertThat(refused.code()).isEqualTo(ErrorCode.CONFIRMATION_REQUIRED);
                            assertThat(refused.problem().cause()).contains("only complete copy", restore.temporary());
                        });
                set.fails().set(false);
                // a discard begins the items anew before it drops anything
                restore.late(SCHEMA);
                assertThat(restore.goOn().differences()).isEmpty();
                assertThat(rows("single")).isEqualTo("1");
            }
        }
    }

    @Test
    void a_database_into_which_another_run_began_to_load_rows_meanwhile_is_not_replaced() throws IOException {
        try (BackupRun whole = backup("shared");
                BackupRun rows = server().rowsOf(Files.createDirectory(directory().resolve("shared-rows")), "shared")) {
            SetReader data = rows.complete();
            try (MysqlRestoreRun first = replacing(whole.complete(), "shared"); MysqlRestoreRun second = replacing(data, "shared")) {
                second.after(SCHEMA, "shared", () -> {
                    throw new IllegalStateException("killed");
                });
                first.before(FINISH, "shared", () -> {
                    second.attempt();
                    server().sql("shared_live", "INSERT INTO t VALUES (3)");
                });
                first.attempt();
                assertFailed(first, ErrorCode.DATABASE_EXISTS, "shared_live", second.temporary());
                assertThat(rows("shared")).isEqualTo("3");
                engine().discard(server().endpoint(), second.run());
                assertThat(first.goOn().differences()).isEmpty();
                assertThat(rows("shared")).isEqualTo("1");
            }
        }
    }

    @Test
    void functions_that_a_binary_log_would_not_take_are_refused_before_anything_is_dropped() throws IOException {
        server().sql("mysql", """
                SET GLOBAL log_bin_trust_function_creators = ON;
                CREATE USER builder@'127.0.0.1' IDENTIFIED BY 'builder';
                GRANT SELECT, INSERT, CREATE, DROP, ALTER, INDEX, CREATE ROUTINE, ALTER ROUTINE ON *.* TO builder@'127.0.0.1';
                CREATE DATABASE logged; USE logged;
                CREATE PROCEDURE p() MODIFIES SQL DATA DO 1;
                CREATE FUNCTION fixed(`) RETURNS` int) RETURNS int DETERMINISTIC MODIFIES SQL DATA RETURN 1;
                CREATE FUNCTION `none`() RETURNS enum('x)\\ny', 'b') NO SQL RETURN 'b';
                CREATE FUNCTION looks() RETURNS int READS SQL DATA SQL SECURITY INVOKER COMMENT 'x' RETURN 1;
                """ + (mariadb() ? "DELIMITER $$\nSET sql_mode = ORACLE$$\n"
                        + "CREATE FUNCTION oracle RETURN int DETERMINISTIC AS BEGIN RETURN 1; END$$\n"
                        + "CREATE PACKAGE pack AS FUNCTION f RETURN int; END$$\n"
                        + "CREATE PACKAGE BODY pack AS FUNCTION f RETURN int AS BEGIN RETURN 1; END; END$$\n" : ""));
        try (BackupRun trusted = backup("untrusted");
                BackupRun plain = server().backup(Files.createDirectory(directory().resolve("logged")), 1, "logged")) {
            server().sql("untrusted", "CREATE FUNCTION odd(a int) RETURNS int RETURN length('\n    DETERMINISTIC\n');"
                    + " CREATE FUNCTION even() RETURNS int DETERMINISTIC RETURN 1;"
                    + " CREATE FUNCTION writes() RETURNS int NOT DETERMINISTIC MODIFIES SQL DATA RETURN 1");
            BlobSetReader set = trusted.complete();
            server().sql("mysql", "SET GLOBAL log_bin_trust_function_creators = OFF");
            assertThatThrownBy(replacing(set, "untrusted")::attempt).isInstanceOfSatisfying(BackupException.class, refused -> {
                assertThat(refused.code()).isEqualTo(ErrorCode.DATABASE_WRONG);
                assertThat(refused.problem().cause()).contains("untrusted_live", "odd, writes").doesNotContain("even");
                assertThat(refused.problem().remedy()).contains("log_bin_trust_function_creators");
            });
            assertThat(rows("untrusted")).isEqualTo("2");
            BlobSetReader good = plain.complete();
            server().restore(good, "logged", "logged_again");
            server().requireEqual("logged_again", "logged");
            Endpoint builder = server().account("builder", Map.of());
            RestoreSpec spec =
                    new RestoreSpec(Map.of("logged", "logged_built"), false, Set.of(), RestoreSpec.Globals.NONE, false, true);
            assertThatThrownBy(new MysqlRestoreRun(server().engine(), builder, good, spec, false)::attempt)
                    .hasMessageContaining("DATABASE_PRIVILEGE_MISSING").hasMessageContaining("lacks SUPER");
            server().sql("mysql", "SET GLOBAL log_bin_trust_function_creators = ON");
            try (MysqlRestoreRun restore = new MysqlRestoreRun(server().engine(), builder, good, spec, false).complete();
                    MysqlRestoreRun other = replacing(set, "untrusted").complete()) {
                assertThat(restore.differences()).isEmpty();
                assertThat(other.differences()).isEmpty();
            }
        } finally {
            server().sql("mysql", "SET GLOBAL log_bin_trust_function_creators = OFF");
        }
    }

    /** Patterns that match the database app_x; the first is granted SELECT, the second INSERT. */
    private static final List<List<String>> PATTERNS = List.of(
            List.of("%", "app_x"), List.of("app_x", "%"), List.of("app_x", "app\\_%"), List.of("app\\_%", "app_x"),
            List.of("app\\_x", "app\\_%"), List.of("app\\_%", "app\\_x"), List.of("app\\_x", "app_x"), List.of("app_x", "app%"),
            List.of("app%", "app_x"), List.of("ap%", "%\\_x"), List.of("a__\\_x", "app%"), List.of("app%", "a__\\_x"));

    @Test
    void of_several_grants_that_match_a_database_only_the_one_counts_that_the_server_uses() {
        server().sql("mysql", """
                CREATE DATABASE app_x; CREATE TABLE app_x.t (id int);
                CREATE TRIGGER app_x.fires BEFORE INSERT ON app_x.t FOR EACH ROW SET NEW.id = 1;
                CREATE USER several@'127.0.0.1' IDENTIFIED BY 'several';
                """);
        Endpoint several = server().account("several", Map.of());
        for (List<String> patterns : PATTERNS) {
            server().sql("mysql", "GRANT SELECT ON `" + patterns.get(0) + "`.* TO several@'127.0.0.1'; GRANT INSERT ON `"
                    + patterns.get(1) + "`.* TO several@'127.0.0.1'");
            try (Session session = Session.open(several, "", "test")) {
                assertThat(Privileges.of(session.sql(), "app_x").missing(List.of("SELECT", "INSERT")))
                        .as(patterns.toString())
                        .containsAll(refused(session.sql(), Map.of("SELECT", "SELECT * FROM app_x.t", "INSERT", "INSERT INTO app_x.t VALUES (1)")));
            }
            server().sql("mysql", "REVOKE ALL, GRANT OPTION FROM several@'127.0.0.1'");
        }
        server().sql("mysql", """
                GRANT SELECT, RELOAD, PROCESS, %s ON *.* TO several@'127.0.0.1';
                GRANT SHOW VIEW, TRIGGER, EVENT ON `app\\_%%`.* TO several@'127.0.0.1';
                GRANT INSERT ON `app\\_x`.* TO several@'127.0.0.1';
                """.formatted(mariadb() ? "BINLOG MONITOR" : "REPLICATION CLIENT"));
        try (BackupRun backup = server().backup(several, directory(), "app_x")) {
            assertThatThrownBy(() -> backup.backup().preflight(backup)).hasMessageContaining("DATABASE_PRIVILEGE_MISSING")
                    .hasMessageContaining("EVENT, SHOW VIEW, TRIGGER on `app");
        }
    }

    private static Set<String> refused(Sql sql, Map<String, String> statements) {
        Set<String> refused = new TreeSet<>();
        statements.forEach((privilege, statement) -> {
            try {
                sql.run(statement);
            } catch (BackupException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.DATABASE_PRIVILEGE_MISSING);
                refused.add(privilege);
            }
        });
        return refused;
    }
}
