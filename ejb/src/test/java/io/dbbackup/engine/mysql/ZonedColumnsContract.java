package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Sample;
import io.dbbackup.model.Selection;
import io.dbbackup.model.ServerFacts;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.DatabaseEngine;
import io.dbbackup.spi.RestoreSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Generated columns that read instants: servers compute them in the time zone of the session that writes the row. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ZonedColumnsContract {
    /** The first two are of two days in the east of Greenwich and of one day there. */
    private static final String ROWS =
            " (u, at) VALUES (1, '2024-01-01 23:30'), (1, '2024-01-02 00:30'), (2, '2024-07-01 12:00'), (2, '2024-10-27 01:30')";

    private static final String TABLES = """
            CREATE TABLE one (id int AUTO_INCREMENT PRIMARY KEY, u int, at timestamp NOT NULL,
                day date GENERATED ALWAYS AS (date(at)) STORED, UNIQUE (u, day));
            CREATE TABLE `no``key` (u int, `at` timestamp(3) NOT NULL, `te``xt` varchar(40) CHARACTER SET latin1 GENERATED ALWAYS AS (concat(`at`, ' ü')) STORED,
                soon datetime(3) GENERATED ALWAYS AS (at + INTERVAL 90 SECOND) STORED, hour tinyint GENERATED ALWAYS AS (hour(at)) STORED);
            CREATE TABLE shown (id int AUTO_INCREMENT PRIMARY KEY, u int, at timestamp NOT NULL,
                day date GENERATED ALWAYS AS (date(at)) VIRTUAL, UNIQUE u (u, day));
            CREATE TABLE chained (u int NOT NULL, at timestamp NOT NULL, day date GENERATED ALWAYS AS (date(at)) VIRTUAL,
                n int GENERATED ALWAYS AS (to_days(day)) STORED, UNIQUE (u, n), KEY (day));
            CREATE TABLE flat (id int AUTO_INCREMENT PRIMARY KEY, u int, at timestamp NOT NULL,
                day date GENERATED ALWAYS AS (date(at)) STORED, UNIQUE (u, day)) ENGINE = MyISAM;
            CREATE TABLE cut (u int, at timestamp NOT NULL, day date GENERATED ALWAYS AS (date(at)) STORED)
                PARTITION BY RANGE COLUMNS (day) (PARTITION a VALUES LESS THAN ('2024-01-02'), PARTITION b VALUES LESS THAN (MAXVALUE));
            CREATE TABLE same (id int AUTO_INCREMENT PRIMARY KEY, u int, at timestamp NOT NULL,
                year int GENERATED ALWAYS AS (year(at)) STORED, KEY (year));
            """;

    TestServer server;

    @TempDir
    private Path directory;

    abstract TestServer open() throws IOException, InterruptedException;

    /** Tables that only this vendor has. */
    abstract String more();

    /** Where programs of throwaway servers are. */
    abstract String homes();

    @BeforeAll
    void start() throws IOException, InterruptedException {
        server = open();
    }

    @AfterAll
    void stop() throws IOException {
        server.instance().close();
    }

    void fill(String database, String tables, String zone) {
        server.sql("mysql", "CREATE DATABASE " + database + " CHARACTER SET utf8mb4");
        server.sql(database, "SET NAMES utf8mb4; " + tables);
        server.text().tables(database).lines().forEach(table -> server.sql(database,
                "SET time_zone = '" + zone + "'; INSERT INTO `" + table.replace("`", "``") + "`" + ROWS));
    }

    BackupRun backup(Endpoint source, String database) throws IOException {
        return new BackupRun(
                server.engine(), source, BackupRun.spec(TestServer.PART_BYTES, database), Files.createTempDirectory(directory, "s"), 2);
    }

    Endpoint endpoint(String zone) {
        return named(server.endpoint(), zone);
    }

    private static Endpoint named(Endpoint plain, String zone) {
        Map<String, String> options = new HashMap<>(plain.options());
        options.put("generatedTimeZone", zone);
        return new Endpoint("test", plain.engine(), plain.host(), plain.port(), plain.user(), plain.password(), "", options);
    }

    MysqlRestoreRun restore(Endpoint target, BlobSetReader set, String database, String name) {
        return new MysqlRestoreRun(server.engine(), target, set, database, name, false);
    }

    /** All values in UTC, and those of keys from the keys alone. */
    private String values(String database) {
        StringBuilder all = new StringBuilder();
        for (String table : server.text().tables(database).lines().toList()) {
            all.append(server.sql(database, "SET time_zone = '+00:00'; SELECT * FROM `" + table.replace("`", "``") + "` ORDER BY at"));
        }
        if (all.length() > 0 && server.text().tables(database).contains("shown")) {
            all.append(server.sql(database, "SET time_zone = '+00:00'; SELECT u, day FROM shown FORCE INDEX (u) ORDER BY u, day"));
        }
        return all.toString();
    }

    private void requireSame(String copy, String original) {
        server.requireEqual(copy, original);
        assertThat(values(copy)).isEqualTo(values(original));
    }

    @Test
    void columns_that_the_servers_time_zone_has_computed_come_back_as_they_were_also_by_hand() throws IOException {
        server.sql("mysql", "SET GLOBAL time_zone = '+01:00'");
        try {
            fill("east", TABLES + more(), "+01:00");
            try (BackupRun backup = backup(server.endpoint(), "east")) {
                BlobSetReader set = backup.complete();
                assertThat(backup.warnings()).allMatch(warning -> warning.contains("no snapshots"));
                for (boolean twice : List.of(false, true)) {
                    try (MysqlRestoreRun restore = server.restoring(set, "east", "east_" + twice, twice).complete()) {
                        assertThat(restore.differences()).isEmpty();
                        assertThat(restore.warnings()).isEmpty();
                    }
                    requireSame("east_" + twice, "east");
                }
                ByHand.restore(server, set, "east_hand");
                requireSame("east_hand", "east");
                List<TableManifest> tables = set.database(set.manifest().databases().get(0)).tables();
                assertThat(tables.stream().filter(table -> table.properties().has("zoned")).map(TableManifest::name))
                        .contains("one", "no`key", "shown", "chained", "flat", "cut").doesNotContain("same");
            }
        } finally {
            server.sql("mysql", "SET GLOBAL time_zone = 'SYSTEM'");
        }
    }

    @Test
    void columns_that_count_by_keys_with_such_values_go_on_and_their_keys_are_built_when_these_are_right() throws IOException {
        server.sql("mysql", "SET GLOBAL time_zone = '+01:00'");
        try {
            String flat = server.text().tables("mysql").contains("global_priv") ? "Aria" : "MyISAM";
            fill("counted", """
                    CREATE TABLE per_day (u int, at timestamp NOT NULL, day date GENERATED ALWAYS AS (date(at)) STORED,
                        n int NOT NULL AUTO_INCREMENT, UNIQUE KEY `a, ``b` (day, n), KEY (u)) ENGINE = MyISAM;
                    CREATE TABLE words (u int, at timestamp NOT NULL, v varchar(40) GENERATED ALWAYS AS (concat(at, ' words')) STORED,
                        n int NOT NULL AUTO_INCREMENT, FULLTEXT KEY one (v), KEY vn (v, n), FULLTEXT KEY two (v)) ENGINE = %s;
                    CREATE TABLE behind (n int NOT NULL AUTO_INCREMENT, u int, at timestamp NOT NULL,
                        day date GENERATED ALWAYS AS (date(at)) STORED, UNIQUE KEY nd (n, day)) ENGINE = InnoDB;
                    """.formatted(flat), "+01:00");
            server.sql("counted", "SET time_zone = '+01:00'; INSERT INTO behind (n, at) VALUES (9, '2024-03-01 23:30'), (9, '2024-03-02 00:30')");
            try (BackupRun backup = backup(server.endpoint(), "counted")) {
                BlobSetReader set = backup.complete();
                for (boolean twice : List.of(false, true)) {
                    try (MysqlRestoreRun restore = server.restoring(set, "counted", "counted_" + twice, twice).complete()) {
                        assertThat(restore.differences()).isEmpty();
                        assertThat(restore.warnings()).isEmpty();
                    }
                    requireSame("counted_" + twice, "counted");
                }
                ByHand.restore(server, set, "counted_hand");
                requireSame("counted_hand", "counted");
                assertThat(server.sql("counted_hand", "SET time_zone = '+01:00'; INSERT INTO per_day (at) VALUES ('2024-01-02 05:00');"
                        + " SELECT n FROM per_day WHERE at = '2024-01-02 05:00'")).isEqualTo("2\n");
            }
        } finally {
            server.sql("mysql", "SET GLOBAL time_zone = 'SYSTEM'");
        }
    }

    @Test
    void columns_that_another_time_zone_has_computed_are_named_by_the_backup_and_come_back_when_an_option_names_that_zone() throws IOException {
        fill("apart", TABLES.substring(0, TABLES.indexOf("CREATE TABLE flat")), "+01:00");
        fill("loose", "CREATE TABLE t (u int, at timestamp NOT NULL, day date GENERATED ALWAYS AS (date(at)) STORED);", "+01:00");
        try (BackupRun backup = backup(server.endpoint(), "apart"); BackupRun loose = backup(server.endpoint(), "loose")) {
            BlobSetReader set = backup.complete();
            assertThat(backup.warnings()).hasSize(3)
                    .anyMatch(warning -> warning.contains("table \"one\"") && warning.contains("day") && warning.contains("1 row")
                            && warning.contains("generatedTimeZone"))
                    .anyMatch(warning -> warning.contains("table \"no`key\"") && warning.contains("4 rows"));
            MysqlRestoreRun failing = restore(server.endpoint(), set, "apart", "apart_not");
            try (failing) {
                failing.attempt();
                assertThat(failing.problems().values()).anySatisfy(problem -> {
                    assertThat(problem.code()).isEqualTo(ErrorCode.TIME_ZONE_MISMATCH);
                    assertThat(problem.cause()).contains("one").contains("day").contains("+00:00");
                    assertThat(problem.remedy()).contains("generatedTimeZone");
                });
            }
            try (MysqlRestoreRun restore = restore(endpoint("+01:00"), set, "apart", "apart_named").complete()) {
                assertThat(restore.differences()).isEmpty();
                assertThat(restore.warnings()).isEmpty();
            }
            requireSame("apart_named", "apart");

            BlobSetReader other = loose.complete();
            for (String zone : List.of("+00:00", "Nowhere/None")) {
                String name = zone.startsWith("+") ? "loose_utc" : "loose_unknown";
                try (MysqlRestoreRun restore = restore(endpoint(zone), other, "loose", name).complete()) {
                    assertThat(restore.warnings()).anyMatch(warning -> warning.contains("table \"t\"") && warning.contains("day")
                            && warning.contains("generatedTimeZone") && warning.contains("ALGORITHM=COPY")
                            && warning.contains("SET SESSION time_zone = '" + (zone.startsWith("+") ? "Area/City'" : "Nowhere/None'")));
                    assertThat(restore.warnings().stream().anyMatch(warning -> warning.contains("Nowhere/None")))
                            .isEqualTo(!zone.startsWith("+"));
                }
            }
        }
        try (BackupRun backup = backup(endpoint("+01:00"), "apart")) {
            BlobSetReader set = backup.complete();
            assertThat(backup.warnings()).isEmpty();
            try (MysqlRestoreRun restore = restore(server.endpoint(), set, "apart", "apart_noted").complete()) {
                assertThat(restore.warnings()).isEmpty();
            }
        }
        requireSame("apart_noted", "apart");
    }

    @Test
    void a_throwaway_server_computes_in_a_zone_that_the_source_knows_by_its_name() throws IOException {
        System.setProperty("dbbackup.mysql.homes", homes());
        Path parent = Path.of(System.getProperty("java.io.tmpdir"));
        // such a server is a source here, too: it has the names without being told
        ServerFacts facts = server.engine().describe(endpoint("Europe/Berlin"));
        try (DatabaseEngine.Sandbox source = server.engine().startSandbox(facts, parent)) {
            try (Session session = Session.open(source.endpoint(), "", "test")) {
                requireBerlin(session.sql());
                session.sql().runAll(List.of(
                        "CREATE DATABASE app", "USE app", "SET time_zone = 'Europe/Berlin'",
                        "CREATE TABLE t (id int PRIMARY KEY, u int, at timestamp NOT NULL, day date AS (date(at)) STORED, UNIQUE (u, day))",
                        "INSERT INTO t (id, u, at) VALUES (1, 1, '2024-07-01 23:30'), (2, 1, '2024-07-02 01:30')"));
            }
            try (BackupRun backup = backup(named(source.endpoint(), "Europe/Berlin"), "app")) {
                BlobSetReader set = backup.complete();
                assertThat(backup.warnings()).isEmpty();
                try (DatabaseEngine.Sandbox target = server.engine().startSandbox(set.manifest().server(), parent);
                        MysqlRestoreRun restore = restore(target.endpoint(), set, "app", "app").complete()) {
                    assertThat(restore.differences()).isEmpty();
                    assertThat(restore.warnings()).isEmpty();
                }
            }
        } finally {
            System.clearProperty("dbbackup.mysql.homes");
        }
    }

    private static void requireBerlin(Sql sql) {
        for (long second = 86_400; second < Integer.MAX_VALUE; second += 7_777_777) {
            LocalDateTime utc = LocalDateTime.ofEpochSecond(second, 0, ZoneOffset.UTC);
            LocalDateTime there = utc.atOffset(ZoneOffset.UTC).atZoneSameInstant(ZoneId.of("Europe/Berlin")).toLocalDateTime();
            assertThat(sql.text("SELECT convert_tz('" + utc + "', '+00:00', 'Europe/Berlin') = CAST('" + there + "' AS datetime)"))
                    .as(utc.toString()).isEqualTo("1");
        }
    }

    @Test
    void samples_are_computed_in_the_servers_time_zone_and_sets_of_servers_in_utc_note_nothing() throws IOException {
        String table = "CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, u int, at timestamp NOT NULL,"
                + " day date GENERATED ALWAYS AS (date(at)) STORED, UNIQUE (u, day));";
        fill("utc", table, "+00:00");
        try (BackupRun backup = backup(server.endpoint(), "utc")) {
            assertThat(zones(backup.complete())).containsOnly("");
            assertThat(backup.warnings()).isEmpty();
        }
        fill("some", table, "+01:00");
        Selection all = new Selection(
                Selection.Sections.ALL, List.of(), List.of(), List.of(), Optional.of(new Sample(0, 1000, 7)));
        try (BackupRun backup = new BackupRun(server.engine(), server.endpoint(), BackupRun.spec(all, "some"),
                Files.createTempDirectory(directory, "s"), 1)) {
            server.sql("mysql", "SET GLOBAL time_zone = '+01:00'");
            BlobSetReader set = backup.complete();
            assertThat(zones(set)).containsOnly("+01:00");
            try (MysqlRestoreRun restore = restore(server.endpoint(), set, "some", "some_copy").complete()) {
                assertThat(restore.warnings()).isEmpty();
            }
            requireSame("some_copy", "some");
        } finally {
            server.sql("mysql", "SET GLOBAL time_zone = 'SYSTEM'");
        }
    }

    private static List<String> zones(BlobSetReader set) {
        return set.database(set.manifest().databases().get(0)).tables().stream()
                .map(table -> table.properties().path("zoned").path("zone").asText()).toList();
    }

    @Test
    void a_restore_of_rows_alone_says_that_it_computes_them_in_utc() throws IOException {
        fill("alone", "CREATE TABLE t (u int, at timestamp NOT NULL, day date GENERATED ALWAYS AS (date(at)) STORED);", "+01:00");
        server.sql("mysql", "CREATE DATABASE alone_copy; CREATE TABLE alone_copy.t LIKE alone.t");
        Selection rows = new Selection(Selection.Sections.DATA, List.of(), List.of(), List.of(), Optional.empty());
        try (BackupRun backup = new BackupRun(server.engine(), endpoint("+01:00"), BackupRun.spec(rows, "alone"),
                Files.createTempDirectory(directory, "s"), 1)) {
            BlobSetReader set = backup.complete();
            RestoreSpec spec = new RestoreSpec(
                    Map.of("alone", "alone_copy"), false, Set.of(), RestoreSpec.Globals.NONE, true, true);
            try (MysqlRestoreRun restore = new MysqlRestoreRun(server.engine(), server.endpoint(), set, spec, true).complete()) {
                assertThat(restore.differences()).isEmpty();
                assertThat(restore.warnings()).singleElement().asString()
                        .contains("table \"t\"").contains("day").contains("UTC").contains("ALGORITHM=COPY").contains("+01:00");
            }
        }
    }
}
