package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.BackupSpec;
import io.dbbackup.spi.RestoreSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What follows the rows comes back also where databases need each other, and where some of it is broken in the source. */
abstract class AfterDataContract extends GeneratedValuesContract {
    private static final String FINISH = "mysql.restore.finish";
    private static final String SCHEMA = "mysql.restore.schema";
    private static final String VIEWS = "SELECT concat(table_schema, '.', table_name) FROM information_schema.views WHERE table_schema LIKE 'late%' ORDER BY 1";

    private String ask(String query) {
        return server().sql("mysql", query).strip();
    }

    private MysqlRestoreRun run(BlobSetReader set, Map<String, String> databases, RestoreSpec.Globals globals, boolean twice) {
        return new MysqlRestoreRun(
                server().engine(), server().endpoint(), set, new RestoreSpec(databases, false, Set.of(), globals, true, true), twice);
    }

    /** Lets the second database begin when the first one is finished. */
    static MysqlRestoreRun oneByOne(MysqlRestoreRun run, String first, String second) {
        CountDownLatch finished = new CountDownLatch(1);
        return run.after(FINISH, first, finished::countDown).before(SCHEMA, second, () -> {
            try {
                assertThat(finished.await(1, TimeUnit.MINUTES)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private void fillLate() {
        server().sql("mysql", """
                DROP DATABASE IF EXISTS late_a; DROP DATABASE IF EXISTS late_b; CREATE DATABASE late_a; CREATE DATABASE late_b;
                CREATE TABLE late_b.t (id int PRIMARY KEY); INSERT INTO late_b.t VALUES (1), (2);
                CREATE FUNCTION late_b.seven() RETURNS int DETERMINISTIC NO SQL RETURN 7;
                CREATE TABLE late_a.own (id int PRIMARY KEY);
                CREATE VIEW late_a.v AS SELECT id, late_b.seven() AS seven FROM late_b.t;
                CREATE VIEW late_b.u AS SELECT sum(id) AS ids, max(seven) AS seven FROM late_a.v;
                CREATE VIEW late_a.x AS SELECT ids + seven AS all_of_it FROM late_b.u;
                CREATE TABLE late_a.gone (id int); CREATE VIEW late_a.broken AS SELECT id FROM late_a.gone; DROP TABLE late_a.gone;
                CREATE EVENT late_b.later ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01 00:00:00' DISABLE DO SELECT * FROM late_a.x;
                """);
    }

    private BlobSetReader set(BackupRun backup) {
        BlobSetReader set = backup.complete();
        assertThat(backup.warnings()).isEmpty();
        return set;
    }

    /** Newer servers refuse them unless their sessions say otherwise, and older ones do not know what to say. */
    @Test
    void foreign_keys_to_what_is_not_unique_come_back_and_sessions_ask_before_whether_they_may() throws IOException {
        server().sql("mysql", """
                CREATE DATABASE loosely; USE loosely;
                CREATE TABLE p (id int PRIMARY KEY, code int, KEY (code)) ENGINE = InnoDB; INSERT INTO p VALUES (1, 5), (2, 5);
                CREATE TABLE c (id int PRIMARY KEY, code int, FOREIGN KEY (code) REFERENCES p (code)) ENGINE = InnoDB; INSERT INTO c VALUES (1, 5);
                """);
        try (BackupRun backup = server().backup(Files.createDirectory(directory().resolve("loosely")), 1, "loosely")) {
            BlobSetReader set = set(backup);
            server().sql("mysql", "SET GLOBAL log_output = 'TABLE'; TRUNCATE TABLE mysql.general_log; SET GLOBAL general_log = ON");
            try {
                server().restore(set, "loosely", "loosely_copy");
            } finally {
                server().sql("mysql", "SET GLOBAL general_log = OFF; SET GLOBAL log_output = DEFAULT");
            }
        }
        server().requireEqual("loosely_copy", "loosely");
        for (String statement : List.of("ALTER TABLE%ADD CONSTRAINT%", "RENAME TABLE%")) {
            assertThat(ask("SELECT count(DISTINCT later.argument) FROM mysql.general_log asked JOIN mysql.general_log later"
                    + " ON later.thread_id = asked.thread_id AND later.event_time >= asked.event_time WHERE later.argument LIKE '" + statement
                    + "' AND asked.argument LIKE 'SHOW SESSION VARIABLES%restrict_fk_on_non_standard_key%'")).as(statement).isEqualTo("1");
        }
    }

    @Test
    void views_that_read_other_databases_wait_for_them_and_keep_their_privileges() throws IOException {
        fillLate();
        server().sql("mysql", "CREATE ROLE late_reader; GRANT SELECT ON late_a.x TO late_reader; GRANT SELECT ON late_a.own TO late_reader");
        List<String> others = ask("SHOW DATABASES").lines().filter(name -> !name.startsWith("late_")).toList();
        try (BackupRun backup = new BackupRun(
                server().engine(), server().endpoint(), new BackupSpec(List.of(), others, 1 << 20, true, true),
                Files.createDirectory(directory().resolve("late")), 2)) {
            BlobSetReader set = set(backup);
            try (MysqlRestoreRun copies = oneByOne(
                    run(set, Map.of("late_a", "late_a2", "late_b", "late_b2"), RestoreSpec.Globals.NONE, false), "late_a", "late_b").complete()) {
                assertThat(copies.warnings()).hasSize(2)
                        .anyMatch(warning -> warning.contains("\"late_a2\"") && warning.contains("view \"broken\""))
                        .anyMatch(warning -> warning.contains("\"late_b2\"") && warning.contains("event \"later\" (\"late_a\", which"));
            }
            assertThat(ask("SHOW CREATE VIEW late_a2.v")).contains("`late_b2`.`t`").doesNotContain("late_b`");
            assertThat(ask("SELECT all_of_it FROM late_a2.x")).isEqualTo("10");
            server().sql("mysql", "DROP DATABASE late_a2; DROP DATABASE late_b2; DROP DATABASE late_a; DROP DATABASE late_b; DROP ROLE late_reader");
            try (MysqlRestoreRun restore = oneByOne(
                    run(set, Map.of("late_a", "late_a", "late_b", "late_b"), RestoreSpec.Globals.MISSING, true), "late_a", "late_b")
                    .before("mysql.restore.events", "late_b", () -> assertThat(ask("SELECT all_of_it FROM late_a.x")).isEqualTo("10"))
                    .complete()) {
                assertThat(restore.differences()).isEmpty();
                // other tests may have left more databases of such names, so that these are only some of the set
                assertThat(restore.warnings()).filteredOn(warning -> !warning.contains("creates all accounts"))
                        .singleElement().asString().contains("\"late_a\"").contains("view \"broken\"");
            }
        }
        assertThat(ask(VIEWS).lines()).containsExactly("late_a.v", "late_a.x", "late_b.u");
        assertThat(ask("SELECT all_of_it FROM late_a.x")).isEqualTo("10");
        assertThat(ask("SHOW GRANTS FOR late_reader")).contains("`late_a`.`x`").contains("`late_a`.`own`");
        assertThat(ask("SELECT event_name FROM information_schema.events WHERE event_schema = 'late_b'")).isEqualTo("later");
        server().sql("mysql", "DROP DATABASE late_a; DROP DATABASE late_b; DROP ROLE late_reader");
    }

    @Test
    void views_whose_creation_waits_for_a_failed_database_are_named_and_come_with_the_restart() throws IOException {
        fillLate();
        try (BackupRun backup = server().backup(Files.createDirectory(directory().resolve("failing")), 2, "late_a", "late_b")) {
            BlobSetReader set = set(backup);
            server().sql("mysql", "DROP DATABASE late_a; DROP DATABASE late_b");
            try (MysqlRestoreRun restore = oneByOne(
                    run(set, Map.of("late_a", "late_a", "late_b", "late_b"), RestoreSpec.Globals.NONE, true), "late_a", "late_b")
                    .before(FINISH, "late_b", () -> {
                        throw new IllegalStateException("as when somebody unplugs it");
                    })) {
                restore.attempt();
                restore.stop();
                assertThat(restore.warnings()).singleElement().asString().contains("\"late_a\"").contains("v, x");
                restore.goOn();
                assertThat(restore.warnings()).as("what waited does no more").singleElement().asString().contains("view \"broken\"");
            }
        }
        assertThat(ask("SELECT all_of_it FROM late_a.x")).isEqualTo("10");
        server().sql("mysql", "DROP DATABASE late_a; DROP DATABASE late_b");
    }

    @Test
    void a_broken_trigger_and_a_broken_foreign_key_become_warnings_and_everything_else_comes_back() throws IOException {
        server().sql("mysql", """
                CREATE DATABASE harmed; USE harmed;
                CREATE TABLE t (a int PRIMARY KEY, b int);
                CREATE TRIGGER td BEFORE DELETE ON t FOR EACH ROW SET @x = OLD.b;
                ALTER TABLE t DROP COLUMN b;
                CREATE TRIGGER tz BEFORE UPDATE ON t FOR EACH ROW SET @y = NEW.a;
                CREATE TABLE p (id int PRIMARY KEY, k int, KEY kk (k));
                CREATE TABLE p2 (id int PRIMARY KEY);
                CREATE TABLE `c, ADD CONSTRAINT ``` (id int PRIMARY KEY, pk int, other int, kept int,
                    CONSTRAINT `a, ADD CONSTRAINT b` FOREIGN KEY (other) REFERENCES p (id) ON DELETE SET NULL,
                    CONSTRAINT bad FOREIGN KEY (pk) REFERENCES %s,
                    CONSTRAINT kept FOREIGN KEY (kept) REFERENCES `c, ADD CONSTRAINT ``` (id));
                INSERT INTO t VALUES (1); INSERT INTO p VALUES (1, 1); INSERT INTO p2 VALUES (1);
                INSERT INTO `c, ADD CONSTRAINT ``` VALUES (1, 1, 1, 1);
                SET foreign_key_checks = 0; %s;
                CREATE FUNCTION f() RETURNS int DETERMINISTIC NO SQL RETURN 7;
                CREATE VIEW v AS SELECT a, f() AS f FROM t;
                CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01 00:00:00' DISABLE DO SELECT 1;
                """.formatted(mariadb() ? "p (k)" : "p2 (id)", mariadb() ? "ALTER TABLE p DROP KEY kk" : "ALTER TABLE p2 MODIFY id bigint"));
        try (BackupRun backup = server().backup(Files.createDirectory(directory().resolve("harmed")), 2, "harmed")) {
            BlobSetReader set = set(backup);
            try (MysqlRestoreRun restore = server().restoring(set, "harmed", "harmed_copy", true).complete()) {
                assertThat(restore.differences()).isEmpty();
                assertThat(restore.warnings()).hasSize(2)
                        .anyMatch(warning -> warning.contains("trigger \"td\"") && warning.contains("1054") && warning.contains("after-data.sql"))
                        .anyMatch(warning -> warning.contains("ADD CONSTRAINT `bad` FOREIGN KEY (`pk`)")
                                && warning.contains("error 1822"));
            }
        }
        String keys = "SELECT constraint_name FROM information_schema.referential_constraints WHERE constraint_schema = '%s' ORDER BY 1";
        assertThat(ask(keys.formatted("harmed")).lines()).containsExactly("a, ADD CONSTRAINT b", "bad", "kept");
        assertThat(ask(keys.formatted("harmed_copy")).lines()).containsExactly("a, ADD CONSTRAINT b", "kept");
        assertThat(ask("SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = 'harmed_copy'")).isEqualTo("tz");
        assertThat(ask("SELECT f FROM harmed_copy.v")).isEqualTo("7");
        assertThat(ask("SELECT event_name FROM information_schema.events WHERE event_schema = 'harmed_copy'")).isEqualTo("e");
    }

    /** Two databases, the first of which refers to the other. */
    private BackupRun kin() throws IOException {
        makeKin("id", "int");
        return server().backup(Files.createTempDirectory(directory(), "kin"), 2, "kin_a", "kin_b");
    }

    private void makeKin(String column, String type) {
        server().sql("mysql", """
                DROP DATABASE IF EXISTS kin_a; DROP DATABASE IF EXISTS kin_b; CREATE DATABASE kin_a; CREATE DATABASE kin_b;
                CREATE TABLE kin_b.p (%1$s %2$s PRIMARY KEY); INSERT INTO kin_b.p VALUES (1);
                CREATE TABLE kin_a.c (id int PRIMARY KEY, p %2$s, CONSTRAINT `far, ADD CONSTRAINT b` FOREIGN KEY (p) REFERENCES kin_b.p (%1$s));
                INSERT INTO kin_a.c VALUES (1, 1);
                """.formatted(column, type));
    }

    private MysqlRestoreRun replacing(BlobSetReader set, String... databases) {
        Map<String, String> names = Stream.of(databases).collect(Collectors.toMap(name -> name, name -> name));
        return new MysqlRestoreRun(
                server().engine(), server().endpoint(), set,
                new RestoreSpec(names, true, names.keySet(), RestoreSpec.Globals.NONE, true, true), true);
    }

    @Test
    void a_foreign_key_that_does_not_fit_what_is_to_be_replaced_waits_for_what_replaces_it() throws IOException {
        try (BackupRun backup = kin()) {
            BlobSetReader set = set(backup);
            makeKin("id", "bigint");
            try (MysqlRestoreRun restore = oneByOne(replacing(set, "kin_a", "kin_b"), "kin_a", "kin_b").complete()) {
                assertThat(restore.differences()).isEmpty();
                assertThat(restore.warnings()).isEmpty();
            }
        }
        assertThat(ask("SHOW CREATE TABLE kin_a.c")).contains("REFERENCES `kin_b`.`p` (`id`)");
    }

    @Test
    void a_table_to_which_others_refer_by_a_column_that_it_has_no_more_says_by_which_key_and_goes_on_without_it() throws IOException {
        try (BackupRun backup = kin()) {
            BlobSetReader set = set(backup);
            makeKin("other", "int");
            try (MysqlRestoreRun restore = replacing(set, "kin_b")) {
                restore.attempt();
                assertThat(restore.problems().values()).singleElement().satisfies(problem -> {
                    assertThat(problem.cause()).contains("`far, ADD CONSTRAINT b` of `kin_a`.`c` to `kin_b`.`p`");
                    assertThat(problem.remedy()).contains("ALTER TABLE `kin_a`.`c` DROP FOREIGN KEY `far, ADD CONSTRAINT b`", "restart the run");
                });
                server().sql("kin_a", "ALTER TABLE c DROP FOREIGN KEY `far, ADD CONSTRAINT b`");
                assertThat(restore.goOn().differences()).isEmpty();
            }
        }
        assertThat(ask("SELECT column_name FROM information_schema.columns WHERE table_schema = 'kin_b'")).isEqualTo("id");
    }

    @Test
    void a_foreign_key_that_another_database_of_the_target_does_not_take_is_not_called_broken_in_the_source() throws IOException {
        try (BackupRun backup = kin()) {
            BlobSetReader set = set(backup);
            makeKin("other", "int");
            try (MysqlRestoreRun restore = replacing(set, "kin_a").complete()) {
                assertThat(restore.differences()).isEmpty();
                assertThat(restore.warnings()).filteredOn(warning -> warning.contains("could not be created")).singleElement().asString()
                        .contains("ADD CONSTRAINT `far, ADD CONSTRAINT b` FOREIGN KEY (`p`) REFERENCES `kin_b`.`p` (`id`)", "The target does not take it")
                        .doesNotContain("The source keeps it");
            }
        }
    }

    @Test
    void what_is_yet_to_be_replaced_keeps_its_foreign_keys_and_a_restart_behind_it_goes_on() throws IOException {
        try (BackupRun backup = kin()) {
            BlobSetReader set = set(backup);
            makeKin("other", "int");
            try (MysqlRestoreRun restore = replacing(set, "kin_a", "kin_b")) {
                restore.before(SCHEMA, "kin_a", () -> {
                    throw new BackupException(ErrorCode.DATABASE_CONNECTION_LOST, "lost", "restart");
                }).attempt();
                assertThat(restore.problems().values()).filteredOn(problem -> !problem.cause().equals("lost")).singleElement().satisfies(problem -> {
                    assertThat(problem.cause()).contains("`far, ADD CONSTRAINT b` of `kin_a`.`c` to `kin_b`.`p`");
                    assertThat(problem.remedy()).startsWith("Restart the run: \"kin_a\", which this run replaces as well").doesNotContain("DROP");
                });
                CountDownLatch replaced = new CountDownLatch(1);
                restore.after(FINISH, "kin_a", replaced::countDown).before(FINISH, "kin_b", () -> {
                    try {
                        assertThat(replaced.await(1, TimeUnit.MINUTES)).isTrue();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                });
                assertThat(restore.goOn().differences()).isEmpty();
                assertThat(restore.warnings()).isEmpty();
            }
        }
        assertThat(ask("SHOW CREATE TABLE kin_a.c")).contains("REFERENCES `kin_b`.`p` (`id`)");
    }

    @Test
    void a_foreign_key_between_databases_of_a_run_that_somebody_drops_before_its_end_comes_back() throws IOException {
        try (BackupRun backup = kin()) {
            BlobSetReader set = set(backup);
            try (MysqlRestoreRun restore = replacing(set, "kin_a", "kin_b")) {
                oneByOne(restore, "kin_a", "kin_b").before(FINISH, "kin_b", () ->
                        server().sql("kin_a", "ALTER TABLE c DROP FOREIGN KEY `far, ADD CONSTRAINT b`")).complete();
                assertThat(restore.differences()).isEmpty();
                assertThat(restore.warnings()).isEmpty();
            }
        }
        assertThat(ask("SHOW CREATE TABLE kin_a.c")).contains("REFERENCES `kin_b`.`p` (`id`)");
    }

    @Test
    void of_the_foreign_keys_of_others_only_those_that_do_not_fit_are_to_be_dropped_and_none_for_another_trouble() throws IOException {
        makeKin("id", "int");
        server().sql("kin_b", "CREATE TABLE q (id int PRIMARY KEY)");
        try (BackupRun backup = server().backup(Files.createTempDirectory(directory(), "kin"), 2, "kin_b")) {
            BlobSetReader set = set(backup);
            makeKin("other", "int");
            server().sql("kin_b", "CREATE TABLE q (id int PRIMARY KEY); CREATE TABLE kin_a.a (q int, CONSTRAINT fits FOREIGN KEY (q) REFERENCES kin_b.q (id))");
            try (MysqlRestoreRun restore = replacing(set, "kin_b")) {
                restore.attempt();
                assertThat(restore.problems().values()).singleElement().satisfies(problem -> {
                    assertThat(problem.cause()).contains("`far, ADD CONSTRAINT b` of `kin_a`.`c` to `kin_b`.`p`, `fits` of `kin_a`.`a` to `kin_b`.`q`");
                    assertThat(problem.remedy())
                            .contains("(ALTER TABLE `kin_a`.`c` DROP FOREIGN KEY `far, ADD CONSTRAINT b`)", "restart the run", "SHOW CREATE TABLE");
                });
                server().sql("kin_a", "ALTER TABLE c DROP FOREIGN KEY `far, ADD CONSTRAINT b`; CREATE TABLE kin_b.q (id int PRIMARY KEY)");
                assertThatThrownBy(restore::goOn).hasMessageContaining("error 1050").hasMessageNotContaining("FOREIGN KEY");
                server().sql("kin_b", "SET foreign_key_checks = 0; DROP TABLE q");
                assertThat(restore.goOn().differences()).isEmpty();
            }
        }
        assertThat(ask("SHOW CREATE TABLE kin_a.a")).contains("REFERENCES `kin_b`.`q` (`id`)");
    }

    @Test
    void events_in_zones_that_the_target_does_not_know_are_told_before_anything_is_changed() throws IOException {
        server().sql("mysql", zone("Asia/Kathmandu") + zone("Mars/Base"));
        server().sql("mysql", """
                CREATE DATABASE zoned; USE zoned;
                CREATE TABLE t (id int PRIMARY KEY);
                SET time_zone = 'Asia/Kathmandu';
                CREATE EVENT named ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01 00:00:00' DISABLE DO SELECT 1;
                SET time_zone = 'Mars/Base';
                CREATE EVENT onother ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01 00:00:00' DISABLE DO SELECT 1;
                SET time_zone = '+05:00';
                CREATE EVENT plain ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01 00:00:00' DISABLE DO SELECT 1;
                """);
        try (BackupRun backup = server().backup(Files.createDirectory(directory().resolve("zoned")), 2, "zoned")) {
            BlobSetReader set = set(backup);
            // a server remembers zones until it ends
            server().sql("mysql", "DROP DATABASE zoned; DELETE FROM mysql.time_zone_name; DELETE FROM mysql.time_zone;"
                    + " DELETE FROM mysql.time_zone_transition_type");
            server().instance().kill();
            server().instance().start(Duration.ofMinutes(2));
            String databases = ask("SHOW DATABASES");
            assertThatThrownBy(() -> server().restore(set, "zoned", "zoned_copy"))
                    .hasMessageContaining("DATABASE_WRONG").hasMessageContaining("Asia/Kathmandu, Mars/Base")
                    .hasMessageContaining("tzinfo");
            assertThat(ask("SHOW DATABASES")).isEqualTo(databases);

            DatabaseManifest manifest = set.database(set.manifest().databases().get(0));
            server().sql("mysql", "CREATE DATABASE zoned_hand");
            server().instance().sql("zoned_hand", ByHand.plain(set, manifest, manifest.schemaBlob()));
            server().instance().force("zoned_hand", ByHand.plain(set, manifest, manifest.afterDataBlob().orElseThrow()));
            assertThat(events("zoned_hand")).isEqualTo("plain\t+05:00");

            try (MysqlRestoreRun restore = server().restoring(set, "zoned", "zoned_copy", true).intoThrowaway().complete()) {
                assertThat(restore.warnings()).singleElement().asString().contains("Mars/Base").doesNotContain("Kathmandu");
            }
            assertThat(events("zoned_copy").lines()).containsExactly("named\tAsia/Kathmandu", "onother\tMars/Base", "plain\t+05:00");
            // now the server knows them, so that the client need not go on after an error
            server().sql("mysql", "CREATE DATABASE zoned_known");
            server().instance().sql("zoned_known", ByHand.plain(set, manifest, manifest.afterDataBlob().orElseThrow()));
            assertThat(events("zoned_known")).isEqualTo(events("zoned_copy"));
        }
    }

    private String events(String database) {
        return ask("SELECT event_name, time_zone FROM information_schema.events WHERE event_schema = '" + database + "' ORDER BY 1");
    }

    private static String zone(String name) {
        return "INSERT INTO mysql.time_zone (Use_leap_seconds) VALUES ('N'); SET @zone = last_insert_id();"
                + " INSERT INTO mysql.time_zone_name (Name, Time_zone_id) VALUES ('" + name + "', @zone);"
                + " INSERT INTO mysql.time_zone_transition_type (Time_zone_id, Transition_type_id, `Offset`, Is_DST, Abbreviation)"
                + " VALUES (@zone, 0, 20700, 0, 'X');";
    }
}
