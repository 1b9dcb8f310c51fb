package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Selection;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.BackupSpec;
import io.dbbackup.spi.Discarded;
import io.dbbackup.spi.RestoreSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows alone go into tables whose triggers must not fire, and none of these is lost or changed, whatever happens meanwhile. */
abstract class TriggersContract extends PartialSetsContract {
    private static final String SCHEMA = "mysql.restore.schema";
    private static final String FINISH = "mysql.restore.finish";
    private static final String ALL = "a on t, d on t, b ü on t";

    private BackupRun backup;
    private BlobSetReader set;
    private int targets;

    @BeforeAll
    void backUpQuiet(@TempDir Path sets) throws IOException {
        create("quiet");
        backup = new BackupRun(
                server().engine(), server().endpoint(),
                BackupRun.spec(new Selection(Selection.Sections.DATA, List.of(), List.of(), List.of(), Optional.empty()), "quiet"),
                sets, 2);
        set = backup.complete();
    }

    @AfterAll
    void closeBackup() {
        backup.close();
    }

    private void create(String name) throws IOException {
        try (InputStream in = TestServer.class.getResourceAsStream("triggers.sql")) {
            server().sql("mysql", new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("quiet", name));
        }
    }

    /** A database with the tables and triggers, without rows. */
    private String target() throws IOException {
        String name = "quiet_" + ++targets;
        create(name);
        server().sql(name, "TRUNCATE t; TRUNCATE slow; TRUNCATE log");
        return name;
    }

    private MysqlRestoreRun restore(Endpoint account, String name, boolean suspend, boolean twice) {
        RestoreSpec spec =
                new RestoreSpec(Map.of("quiet", name), false, Set.of(), RestoreSpec.Globals.NONE, true, true);
        return new MysqlRestoreRun(server().engine(), account, set, suspend ? spec.suspendingTriggers() : spec, twice);
    }

    private MysqlRestoreRun restore(String name) {
        return restore(server().endpoint(), name, true, false);
    }

    private String triggers(String name) {
        return server().sql(name, "SELECT trigger_name, action_order, event_object_table, definer, hex(action_statement), sql_mode,"
                + " character_set_client, collation_connection, database_collation FROM information_schema.triggers"
                + " WHERE trigger_schema = database() ORDER BY event_object_table, action_timing, event_manipulation, action_order")
                + server().text().definitions(name).replaceAll(" AUTO_INCREMENT=\\d+", "");
    }

    private String names(String name) {
        return server().sql("mysql", "SELECT coalesce(group_concat(trigger_name ORDER BY trigger_name SEPARATOR ' '), '')"
                + " FROM information_schema.triggers WHERE trigger_schema = '" + name + "'").strip();
    }

    private void requireNothingLeft() {
        assertThat(server().sql("mysql", "SHOW DATABASES LIKE 'dbbackup%'")).isEmpty();
    }

    private static void requireFailed(MysqlRestoreRun run, String step, ErrorCode code, String... words) {
        assertThat(run.problems().entrySet()).filteredOn(problem -> problem.getKey().contains(step)).isNotEmpty()
                .allSatisfy(problem -> {
                    assertThat(problem.getValue().code()).isEqualTo(code);
                    assertThat(problem.getValue().cause()).contains(words);
                });
    }

    private static void requireRefused(MysqlRestoreRun run, ErrorCode code, String... words) {
        assertThatThrownBy(run::attempt).isInstanceOfSatisfying(BackupException.class, refused -> {
            assertThat(refused.code()).isEqualTo(code);
            assertThat(refused.problem().cause() + refused.problem().remedy()).contains(words);
        });
    }

    @Test
    void triggers_that_may_be_suspended_do_not_fire_while_rows_are_loaded_and_are_there_afterwards_just_as_they_were() throws IOException {
        String name = target();
        String before = triggers(name);
        try (MysqlRestoreRun restore = restore(server().endpoint(), name, false, false)) {
            requireRefused(restore, ErrorCode.TABLE_HAS_TRIGGERS, ALL, "c on slow", "suspendTriggers");
        }
        assertThat(triggers(name)).isEqualTo(before);
        try (MysqlRestoreRun restore = restore(server().endpoint(), name, true, true)) {
            restore.after(SCHEMA, "quiet", () -> assertThat(names(name)).isEqualTo("stays"));
            assertThat(restore.complete().differences()).isEmpty();
            assertThat(restore.comparisons()).hasSize(3);
            assertThat(restore.warnings()).singleElement().asString().contains(ALL, "c on slow", "e on t, f on t", "does not fire");
            assertThat(restore.items(item -> item.kind().equals(SCHEMA))).singleElement()
                    .satisfies(item -> assertThat(item.label()).contains(ALL));
        }
        assertThat(triggers(name)).isEqualTo(before);
        requireNothingLeft();
    }

    @Test
    void a_run_that_is_killed_at_any_point_goes_on_and_ends_with_the_triggers_that_were_there() throws IOException {
        String name = target();
        String before = triggers(name);
        if (mariadb()) {
            server().sql("mysql", "SET GLOBAL innodb_flush_log_at_trx_commit = 0");
        }
        try (MysqlRestoreRun restore = restore(name)) {
            String markers = restore.temporary() + ".dbbackup_restore_item";
            // when all are dropped, the server dies, whose log was not yet to be on the disk; MySQL has its triggers in that log, too
            restore.after(SCHEMA, "quiet", () -> {
                if (mariadb()) {
                    server().instance().kill();
                    server().instance().start(Duration.ofMinutes(1));
                }
                throw killed();
            });
            restore.attempt();
            assertThat(restore.problems()).hasSize(1);
            assertThat(names(name)).isEqualTo("stays");
            // in the middle of dropping: the first ones are still there
            recreate(restore, name, "t", "a");
            server().sql("mysql", "DELETE FROM " + markers);
            restore.after(SCHEMA, "quiet", () -> {
                throw killed();
            });
            restore.preflightWithout("nothing");
            assertThatThrownBy(restore::goOn).hasMessageContaining("killed");
            assertThat(names(name)).isEqualTo("stays");
            // in the middle of creating, and of all things not at the beginning
            restore.before(FINISH, "quiet", () -> {
                recreate(restore, name, "t", "d");
                throw killed();
            });
            assertThatThrownBy(restore::goOn).hasMessageContaining("killed");
            assertThat(names(name)).isEqualTo("d stays");
            restore.preflightWithout("nothing");
            assertThat(restore.goOn().differences()).isEmpty();
        }
        assertThat(triggers(name)).isEqualTo(before);
        requireNothingLeft();
    }

    /** The note of the triggers goes with them, and neither a discard nor a restart says that they are missing. */
    @Test
    void marks_that_somebody_drops_while_triggers_are_suspended_send_people_to_look_for_these() throws IOException {
        try (MysqlRestoreRun restore = restore(target())) {
            restore.after(SCHEMA, "quiet", () -> server().sql("mysql", "DROP DATABASE " + restore.temporary())).attempt();
            assertThat(restore.problems()).isNotEmpty().allSatisfy((item, problem) -> {
                assertThat(problem.code()).as(item).isEqualTo(ErrorCode.UNKNOWN_DATABASE);
                assertThat(problem.cause()).contains(restore.temporary());
                assertThat(problem.remedy()).contains("Look whether the triggers of its tables are there", "discard the run", "clean");
            });
        }
    }

    @Test
    void a_restart_behind_a_discard_that_was_killed_suspends_them_again() throws IOException {
        String name = target();
        RestoreSpec spec = new RestoreSpec(Map.of("quiet", name), true, Set.of(name), RestoreSpec.Globals.NONE, true, true);
        try (MysqlRestoreRun restore = new MysqlRestoreRun(server().engine(), server().endpoint(), set, spec.suspendingTriggers(), false)) {
            restore.after(SCHEMA, "quiet", () -> {
                throw killed();
            });
            restore.attempt();
            assertThat(names(name)).isEqualTo("stays");
            // killed before it had said so, as the discard that created them again was before it had removed the rest
            server().sql("mysql", "DELETE FROM " + restore.temporary() + ".dbbackup_restore_item");
            recreate(restore, name, "t", "a");
            recreate(restore, name, "t", "d");
            server().sql("mysql", "DROP TABLE " + restore.temporary() + ".dbbackup_restore_trigger");
            String before = triggers(name);
            restore.preflightWithout("nothing");
            restore.after(SCHEMA, "quiet", () -> assertThat(names(name)).isEqualTo("stays"));
            assertThat(restore.goOn().differences()).isEmpty();
            assertThat(triggers(name)).isEqualTo(before).contains("a\t", "d\t");
        }
        requireNothingLeft();
    }

    @Test
    void a_discard_that_fails_leaves_them_suspended_for_a_restart() throws IOException {
        String name = target();
        String before = triggers(name);
        RestoreSpec spec = new RestoreSpec(Map.of("quiet", name), true, Set.of(name), RestoreSpec.Globals.NONE, true, true);
        try (MysqlRestoreRun restore = new MysqlRestoreRun(server().engine(), server().endpoint(), set, spec.suspendingTriggers(), false);
                Session other = Session.open(server().endpoint(), name, "somebody else")) {
            restore.after(SCHEMA, "quiet", () -> {
                throw killed();
            });
            restore.attempt();
            server().sql("mysql", "INSERT INTO " + restore.temporary() + ".dbbackup_restore_counter VALUES ('log', 7000);"
                    + " SET GLOBAL lock_wait_timeout = 1");
            other.sql().run("START TRANSACTION");
            other.sql().number("SELECT count(*) FROM log");
            assertThatThrownBy(() -> server().engine().logicalRestore().discardRows(server().endpoint(), restore.run(), name))
                    .hasMessageContaining("DATABASE_TABLE_LOCKED");
            other.sql().run("ROLLBACK");
            assertThat(names(name)).isEqualTo("stays");
            restore.preflightWithout("nothing");
            assertThat(restore.goOn().differences()).isEmpty();
        } finally {
            server().sql("mysql", "SET GLOBAL lock_wait_timeout = DEFAULT");
        }
        assertThat(triggers(name)).isEqualTo(before);
        requireNothingLeft();
    }

    @Test
    void a_discard_says_what_becomes_of_triggers_whose_database_is_gone() throws IOException {
        String name = target();
        try (MysqlRestoreRun restore = restore(name)) {
            restore.after(SCHEMA, "quiet", () -> {
                throw killed();
            });
            restore.attempt();
            server().sql("mysql", "DROP DATABASE " + name);
            String note = "`" + restore.temporary() + "`.`dbbackup_restore_trigger`";
            assertThatThrownBy(() -> server().engine().logicalRestore().discard(server().endpoint(), restore.run()))
                    .isInstanceOfSatisfying(BackupException.class, refused -> {
                        assertThat(refused.code()).isEqualTo(ErrorCode.UNKNOWN_DATABASE);
                        assertThat(refused.problem().cause()).contains(name, "a on t");
                        assertThat(refused.problem().remedy()).contains("Make it and its tables again", "DROP TABLE " + note);
                    });
            server().sql("mysql", "DROP TABLE " + note);
            assertThat(server().engine().logicalRestore().discard(server().endpoint(), restore.run()).databases())
                    .containsExactly(restore.temporary());
        }
        requireNothingLeft();
    }

    private static IllegalStateException killed() {
        return new IllegalStateException("killed");
    }

    /** From what is noted, as the restore does it. */
    private void recreate(MysqlRestoreRun restore, String name, String table, String trigger) {
        String statement = server().sql("mysql", "SELECT statement FROM " + restore.temporary()
                + ".dbbackup_restore_trigger WHERE on_table = '" + table + "' AND name = '" + trigger + "'");
        String mode = server().sql("mysql", "SELECT sql_mode FROM " + restore.temporary() + ".dbbackup_restore_trigger WHERE name = '"
                + trigger + "'").strip();
        server().sql(name, "SET NAMES utf8mb4 COLLATE " + server().sql("mysql", "SELECT connection_collation FROM "
                + restore.temporary() + ".dbbackup_restore_trigger WHERE name = '" + trigger + "'").strip()
                + "; SET SESSION sql_mode = '" + mode + "';\nDELIMITER $$\n" + statement + "$$");
    }

    @Test
    void triggers_that_somebody_makes_meanwhile_neither_fire_nor_are_they_overwritten_and_discard_gives_back_the_others() throws IOException {
        String name = target();
        String before = triggers(name);
        try (MysqlRestoreRun restore = restore(name)) {
            restore.after(SCHEMA, "quiet", () -> server().sql(name, "CREATE TRIGGER new BEFORE INSERT ON t FOR EACH ROW SET NEW.v = 'new'"));
            restore.attempt();
            requireFailed(restore, "data/", ErrorCode.TABLE_HAS_TRIGGERS, "new on t");
            server().sql(name, "DROP TRIGGER new");
            restore.before(FINISH, "quiet", () -> server().sql(name, "CREATE TRIGGER d BEFORE INSERT ON t FOR EACH ROW SET NEW.v = 'theirs'"));
            assertThatThrownBy(restore::goOn).hasMessageContaining("TRIGGER_EXISTS");
            requireFailed(restore, "finish", ErrorCode.TRIGGER_EXISTS, "d on t", name);
            assertThat(restore.problems().values()).singleElement().satisfies(problem -> assertThat(problem.remedy())
                    .contains("DELETE FROM `" + restore.temporary() + "`.`dbbackup_restore_trigger` WHERE name = 'd'"));
            // the others are back, and the note is there for the one that is not
            assertThat(names(name)).isEqualTo("a b ü c d e f stays");
            assertThat(server().sql(name, "SHOW CREATE TRIGGER d")).contains("theirs");
            assertThatThrownBy(() -> server().engine().logicalRestore().discard(server().endpoint(), restore.run()))
                    .hasMessageContaining("TRIGGER_EXISTS");
            server().sql(name, "DROP TRIGGER d");
            Discarded discarded = server().engine().logicalRestore().discard(server().endpoint(), restore.run());
            assertThat(discarded.databases()).containsExactly(restore.temporary());
            assertThat(discarded.triggers()).containsSequence("a on t", "d on t", "b ü on t");
            assertThat(triggers(name)).isEqualTo(before);
            requireNothingLeft();
            assertThat(server().engine().logicalRestore().discard(server().endpoint(), restore.run()))
                    .isEqualTo(new Discarded(List.of(), List.of(), List.of()));
        }
    }

    @Test
    void what_could_not_be_created_again_is_not_dropped() throws IOException {
        String name = target();
        account("blind", "SELECT, INSERT, CREATE, DROP, ALTER, LOCK TABLES");
        account("seeing", "SELECT, INSERT, CREATE, DROP, ALTER, LOCK TABLES, TRIGGER");
        account("able", "SELECT, INSERT, CREATE, DROP, ALTER, LOCK TABLES, UPDATE, TRIGGER, SUPER" + (mariadb() ? ", SET USER" : ""));
        String before = triggers(name);
        try (MysqlRestoreRun blind = restore(server().account("blind", Map.of()), name, true, false);
                MysqlRestoreRun seeing = restore(server().account("seeing", Map.of()), name, true, false)) {
            requireRefused(blind, ErrorCode.DATABASE_PRIVILEGE_MISSING, "TRIGGER on `" + name.replace("_", "\\_") + "`.*, without");
            requireRefused(
                    seeing, ErrorCode.DATABASE_PRIVILEGE_MISSING, mariadb() ? "SET USER" : "SET_USER_ID", "SUPER", ALL);
        }
        server().sql("mysql", "ALTER DATABASE " + name + " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
        try (MysqlRestoreRun restore = restore(name)) {
            requireRefused(restore, ErrorCode.TABLE_HAS_TRIGGERS, "utf8mb4_bin", ALL);
        }
        server().sql("mysql", "ALTER DATABASE " + name + " CHARACTER SET latin1 COLLATE latin1_swedish_ci");
        // what is found out in the rehearsal alone
        try (MysqlRestoreRun restore = restore(name).afterPreflight(() ->
                server().sql("mysql", "ALTER DATABASE " + name + " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"))) {
            restore.attempt();
            requireFailed(restore, "schema", ErrorCode.TABLE_HAS_TRIGGERS, "could not be created again");
            requireNothingLeft();
            server().sql("mysql", "ALTER DATABASE " + name + " CHARACTER SET latin1 COLLATE latin1_swedish_ci");
        }
        assertThat(triggers(name)).isEqualTo(before);
        try (MysqlRestoreRun able = restore(server().account("able", Map.of()), name, true, false)) {
            assertThat(able.complete().differences()).isEmpty();
        }
        assertThat(triggers(name)).isEqualTo(before);
        requireNothingLeft();
    }

    @Test
    void a_backup_says_which_triggers_it_lacks_and_a_whole_restore_does_not_replace_the_database_while_they_are_suspended() throws IOException {
        String name = target();
        String before = triggers(name);
        try (MysqlRestoreRun restore = restore(name)) {
            restore.after(SCHEMA, "quiet", () -> {
                throw killed();
            });
            restore.attempt();
            assertThat(names(name)).isEqualTo("stays");
            BackupSpec log = BackupRun.spec(
                    new Selection(Selection.Sections.ALL, List.of("*.log"), List.of(), List.of(), Optional.empty()), name);
            try (BackupRun lacking = server().backup(place("lacking"), 1, name);
                    BackupRun others = server().backup(place("others"), 1, "quiet");
                    BackupRun chosen = new BackupRun(server().engine(), server().endpoint(), log, place("chosen"), 1)) {
                BlobSetReader whole = lacking.complete();
                assertThat(lacking.warnings()).filteredOn(warning -> warning.contains("suspended")).singleElement().asString()
                        .contains("\"" + name + "\"", restore.run().toString(), ALL, "c on slow", "Restart that run or discard it");
                others.complete();
                chosen.complete();
                assertThat(others.warnings()).noneMatch(warning -> warning.contains("suspended"));
                assertThat(chosen.warnings()).noneMatch(warning -> warning.contains("suspended"));
                RestoreSpec over = new RestoreSpec(Map.of(name, name), true, Set.of(name), RestoreSpec.Globals.NONE, true, true);
                try (MysqlRestoreRun replace = new MysqlRestoreRun(server().engine(), server().endpoint(), whole, over, false)) {
                    requireRefused(
                            replace, ErrorCode.DATABASE_EXISTS, restore.temporary(), restore.run().toString(), ALL, "discard it");
                    server().engine().logicalRestore().discard(server().endpoint(), restore.run());
                    assertThat(triggers(name)).isEqualTo(before);
                    replace.complete();
                }
            }
        }
        try (BackupRun again = server().backup(place("again"), 1, name)) {
            again.complete();
            assertThat(again.warnings()).noneMatch(warning -> warning.contains("suspended"));
        }
        requireNothingLeft();
    }

    private Path place(String name) throws IOException {
        return Files.createDirectories(directory().resolve("suspended").resolve(name));
    }

    private void account(String user, String privileges) {
        server().sql("mysql", "CREATE USER " + user + "@'127.0.0.1' IDENTIFIED BY '" + user + "'; GRANT " + privileges + " ON *.* TO "
                + user + "@'127.0.0.1'");
    }
}
