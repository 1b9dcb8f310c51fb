package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.DatabaseEngine;
import io.dbbackup.spi.RestoreSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** STORED generated columns whose expressions depend on other settings of the session that writes the row than its time zone. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ComputedColumnsContract {
    private static final String PARTS = """
            CREATE TABLE part (id int PRIMARY KEY, a int, b int, g decimal(20,10) AS (a / b) STORED, UNIQUE (g));
            INSERT INTO part (id, a, b) VALUES (1, 1, 3), (2, 2, 3), (3, 1, 7);
            CREATE TABLE behind (id int PRIMARY KEY, a int, b int, v varchar(40) AS (concat(a / b)) VIRTUAL, g varchar(40) AS (concat(v, ' /')) STORED);
            INSERT INTO behind (id, a, b) VALUES (1, 1, 3);
            CREATE TABLE old (id int, a int, b int, g double AS (a / b) STORED) ENGINE = MyISAM;
            INSERT INTO old (id, a, b) VALUES (1, 1, 3);
            CREATE TABLE whole (id int PRIMARY KEY, a int, d date, g int AS (a + 1) STORED, h varchar(40) AS (concat(a, ' / ')) STORED,
                y int AS (year(d)) STORED);
            INSERT INTO whole (id, a, d) VALUES (1, 1, '2024-01-01');
            """;
    private static final String BELOW = """
            CREATE TABLE below (id int PRIMARY KEY, a int unsigned, b int unsigned, g bigint AS (a - b) STORED, KEY (g), KEY (b),
                FOREIGN KEY (id) REFERENCES part (id));
            INSERT INTO below (id, a, b) VALUES (1, 1, 3), (2, 3, 1);
            """;
    private static final String DATES = """
            CREATE TABLE texts (id int PRIMARY KEY, s varchar(20), g date AS (CAST(s AS date)) STORED, made datetime);
            INSERT INTO texts (id, s, made) VALUES (1, '2024-02-31', '2024-01-01 10:00:00'), (2, '2024-02-29', '0000-00-00'), (3, 'none', NULL);
            CREATE TABLE documents (id int PRIMARY KEY, j json, g date AS (json_unquote(json_extract(j, '$.d'))) STORED);
            INSERT INTO documents (id, j) VALUES (1, '{"d": "2024-02-31"}'), (2, '{"d": "2024-02-29"}');
            """;

    TestServer server;

    @TempDir
    private Path directory;

    abstract TestServer open() throws IOException, InterruptedException;

    /** Where programs of throwaway servers are. */
    abstract String homes();

    /** Settings of the source, and what takes them back. */
    abstract List<String> settings();

    /** Tables that only this vendor has. */
    abstract String more();

    @BeforeAll
    void start() throws IOException, InterruptedException {
        server = open();
    }

    @AfterAll
    void stop() throws IOException {
        server.instance().close();
    }

    private void fill(String database, String script) {
        server.sql("mysql", "CREATE DATABASE " + database + " CHARACTER SET utf8mb4");
        server.sql(database, "SET NAMES utf8mb4; " + script);
    }

    private BackupRun backup(String... databases) throws IOException {
        return server.backup(Files.createTempDirectory(directory, "s"), 2, databases);
    }

    /** Of stored columns and of VIRTUAL ones, which MariaDB computes as whoever opened the table before. */
    private String values(String database) {
        server.sql(database, "FLUSH TABLES");
        StringBuilder all = new StringBuilder();
        for (String table : server.text().tables(database).lines().toList()) {
            all.append(server.sql(database, "SET NAMES utf8mb4; SELECT * FROM " + table + " ORDER BY id"));
        }
        return all.toString();
    }

    @Test
    void settings_of_the_server_are_noted_and_a_restore_computes_with_them() throws IOException {
        List<String> settings = settings();
        server.sql("mysql", settings.get(0));
        try {
            // sessions have them from their beginning
            fill("given", PARTS + BELOW + more());
            try (BackupRun backup = backup("given")) {
                BlobSetReader set = backup.complete();
                assertThat(backup.warnings()).allMatch(warning -> warning.contains("no snapshots"));
                List<TableManifest> tables = set.database(set.manifest().databases().get(0)).tables();
                assertThat(tables.stream().filter(table -> table.properties().has("computed")).map(TableManifest::name))
                        .contains("part", "behind", "old", "below").doesNotContain("whole");
                server.sql("mysql", settings.get(1));
                String expected = values("given");
                assertThat(expected).contains("0.3333333333\n").contains("0.1428571429\n").contains("-2\n");
                for (boolean twice : List.of(false, true)) {
                    restored(server, set, "given", "given_" + twice, twice);
                    assertThat(values("given_" + twice)).isEqualTo(expected);
                }
                server.takes(TestServer.Loading.INSERT);
                restored(server, set, "given", "given_inserted", false);
                assertThat(values("given_inserted")).isEqualTo(expected);
                inThrowaway(set);
            }
        } finally {
            server.sql("mysql", settings.get(1));
            server.takes(TestServer.Loading.MANY_AT_A_TIME);
        }
    }

    private static void restored(TestServer server, BlobSetReader set, String database, String name, boolean twice) {
        try (MysqlRestoreRun restore = server.restoring(set, database, name, twice).complete()) {
            assertThat(restore.differences()).isEmpty();
            assertThat(restore.warnings()).allMatch(warning -> warning.contains("local_infile"));
        }
    }

    private void inThrowaway(BlobSetReader set) {
        System.setProperty("dbbackup.mysql.homes", homes());
        try (DatabaseEngine.Sandbox sandbox =
                        server.engine().startSandbox(set.manifest().server(), Path.of(System.getProperty("java.io.tmpdir")));
                MysqlRestoreRun restore = new MysqlRestoreRun(server.engine(), sandbox.endpoint(), set, "given", "given", false).complete()) {
            assertThat(restore.differences()).isEmpty();
            assertThat(restore.warnings()).isEmpty();
        } finally {
            System.clearProperty("dbbackup.mysql.homes");
        }
    }

    @Test
    void values_of_sessions_with_other_settings_than_the_servers_are_named_after_a_restore_and_can_be_computed_by_hand() throws IOException {
        fill("own", "SET div_precision_increment = 10; FLUSH TABLES; " + PARTS);
        try (BackupRun backup = backup("own")) {
            try (MysqlRestoreRun restore = server.restoring(backup.complete(), "own", "own_copy", true).complete()) {
                assertThat(restore.differences()).isEmpty();
                assertThat(restore.warnings())
                        .anyMatch(warning -> warning.contains("table \"part\"") && warning.contains("(g)") && warning.contains("div_precision_increment=4")
                                && warning.contains("ALTER TABLE `part` FORCE, ALGORITHM=COPY"))
                        .anyMatch(warning -> warning.contains("table \"behind\""))
                        .noneMatch(warning -> warning.contains("\"whole\""));
            }
        }
        assertThat(values("own_copy")).isNotEqualTo(values("own"));
        for (String table : List.of("part", "behind", "old")) {
            server.sql("own_copy", "SET div_precision_increment = 10; ALTER TABLE " + table + " FORCE, ALGORITHM=COPY");
        }
        assertThat(values("own_copy")).isEqualTo(values("own"));
    }

    @Test
    void texts_that_were_no_dates_for_their_sessions_stay_none() throws IOException {
        fill("dates", "SET sql_mode = ''; " + DATES);
        try (BackupRun backup = backup("dates")) {
            BlobSetReader set = backup.complete();
            assertThat(backup.warnings()).isEmpty();
            restored(server, set, "dates", "dates_copy", false);
        }
        assertThat(values("dates_copy")).isEqualTo(values("dates")).contains("2024-02-31\tNULL");
    }

    @Test
    void a_day_that_the_server_took_from_its_clock_is_named_when_it_is_another_one() throws IOException {
        fill("days", "SET timestamp = 31536000; CREATE TABLE t (id int PRIMARY KEY, t time, g datetime AS (CAST(t AS datetime)) STORED);"
                + " INSERT INTO t (id, t) VALUES (1, '10:10')");
        try (BackupRun backup = backup("days");
                MysqlRestoreRun restore = server.restoring(backup.complete(), "days", "days_copy", false).complete()) {
            assertThat(restore.differences()).isEmpty();
            assertThat(restore.warnings()).singleElement().asString().contains("table \"t\"").contains("(g)");
        }
    }

    @Test
    void impossible_dates_of_plain_columns_stay_as_they_are_and_what_is_computed_otherwise_is_named() throws IOException {
        fill("odd", "SET sql_mode = 'ALLOW_INVALID_DATES'; CREATE TABLE t (id int PRIMARY KEY, d date, s varchar(20), g date AS (CAST(s AS date)) STORED);"
                + " INSERT INTO t (id, d) VALUES (1, '2024-02-31'); SET sql_mode = ''; INSERT INTO t (id, s) VALUES (2, '2024-02-31')");
        try (BackupRun backup = backup("odd");
                MysqlRestoreRun restore = server.restoring(backup.complete(), "odd", "odd_copy", false).complete()) {
            assertThat(restore.differences()).isEmpty();
            assertThat(restore.warnings()).singleElement().asString().contains("table \"t\"").contains("(g)").contains("sql_mode");
        }
        assertThat(server.sql("odd_copy", "SELECT d FROM t WHERE id = 1")).isEqualTo("2024-02-31\n");
    }

    @Test
    void rows_alone_are_computed_with_the_settings_of_their_source_or_named() throws IOException {
        List<String> settings = settings();
        server.sql("mysql", settings.get(0));
        try {
            fill("alone", PARTS);
            try (BackupRun backup = rows("alone")) {
                BlobSetReader set = backup.complete();
                server.sql("mysql", settings.get(1));
                server.sql("alone", "TRUNCATE part; TRUNCATE behind; TRUNCATE old; TRUNCATE whole; FLUSH TABLES");
                RestoreSpec spec = new RestoreSpec(Map.of("alone", "alone"), false, Set.of(), RestoreSpec.Globals.NONE, true, true);
                try (MysqlRestoreRun restore = new MysqlRestoreRun(server.engine(), server.endpoint(), set, spec, false).complete()) {
                    assertThat(restore.differences()).isEmpty();
                    // who has opened the table of somebody else on MariaDB before us has decided how it divides
                    boolean same = server.sql("alone", "SELECT g FROM part ORDER BY id").equals("0.3333333333\n0.6666666667\n0.1428571429\n");
                    assertThat(restore.warnings().stream().anyMatch(warning -> warning.contains("table \"part\""))).isEqualTo(!same);
                    assertThat(same || server.engine() instanceof MariadbEngine).isTrue();
                }
            }
        } finally {
            server.sql("mysql", settings.get(1));
        }
    }

    private BackupRun rows(String... databases) throws IOException {
        return server.rowsOf(Files.createTempDirectory(directory, "s"), databases);
    }

    private MysqlRestoreRun restoringRows(BlobSetReader set, Map<String, String> databases, boolean twice) {
        return new MysqlRestoreRun(server.engine(), server.endpoint(), set,
                new RestoreSpec(databases, false, Set.of(), RestoreSpec.Globals.NONE, true, true), twice);
    }

    @Test
    void rows_alone_come_also_into_tables_whose_texts_were_no_dates_and_what_differs_is_named() throws IOException {
        fill("texts", "SET sql_mode = ''; CREATE TABLE t (id int PRIMARY KEY, s varchar(20), g date AS (CAST(s AS date)) STORED);"
                + " INSERT INTO t (id, s) VALUES (1, '2024-02-31'), (2, '2024-02-29')");
        try (BackupRun backup = rows("texts")) {
            BlobSetReader set = backup.complete();
            for (TestServer.Loading loading : TestServer.Loading.values()) {
                server.sql("texts", "TRUNCATE t");
                server.takes(loading);
                try (MysqlRestoreRun restore = restoringRows(set, Map.of("texts", "texts"), false).complete()) {
                    assertThat(restore.differences()).isEmpty();
                    assertThat(restore.warnings()).anyMatch(warning -> warning.contains("table \"t\"") && warning.contains("ALLOW_INVALID_DATES"));
                }
            }
        } finally {
            server.takes(TestServer.Loading.MANY_AT_A_TIME);
        }
    }

    @Test
    void settings_of_a_table_that_computes_nothing_here_do_not_reach_the_next_one() throws IOException {
        server.sql("mysql", settings().get(0));
        try {
            fill("first", "CREATE TABLE t (id int PRIMARY KEY, a int, b int, g varchar(40) AS (concat(a / b)) STORED);"
                    + " INSERT INTO t (id, a, b) VALUES (1, 1, 3)");
            fill("second", "CREATE TABLE u (id int PRIMARY KEY, a int, b int); INSERT INTO u (id, a, b) VALUES (1, 1, 3)");
            try (BackupRun backup = rows("first", "second")) {
                BlobSetReader set = backup.complete();
                server.sql("mysql", settings().get(1));
                server.sql("first", "DROP TABLE t; CREATE TABLE t (id int PRIMARY KEY, a int, b int, g varchar(40))");
                server.sql("second", "TRUNCATE u; ALTER TABLE u ADD g varchar(40) AS (concat(a / b)) STORED; FLUSH TABLES");
                CountDownLatch loaded = new CountDownLatch(1);
                // all sessions that there are load the first one
                try (MysqlRestoreRun restore = restoringRows(set, Map.of("first", "first", "second", "second"), true)
                        .after("mysql.restore.data", "first", loaded::countDown)
                        .before("mysql.restore.data", "second", () -> await(loaded)).complete()) {
                    assertThat(restore.differences()).isEmpty();
                }
            }
            assertThat(server.sql("second", "SELECT g FROM u")).isEqualTo("0.3333\n");
        } finally {
            server.sql("mysql", settings().get(1));
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void keys_are_built_although_the_servers_mode_refuses_a_default() throws IOException {
        fill("zeros", "SET sql_mode = ''; CREATE TABLE t (id int PRIMARY KEY, d date NOT NULL DEFAULT '0000-00-00', s varchar(20),"
                + " g date AS (CAST(s AS date)) STORED, UNIQUE KEY (d));"
                + " SET sql_mode = 'NO_ZERO_DATE'; INSERT INTO t (id, d, s) VALUES (1, '2024-01-01', '0000-00-00'), (2, '2024-01-02', '2024-02-29')");
        server.sql("mysql", "SET GLOBAL sql_mode = 'NO_ZERO_DATE'");
        try (BackupRun backup = backup("zeros")) {
            BlobSetReader set = backup.complete();
            try (MysqlRestoreRun restore = server.restoring(set, "zeros", "zeros_copy", false).complete()) {
                assertThat(restore.differences()).isEmpty();
                assertThat(restore.warnings()).singleElement().asString().contains("table \"t\"").contains("(g)");
            }
        } finally {
            server.sql("mysql", "SET GLOBAL sql_mode = DEFAULT");
        }
    }

    @Test
    void columns_that_also_depend_on_a_time_zone_do_not_hide_which_mode_is_right() throws IOException {
        server.sql("mysql", "SET GLOBAL time_zone = '+01:00'");
        try {
            fill("hours", "SET sql_mode = '', time_zone = '+01:00'; CREATE TABLE t (id int PRIMARY KEY, at timestamp NOT NULL, s varchar(20), w varchar(20) DEFAULT '2024',"
                    + " g date AS (CAST(s AS date)) STORED, h varchar(80) AS (concat(at, ' ', year(concat(w, '-01-01')))) STORED);"
                    + " INSERT INTO t (id, at, s) VALUES (1, '2024-01-01 10:00:00', '2024-02-31'), (2, '2024-01-01 10:00:00', '2024-02-29')");
            try (BackupRun backup = backup("hours")) {
                restored(server, backup.complete(), "hours", "hours_copy", false);
            }
            assertThat(values("hours_copy")).isEqualTo(values("hours"));
        } finally {
            server.sql("mysql", "SET GLOBAL time_zone = 'SYSTEM'");
        }
    }

    @Test
    void sets_of_older_versions_come_back_without_a_word() throws IOException {
        fill("older", "SET div_precision_increment = 10; FLUSH TABLES; " + PARTS);
        try (BackupRun backup = backup("older");
                MysqlRestoreRun restore = server.restoring(
                        ChangedSet.manifests(backup.complete(), manifest ->
                                manifest.tables().forEach(table -> ChangedSet.properties(table).remove("computed"))),
                        "older", "older_copy", false).complete()) {
            assertThat(restore.differences()).isEmpty();
            assertThat(restore.warnings()).isEmpty();
        }
    }
}
