package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Selection;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.model.manifest.LeftOut;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.RestoreSpec;
import io.dbbackup.spi.SetReader;
import io.dbbackup.spi.TableComparison;
import io.dbbackup.throwaway.MysqlInstance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Restores neither delete nor change rows that are not theirs, and nothing is loaded twice or half. */
class OthersRowsTest {
    private static final String SCHEMA = "mysql.restore.schema";
    private static final String FINISH = "mysql.restore.finish";

    private static MysqlInstance server;
    private static ServerText text;

    @TempDir
    private Path directory;

    private int backups;

    @BeforeAll
    static void start() {
        server = MysqlInstance.start(Map.of("plugin-load-add", "ha_federatedx;ha_blackhole;ha_archive;ha_sphinx"));
        text = new ServerText(server);
        server.sql("mysql", """
                CREATE DATABASE live;
                CREATE TABLE live.c (id int NOT NULL, v varchar(20), KEY (id)) ENGINE = MyISAM;
                CREATE TABLE live.far (id int PRIMARY KEY, v varchar(20)) ENGINE = InnoDB;
                INSERT INTO live.c VALUES (300, 'theirs'), (301, 'theirs');
                INSERT INTO live.far VALUES (400, 'theirs');
                CREATE DATABASE plain;
                CREATE TABLE plain.slow (id int PRIMARY KEY, v varchar(20)) ENGINE = MyISAM;
                INSERT INTO plain.slow SELECT seq, concat('row ', seq) FROM seq_1_to_1000;
                CREATE TABLE plain.quick LIKE plain.slow;
                ALTER TABLE plain.quick ENGINE = InnoDB;
                INSERT INTO plain.quick SELECT * FROM plain.slow;
                """);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Endpoint endpoint() {
        return text.endpoint("mariadb");
    }

    private BackupRun backup(Selection.Sections sections, String... databases) throws IOException {
        return new BackupRun(
                new MariadbEngine(), endpoint(),
                BackupRun.spec(new Selection(sections, List.of(), List.of(), List.of(), Optional.empty()), databases),
                Files.createDirectory(directory.resolve("backup-" + ++backups)), 2);
    }

    private static MysqlRestoreRun restore(SetReader set, Map<String, String> databases, boolean confirmed) {
        return new MysqlRestoreRun(
                new MariadbEngine(), endpoint(), set,
                new RestoreSpec(
                        databases, confirmed, confirmed ? Set.copyOf(databases.values()) : Set.of(), RestoreSpec.Globals.NONE,
                        true, true),
                false);
    }

    private static MysqlRestoreRun into(SetReader set, String name) {
        return restore(set, Map.of("plain", name), false);
    }

    /** The tables of "plain" without rows, after which further statements change them. */
    private static void target(String name, String... changes) {
        server.sql("mysql", "DROP DATABASE IF EXISTS " + name + "; CREATE DATABASE " + name);
        server.sql(name, "CREATE TABLE slow LIKE plain.slow; CREATE TABLE quick LIKE plain.quick; " + String.join("; ", changes));
    }

    private static String ask(String query) {
        return server.sql("mysql", query).strip();
    }

    private static void discard(MysqlRestoreRun run) {
        new MariadbEngine().logicalRestore().discard(endpoint(), run.run());
        assertThat(ask("SHOW DATABASES LIKE 'dbbackup%'")).isEmpty();
    }

    private static void assertFailed(MysqlRestoreRun run, String step, ErrorCode code, String... words) {
        assertThat(run.problems().entrySet()).filteredOn(problem -> problem.getKey().contains(step))
                .singleElement().satisfies(problem -> {
                    assertThat(problem.getValue().code()).isEqualTo(code);
                    assertThat(problem.getValue().cause()).contains(words);
                });
    }

    private static void assertRefused(MysqlRestoreRun run, ErrorCode code, String... words) {
        assertThatThrownBy(run::attempt).isInstanceOfSatisfying(BackupException.class, refused -> {
            assertThat(refused.code()).isEqualTo(code);
            assertThat(refused.problem().cause()).contains(words);
        });
    }

    @Test
    void a_merge_table_whose_tables_are_gone_is_named_with_what_to_do_and_can_be_excluded() throws IOException {
        server.sql("mysql", """
                CREATE DATABASE apart; USE apart;
                CREATE TABLE part (id int) ENGINE = MyISAM; CREATE TABLE whole (id int PRIMARY KEY);
                CREATE TABLE parts (id int) ENGINE = MRG_MyISAM UNION = (part);
                DROP TABLE part;
                """);
        try (BackupRun backup = backup(Selection.Sections.ALL, "apart")) {
            assertThatThrownBy(backup::complete).hasMessageContainingAll("`apart`.`parts`", "cannot be opened", "1168", "--exclude-table");
        }
        Selection without = new Selection(Selection.Sections.ALL, List.of(), List.of("parts"), List.of(), Optional.empty());
        try (BackupRun backup = new BackupRun(
                        new MariadbEngine(), endpoint(), BackupRun.spec(without, "apart"), Files.createDirectory(directory.resolve("apart")), 2);
                MysqlRestoreRun restore = restore(backup.complete(), Map.of("apart", "apart_again"), false).complete()) {
            assertThat(restore.differences()).isEmpty();
        }
        assertThat(ask("SHOW TABLES FROM apart_again")).isEqualTo("whole");
    }

    @Test
    void tables_that_show_the_rows_of_others_come_back_without_a_touch_at_these() throws IOException {
        server.sql("mysql", """
                CREATE DATABASE merged; USE merged;
                CREATE TABLE a LIKE live.c;
                CREATE TABLE z LIKE a;
                INSERT INTO a VALUES (1, 'a'), (2, 'a');
                INSERT INTO z VALUES (26, 'z');
                CREATE TABLE m (id int NOT NULL, v varchar(20), KEY (id)) ENGINE = MRG_MyISAM UNION = (a, z, live.c) INSERT_METHOD = LAST;
                CREATE TABLE hole (id int PRIMARY KEY) ENGINE = BLACKHOLE;
                CREATE TABLE old (id int, v varchar(20)) ENGINE = ARCHIVE;
                INSERT INTO old VALUES (1, 'old');
                CREATE TABLE f (id int PRIMARY KEY, v varchar(20)) ENGINE = FEDERATED CONNECTION = 'mysql://%s:%s@%s:%d/live/far';
                """.formatted(server.user(), server.password(), server.host(), server.port()));
        assertThat(ask("SELECT (SELECT count(*) FROM merged.m), (SELECT count(*) FROM merged.f)")).isEqualTo("5\t1");
        try (BackupRun backup = backup(Selection.Sections.ALL, "merged")) {
            BlobSetReader set = backup.complete();
            DatabaseManifest manifest = set.database(set.manifest().databases().get(0));
            assertThat(manifest.tables()).extracting(TableManifest::name).containsExactlyInAnyOrder("a", "old", "z");
            assertThat(manifest.leftOut().orElseThrow().rows()).extracting(LeftOut.Relation::name)
                    .containsExactly("f", "hole", "m");
            assertThat(set.manifest().ofDatabases()).as("the set is a whole one").isEmpty();
            assertThat(backup.warnings()).anyMatch(warning -> warning.contains("f (FEDERATED), hole (BLACKHOLE), m (MRG_MyISAM)"));
            // an older version has taken the rows of tables of such engines
            SetReader older = ChangedSet.manifests(set, each -> each.tables().stream().filter(table -> table.name().equals("z"))
                    .forEach(table -> ChangedSet.properties(table).put("engine", "MRG_MyISAM")));
            for (SetReader each : List.of(set, older)) {
                try (MysqlRestoreRun restore = restore(each, Map.of("merged", "again"), true).complete()) {
                    assertThat(restore.differences()).isEmpty();
                    assertThat(restore.warnings()).filteredOn(warning -> warning.contains("change these"))
                            .singleElement().asString().contains("table \"m\"", "`live`.`c`", "database \"again\"");
                    assertThat(restore.warnings()).filteredOn(warning -> warning.contains("no rows were loaded into table z"))
                            .hasSize(each.equals(set) ? 0 : 1);
                }
                assertThat(ask("SELECT (SELECT count(*) FROM again.m), (SELECT count(*) FROM again.f)"))
                        .isEqualTo(each.equals(set) ? "5\t1" : "4\t1");
            }
        }
        assertThat(ask("SELECT (SELECT count(*) FROM live.c), (SELECT count(*) FROM live.far)")).isEqualTo("2\t1");
    }

    @Test
    void a_table_of_a_server_that_cannot_be_reached_keeps_back_nothing_else_of_its_database() throws IOException {
        server.sql("mysql", """
                CREATE USER far@'%%' IDENTIFIED BY 'far'; GRANT SELECT ON live.far TO far@'%%';
                CREATE DATABASE lonely; USE lonely;
                CREATE TABLE near (id int PRIMARY KEY); INSERT INTO near VALUES (1);
                CREATE TABLE f (id int PRIMARY KEY, v varchar(20)) ENGINE = FEDERATED CONNECTION = 'mysql://far:far@%s:%d/live/far';
                CREATE VIEW v AS SELECT id FROM near; CREATE VIEW w AS SELECT id FROM f;
                CREATE TRIGGER g BEFORE INSERT ON f FOR EACH ROW SET @x = 1;
                """.formatted(server.host(), server.port()));
        try (BackupRun backup = backup(Selection.Sections.ALL, "lonely")) {
            BlobSetReader set = backup.complete();
            server.sql("mysql", "DROP DATABASE lonely; DROP USER far@'%'; FLUSH TABLES");
            try (MysqlRestoreRun restore = restore(set, Map.of("lonely", "lonely"), false).complete()) {
                assertThat(restore.differences()).isEmpty();
                assertThat(restore.warnings()).hasSize(3)
                        .anyMatch(warning -> warning.contains("table \"f\"") && warning.contains("schema.sql") && !warning.contains("far:far"))
                        .anyMatch(warning -> warning.contains("view \"w\""))
                        .anyMatch(warning -> warning.contains("trigger \"g\""));
            }
        }
        assertThat(ask("SHOW TABLES FROM lonely").lines()).containsExactly("near", "v");
        assertThat(ask("SELECT id FROM lonely.v")).isEqualTo("1");
    }

    @Test
    void tables_of_engines_that_few_use_come_back_with_their_rows_or_without_any() throws IOException {
        server.sql("mysql", """
                CREATE DATABASE odd; USE odd;
                CREATE TABLE c (id int NOT NULL, v varchar(100) NOT NULL, b blob NOT NULL) ENGINE = CSV;
                INSERT INTO c VALUES (1, 'quote " backslash \\\\ comma , line\\nfeed', x'00ff22'), (2, '', ''), (2, '', '');
                CREATE TABLE h (id int PRIMARY KEY AUTO_INCREMENT, v varchar(20), KEY USING BTREE (v)) ENGINE = MEMORY AUTO_INCREMENT = 50;
                INSERT INTO h VALUES (NULL, 'first'), (NULL, NULL);
                CREATE VIEW w AS SELECT seq FROM seq_5_to_9_step_2;
                CREATE TABLE s (id bigint unsigned NOT NULL, weight int NOT NULL, query varchar(3072) NOT NULL, KEY (query))
                    ENGINE = SPHINX CONNECTION = 'sphinx://127.0.0.1:1/index';
                """);
        try (BackupRun backup = backup(Selection.Sections.ALL, "odd")) {
            BlobSetReader set = backup.complete();
            assertThat(backup.warnings())
                    .anyMatch(warning -> warning.contains("hold the rows of the moment") && warning.endsWith(": c (CSV), h (MEMORY)"))
                    .anyMatch(warning -> warning.endsWith(": s (SPHINX)"));
            try (MysqlRestoreRun restore = restore(set, Map.of("odd", "odd_again"), false).complete()) {
                assertThat(restore.comparisons()).hasSize(2).allMatch(TableComparison::equal);
                assertThat(restore.warnings()).isEmpty();
            }
            assertThat(text.definitions("odd_again")).isEqualTo(text.definitions("odd"));
            assertThat(ask("SELECT group_concat(seq) FROM odd_again.w")).isEqualTo("5,7,9");
            assertThat(ask("INSERT INTO odd_again.h (v) VALUES ('next'); SELECT max(id) FROM odd_again.h")).isEqualTo("52");
        }
    }

    @Test
    void rows_are_not_loaded_into_tables_of_another_engine_that_cannot_take_them_exactly_once() throws IOException {
        String merge = "DROP TABLE slow; CREATE TABLE slow (id int NOT NULL, v varchar(20), KEY (id)) ENGINE = MRG_MyISAM UNION = (live.c)";
        try (BackupRun backup = backup(Selection.Sections.DATA, "plain")) {
            BlobSetReader set = backup.complete();
            target("engines", "ALTER TABLE quick ENGINE = Aria", merge);
            assertRefused(
                    restore(set, Map.of("plain", "engines"), true), ErrorCode.TABLE_MISMATCH,
                    "quick is of engine Aria instead of InnoDB", "slow is of engine MRG_MyISAM instead of MyISAM");
            target("engines");
            try (MysqlRestoreRun late = into(set, "engines")
                    .after(SCHEMA, "plain", () -> server.sql("engines", "ALTER TABLE quick ENGINE = Aria; " + merge))) {
                late.attempt();
                assertThat(late.problems()).hasSize(2)
                        .allSatisfy((item, problem) -> assertThat(problem.code()).isEqualTo(ErrorCode.TABLE_MISMATCH));
                discard(late);
            }
            // the other way round is safe
            target("engines", "ALTER TABLE slow ENGINE = InnoDB");
            try (MysqlRestoreRun restore = into(set, "engines").complete()) {
                assertThat(restore.differences()).isEmpty();
            }
        }
        assertThat(ask("SELECT count(*) FROM live.c")).isEqualTo("2");
    }

    @Test
    void a_table_of_others_without_transactions_is_not_emptied_by_a_restart() throws IOException {
        try (BackupRun backup = backup(Selection.Sections.DATA, "plain")) {
            BlobSetReader set = backup.complete();
            target("written");
            try (MysqlRestoreRun restore = into(set, "written")
                    .after(SCHEMA, "plain", () -> server.sql("written", "INSERT INTO slow VALUES (5000, 'theirs')"))) {
                restore.attempt();
                assertFailed(restore, "data/", ErrorCode.TABLE_NOT_EMPTY, "table slow");
                assertThat(ask("SELECT group_concat(v) FROM written.slow")).isEqualTo("theirs");
                // what fails in the middle of loading leaves rows, and nothing tells them from those of others
                server.sql("written", "DELETE FROM slow; ALTER TABLE slow MODIFY v varchar(7)");
                assertThatThrownBy(restore::goOn).hasMessageContaining("table slow");
                assertThat(ask("SELECT count(*) > 0 FROM written.slow")).isEqualTo("1");
                server.sql("written", "ALTER TABLE slow MODIFY v varchar(20)");
                assertThatThrownBy(restore::goOn).hasMessageContaining("TABLE_NOT_EMPTY").hasMessageContaining("an interrupted attempt");
                server.sql("written", "DELETE FROM slow");
                assertThat(restore.goOn().differences()).isEmpty();
            }
        }
    }

    @Test
    void a_table_without_transactions_that_somebody_writes_into_meanwhile_goes_on_counting_where_it_was() throws IOException {
        server.sql("mysql", "CREATE DATABASE numbered; CREATE TABLE numbered.t (id int AUTO_INCREMENT PRIMARY KEY) ENGINE = MyISAM;"
                + " INSERT INTO numbered.t VALUES (1); CREATE DATABASE renumbered; CREATE TABLE renumbered.t LIKE numbered.t");
        try (BackupRun backup = backup(Selection.Sections.DATA, "numbered");
                MysqlRestoreRun restore = restore(backup.complete(), Map.of("numbered", "renumbered"), true)
                        .after(SCHEMA, "numbered", () -> server.sql("renumbered", "INSERT INTO t VALUES (5000)")).complete()) {
            assertThat(restore.differences()).isEmpty();
        }
        assertThat(ask("INSERT INTO renumbered.t VALUES (); SELECT max(id) FROM renumbered.t")).isEqualTo("5001");
    }

    @Test
    void nothing_is_emptied_while_another_attempt_or_another_run_is_at_work() throws IOException {
        try (BackupRun backup = backup(Selection.Sections.DATA, "plain");
                Session other = Session.open(endpoint(), "", "another attempt")) {
            BlobSetReader set = backup.complete();
            target("busy", "INSERT INTO quick VALUES (1, 'loaded')");
            try (MysqlRestoreRun restore = restore(set, Map.of("plain", "busy"), true)) {
                other.sql().truth("SELECT GET_LOCK(?, 0)", restore.temporary());
                restore.attempt();
                assertFailed(restore, "schema", ErrorCode.DATABASE_TABLE_LOCKED, "busy");
                assertThat(ask("SELECT v FROM busy.quick")).isEqualTo("loaded");
                other.sql().truth("SELECT RELEASE_LOCK(?)", restore.temporary());
                assertThat(restore.goOn().differences()).isEmpty();
            }
            target("busy", "INSERT INTO quick VALUES (1, 'loaded')");
            try (MysqlRestoreRun restore = restore(set, Map.of("plain", "busy"), true).afterPreflight(() ->
                    server.sql("mysql", "CREATE DATABASE dbbackup_restoring_other_0; CREATE TABLE"
                            + " dbbackup_restoring_other_0.dbbackup_restore_into AS SELECT 'busy' AS name"))) {
                restore.attempt();
                assertFailed(restore, "schema", ErrorCode.DATABASE_EXISTS, "dbbackup_restoring_other_0");
                assertThat(ask("SELECT v FROM busy.quick")).isEqualTo("loaded");
                assertThat(ask("SHOW DATABASES LIKE 'dbbackup%'")).isEqualTo("dbbackup_restoring_other_0");
            } finally {
                server.sql("mysql", "DROP DATABASE IF EXISTS dbbackup_restoring_other_0");
            }
        }
    }

    @Test
    void a_restart_goes_on_with_the_databases_that_are_left_and_keys_to_nothing_are_a_warning() throws IOException {
        server.sql("mysql", "CREATE DATABASE pair; CREATE TABLE pair.t (id int PRIMARY KEY); INSERT INTO pair.t VALUES (1), (2)");
        try (BackupRun backup = backup(Selection.Sections.DATA, "pair", "plain")) {
            BlobSetReader set = backup.complete();
            target("left_over");
            server.sql("mysql", "CREATE DATABASE pair_done; CREATE TABLE pair_done.t LIKE pair.t; USE left_over;"
                    + " SET foreign_key_checks = 0; ALTER TABLE quick ADD CONSTRAINT nowhere FOREIGN KEY (id) REFERENCES gone.t (id)");
            try (MysqlRestoreRun restore = restore(set, Map.of("pair", "pair_done", "plain", "left_over"), false)
                    .after(SCHEMA, "plain", () -> server.sql("left_over", "INSERT INTO slow VALUES (5000, 'theirs')"))) {
                restore.attempt();
                assertThat(restore.problems()).hasSize(1);
                server.sql("left_over", "DELETE FROM slow");
                restore.preflightWithout("pair");
                assertThat(restore.goOn().differences()).isEmpty();
                assertThat(restore.warnings()).singleElement().asString().contains("1000 rows of `left_over`.`quick`", "`nowhere`", "`gone`.`t`", "there is no such table");
            }
        }
    }

    @Test
    void keys_between_databases_of_a_run_are_looked_at_when_both_have_their_rows() throws IOException {
        server.sql("mysql", """
                CREATE DATABASE tied_a; CREATE DATABASE tied_b; CREATE TABLE tied_b.p (id int PRIMARY KEY); INSERT INTO tied_b.p VALUES (1), (2);
                USE tied_a; CREATE TABLE c (id int PRIMARY KEY, p int, own int, CONSTRAINT to_b FOREIGN KEY (p) REFERENCES tied_b.p (id),
                    CONSTRAINT own FOREIGN KEY (own) REFERENCES c (id));
                INSERT INTO c VALUES (1, 1, 1), (2, 2, 1); SET foreign_key_checks = 0; INSERT INTO c VALUES (3, 3, 8), (4, 4, 9);
                """);
        try (BackupRun backup = backup(Selection.Sections.DATA, "tied_a", "tied_b")) {
            BlobSetReader set = backup.complete();
            server.sql("mysql", "SET foreign_key_checks = 0; DELETE FROM tied_a.c; DELETE FROM tied_b.p");
            try (MysqlRestoreRun run = AfterDataContract.oneByOne(
                    restore(set, Map.of("tied_a", "tied_a", "tied_b", "tied_b"), false), "tied_a", "tied_b").complete()) {
                assertThat(run.warnings()).satisfiesExactlyInAnyOrder(
                        across -> assertThat(across).startsWith("database \"tied_a\": 2 rows of `tied_a`.`c` refer by foreign key `to_b`")
                                .doesNotContain("restore database"),
                        own -> assertThat(own).startsWith("database \"tied_a\": 2 rows of `tied_a`.`c` refer by foreign key `own`"));
            }
            try (MysqlRestoreRun run = restore(set, Map.of("tied_b", "tied_b"), true)) {
                server.sql("mysql", "DELETE FROM tied_a.c WHERE id = 4");
                assertThat(run.complete().warnings()).singleElement().asString().startsWith("database \"tied_b\": 1 row of `tied_a`.`c`");
            }
        }
    }

    @Test
    void triggers_for_delete_do_not_fire_either_where_rows_with_history_are_deleted() throws IOException {
        server.sql("mysql", """
                CREATE DATABASE past; USE past;
                CREATE TABLE v (id int PRIMARY KEY) WITH SYSTEM VERSIONING;
                CREATE TABLE log (id int);
                CREATE TRIGGER ins AFTER INSERT ON v FOR EACH ROW INSERT INTO live.far VALUES (new.id, 'by trigger');
                CREATE TRIGGER del BEFORE DELETE ON v FOR EACH ROW INSERT INTO live.far VALUES (1000 + old.id, 'by trigger');
                """);
        server.sql("past", "INSERT INTO v VALUES (1), (2); DELETE FROM v WHERE id = 1; DELETE FROM live.far WHERE id <> 400");
        String triggers = ask("SHOW CREATE TRIGGER past.ins; SHOW CREATE TRIGGER past.del").replaceAll("[0-9:. -]+", " ");
        try (BackupRun backup = backup(Selection.Sections.DATA, "past");
                MysqlRestoreRun restore = new MysqlRestoreRun(
                        new MariadbEngine(), endpoint(), backup.complete(),
                        new RestoreSpec(Map.of("past", "past"), true, Set.of("past"), RestoreSpec.Globals.NONE, true, true)
                                .suspendingTriggers(), false)) {
            assertThat(restore.complete().differences()).isEmpty();
            assertThat(restore.warnings()).singleElement().asString().contains("del on v, ins on v");
        }
        assertThat(ask("SELECT group_concat(id) FROM live.far")).isEqualTo("400");
        assertThat(ask("SHOW CREATE TRIGGER past.ins; SHOW CREATE TRIGGER past.del").replaceAll("[0-9:. -]+", " ")).isEqualTo(triggers);
    }

    @Test
    void a_suspended_trigger_that_nobody_wants_any_more_gives_way_to_the_new_one() throws IOException {
        try (BackupRun backup = backup(Selection.Sections.DATA, "plain")) {
            target("renewed", "CREATE TRIGGER only BEFORE INSERT ON quick FOR EACH ROW SET NEW.v = 'old'");
            try (MysqlRestoreRun restore = new MysqlRestoreRun(
                            new MariadbEngine(), endpoint(), backup.complete(),
                            new RestoreSpec(Map.of("plain", "renewed"), false, Set.of(), RestoreSpec.Globals.NONE, true, true)
                                    .suspendingTriggers(), false)
                    .before(FINISH, "plain", () ->
                            server.sql("renewed", "CREATE TRIGGER only BEFORE INSERT ON quick FOR EACH ROW SET NEW.v = 'new'"))) {
                restore.attempt();
                assertFailed(restore, "finish", ErrorCode.TRIGGER_EXISTS, "only on quick");
                server.sql("mysql", "DELETE FROM " + restore.temporary() + ".dbbackup_restore_trigger WHERE name = 'only'");
                discard(restore);
            }
        }
        assertThat(ask("SHOW CREATE TRIGGER renewed.only")).contains("'new'");
    }

    @Test
    void a_part_that_waits_in_vain_for_rows_of_somebody_else_says_for_whom() throws IOException {
        try (BackupRun backup = backup(Selection.Sections.DATA, "plain");
                Session other = Session.open(endpoint(), "", "somebody else")) {
            BlobSetReader set = backup.complete();
            target("locked");
            other.sql().run("START TRANSACTION");
            other.sql().run("INSERT INTO locked.quick VALUES (5, 'theirs')");
            server.sql("mysql", "SET GLOBAL innodb_lock_wait_timeout = 1");
            try (MysqlRestoreRun restore = into(set, "locked")) {
                restore.attempt();
                assertFailed(
                        restore, "data/", ErrorCode.DATABASE_TABLE_LOCKED, "table quick",
                        "session " + other.sql().text("SELECT connection_id()") + " of root@");
                other.sql().run("ROLLBACK");
                assertThat(restore.goOn().differences()).isEmpty();
            } finally {
                server.sql("mysql", "SET GLOBAL innodb_lock_wait_timeout = 50");
            }
        }
    }

    @Test
    void columns_that_would_round_cut_or_pad_values_are_refused() throws IOException {
        server.sql("mysql", """
                CREATE DATABASE exact; USE exact;
                CREATE TABLE t (id int PRIMARY KEY, at datetime(6), t time(3), b binary(8), d double, f float, n decimal(20, 6), s varchar(20));
                INSERT INTO t SELECT seq, '2026-01-01 00:00:00.123456', '10:00:00.123', 'b', 0.125, 0.5, 0.000001,
                    if(seq = 1, 'blanks      ', 'x') FROM seq_1_to_1300;
                CREATE TABLE v (id int PRIMARY KEY, at timestamp(6) NOT NULL DEFAULT '2026-01-01') WITH SYSTEM VERSIONING;
                CREATE TABLE w (id int PRIMARY KEY);
                INSERT INTO v (id) VALUES (1);
                """);
        try (BackupRun backup = backup(Selection.Sections.DATA, "exact")) {
            BlobSetReader set = backup.complete();
            server.sql("mysql", "CREATE DATABASE vague; USE vague; CREATE TABLE t LIKE exact.t; CREATE TABLE v LIKE exact.v;"
                    + " CREATE TABLE w LIKE exact.w; ALTER TABLE w ADD SYSTEM VERSIONING;"
                    + " SET system_versioning_alter_history = KEEP; ALTER TABLE v MODIFY at timestamp NOT NULL DEFAULT '2026-01-01';"
                    + " ALTER TABLE t MODIFY at datetime, MODIFY t time, MODIFY b binary(16), MODIFY d double(10, 1),"
                    + " MODIFY f float(10, 1), MODIFY n decimal(20, 2)");
            assertRefused(
                    restore(set, Map.of("exact", "vague"), false), ErrorCode.TABLE_MISMATCH,
                    "column at of t is datetime(0) instead of datetime(6)", "column t of t is time(0) instead of time(3)",
                    "column b of t is binary(16) instead of binary(8)",
                    "column d of t is double(scale 1) instead of double(scale any)", "column f of t is float(scale 1)",
                    "column n of t is decimal(scale 2) instead of decimal(scale 6)", "w is system-versioned",
                    "column at of v is timestamp(0) instead of timestamp(6)");
            server.sql("vague", "DROP TABLE t, v, w; CREATE TABLE t LIKE exact.t; CREATE TABLE v LIKE exact.v;"
                    + " CREATE TABLE w LIKE exact.w; ALTER TABLE t MODIFY s varchar(6); SET GLOBAL local_infile = OFF");
            try (MysqlRestoreRun restore = restore(set, Map.of("exact", "vague"), false)) {
                restore.attempt();
                assertFailed(restore, "data/", ErrorCode.DATABASE_STATEMENT_FAILED, "column 's'");
                server.sql("vague", "ALTER TABLE t MODIFY s varchar(20)");
                assertThat(restore.goOn().differences()).isEmpty();
            } finally {
                server.sql("mysql", "SET GLOBAL local_infile = ON");
            }
        }
    }

    /** An INSERT warns of what the expression cannot convert where LOAD DATA does not. */
    @Test
    void rows_come_into_a_table_of_others_whose_expressions_cannot_convert_them() throws IOException {
        server.sql("mysql", """
                CREATE DATABASE weights; USE weights; SET sql_mode = '';
                CREATE TABLE t (id int PRIMARY KEY, a varchar(20), k double AS (a * 2) STORED, n int AS (a + 1) VIRTUAL, KEY (n));
                INSERT INTO t (id, a) VALUES (1, '12kg'), (2, '13');
                """);
        String rows = server.sql("weights", "SELECT * FROM t ORDER BY id");
        try (BackupRun backup = backup(Selection.Sections.DATA, "weights")) {
            BlobSetReader set = backup.complete();
            server.sql("weights", "DELETE FROM t");
            try (MysqlRestoreRun restore = restore(set, Map.of("weights", "weights"), false)) {
                assertThat(restore.complete().differences()).isEmpty();
            }
        }
        assertThat(server.sql("weights", "SELECT * FROM t ORDER BY id")).isEqualTo(rows).contains("12kg\t24\t13");
    }

    @Test
    void a_temporary_database_that_somebody_drops_is_no_success() throws IOException {
        try (BackupRun whole = backup(Selection.Sections.ALL, "plain"); BackupRun data = backup(Selection.Sections.DATA, "plain")) {
            BlobSetReader set = whole.complete();
            try (MysqlRestoreRun restore = into(set, "dropped")) {
                restore.before(FINISH, "plain", () -> server.sql("mysql", "DROP DATABASE " + restore.temporary()));
                restore.attempt();
                assertFailed(restore, "finish", ErrorCode.UNKNOWN_DATABASE, "\"dropped\"");
            }
            target("there");
            try (MysqlRestoreRun restore = restore(set, Map.of("plain", "there"), true)) {
                restore.before(FINISH, "plain", () -> server.sql("mysql", "DROP DATABASE " + restore.temporary()));
                restore.attempt();
                assertFailed(restore, "finish", ErrorCode.UNKNOWN_DATABASE, "\"there\", which is left as it is");
            }
            target("dropped");
            try (MysqlRestoreRun restore = into(data.complete(), "dropped")) {
                restore.before(FINISH, "plain", () -> server.sql("mysql", "DROP DATABASE " + restore.temporary()));
                restore.attempt();
                assertFailed(restore, "finish", ErrorCode.UNKNOWN_DATABASE, restore.temporary(), "nothing proves");
            }
        }
    }

    @Test
    void marks_that_somebody_drops_while_rows_are_loaded_into_tables_of_others_are_called_gone() throws IOException {
        try (BackupRun data = backup(Selection.Sections.DATA, "plain")) {
            BlobSetReader set = data.complete();
            target("unmarked");
            try (MysqlRestoreRun restore = into(set, "unmarked")) {
                restore.after(SCHEMA, "plain", () -> server.sql("mysql", "DROP DATABASE " + restore.temporary()));
                restore.attempt();
                assertThat(restore.problems()).isNotEmpty().allSatisfy((item, problem) -> {
                    assertThat(problem.code()).as(item).isEqualTo(ErrorCode.UNKNOWN_DATABASE);
                    assertThat(problem.cause()).contains(restore.temporary());
                    assertThat(problem.remedy()).contains("discard the run", "clean");
                });
            }
        }
        assertThat(ask("SELECT (SELECT count(*) FROM unmarked.slow) + (SELECT count(*) FROM unmarked.quick)")).isEqualTo("0");
    }

    @Test
    void who_is_killed_between_the_end_of_a_database_and_its_record_goes_on_without_a_word() throws IOException {
        try (BackupRun whole = backup(Selection.Sections.ALL, "plain"); BackupRun data = backup(Selection.Sections.DATA, "plain")) {
            target("recorded");
            for (SetReader set : List.of(whole.complete(), data.complete())) {
                try (MysqlRestoreRun restore = restore(set, Map.of("plain", "recorded"), true)) {
                    restore.after(FINISH, "plain", () -> {
                        throw new IllegalStateException("killed");
                    });
                    restore.attempt();
                    assertThat(restore.problems()).hasSize(1);
                    assertThat(restore.goOn().differences()).isEmpty();
                    assertThat(restore.warnings()).isEmpty();
                    assertThat(server.sql("mysql", "SHOW DATABASES LIKE '" + restore.temporary() + "'")).isEmpty();
                }
            }
        }
    }
}
