package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.engine.mysql.restore.MysqlLogicalRestore;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Selection;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.LogicalBackup;
import io.dbbackup.spi.RestoreSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every server of the family has to go through: backups that end in a restore, judged by the stock client, which shares no
 * code with them.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class RoundTripContract {
    private TestServer server;

    @TempDir
    private Path directory;

    /** Starts the server; with a binary log. */
    abstract TestServer open() throws IOException, InterruptedException;

    @BeforeAll
    void start() throws IOException, InterruptedException {
        server = open();
        // the databases edge, with what only this vendor has, and helper
        server.fill("edge-" + server.engine().type() + ".sql", "edge.sql");
    }

    @AfterAll
    void stop() throws IOException {
        server.instance().close();
    }

    final TestServer server() {
        return server;
    }

    final Path directory() {
        return directory;
    }

    /** More to compare than every vendor has. */
    void compareMore(String copy, String original) {}

    @Test
    void a_database_full_of_edge_cases_comes_back_equal_however_rows_go_in_although_every_item_is_executed_twice() {
        try (BackupRun backup = server.backup(directory, 2, "edge")) {
            BlobSetReader set = backup.complete();
            DatabaseManifest manifest = set.database(set.manifest().databases().get(0));
            assertThat(manifest.position()).contains("binlog.");
            assertThat(set.manifest().databases().get(0).lockMillis()).hasValueSatisfying(
                    millis -> assertThat(millis).isBetween(0L, 10_000L));
            assertThat(manifest.tables().stream().filter(table -> table.parts().size() > 3).map(TableManifest::name))
                    .contains("big", "by_word", "by_bytes", "by_day");
            long before = loads();
            restoreEdge(set, "edge_copy", true, "\"broken\"");
            boolean many = server.engine().type().equals("mariadb");
            // then only what is too large for one message, if anything
            assertThat(loads() - before).matches(loads -> many ? loads < 10 : loads > 30);
            if (many) {
                server.takes(TestServer.Loading.LOAD_DATA);
                restoreEdge(set, "edge_loaded", true, "\"broken\"");
                assertThat(loads() - before).isGreaterThan(30);
                server.requireEqual("edge_loaded", "edge");
                compareMore("edge_loaded", "edge");
            }
            server.takes(TestServer.Loading.INSERT);
            restoreEdge(set, "edge_inserted", false, "\"broken\"", "local_infile");
        } finally {
            server.takes(TestServer.Loading.MANY_AT_A_TIME);
        }
        for (String copy : List.of("edge_copy", "edge_inserted")) {
            server.requireEqual(copy, "edge");
            compareMore(copy, "edge");
        }
    }

    /** LOAD DATA statements since the server's start. */
    private long loads() {
        return Long.parseLong(server.sql("mysql", "SHOW GLOBAL STATUS LIKE 'Com_load'").replaceAll("\\D", ""));
    }

    private void restoreEdge(BlobSetReader set, String name, boolean twice, String... warnings) {
        try (MysqlRestoreRun restore = server.restoring(set, "edge", name, twice).complete()) {
            assertThat(server.sql("mysql", "SHOW DATABASES LIKE '" + temporary(restore.run()) + "'")).isEmpty();
            assertThat(restore.differences()).isEmpty();
            assertThat(restore.comparisons()).hasSize((int) server.text().tables("edge").lines().count());
            assertThat(restore.warnings()).hasSize(warnings.length);
            for (String warning : warnings) {
                assertThat(restore.warnings()).anyMatch(given -> given.contains(warning));
            }
        }
    }

    @Test
    void rows_by_packets_and_rows_by_the_driver_are_the_same_bytes_with_and_without_tls() throws SQLException {
        for (String tls : List.of("DISABLED", server.engine().type().equals("mysql") ? "REQUIRED" : "PREFERRED")) {
            try (Session session = Session.open(server.endpoint(tls), "edge", "test")) {
                for (String table : server.text().tables("edge").lines().toList()) {
                    String query = "SELECT * FROM `" + table.replace("`", "``") + "`";
                    String packets = RowBytes.of(PacketRows.tryOf(session.connection(), query).orElseThrow());
                    String driver = RowBytes.of(new DriverRows(session.connection(), query));
                    assertThat(packets).as(table).isEqualTo(driver);
                }
                // a row of more than one packet
                String large = "SELECT repeat('ab\\t', 6000000), NULL, 'x' UNION ALL SELECT '', 'y', NULL";
                assertThat(RowBytes.of(PacketRows.tryOf(session.connection(), large).orElseThrow()))
                        .isEqualTo(RowBytes.of(new DriverRows(session.connection(), large)));
                assertThatThrownBy(() -> PacketRows.tryOf(session.connection(), "SELECT nothing"))
                        .hasMessageContaining("nothing");
                assertThat(session.sql().text("SELECT 'still usable'")).isEqualTo("still usable");
            }
        }
    }

    @Test
    void the_set_opens_with_zstd_and_the_stock_client_alone() throws IOException {
        try (BackupRun backup = new BackupRun(
                server.engine(), server.endpoint(), BackupRun.spec(8 * TestServer.PART_BYTES, "edge"), directory, 2)) {
            BlobSetReader set = backup.complete();
            DatabaseManifest manifest = set.database(set.manifest().databases().get(0));
            // the broken view is the one that no client can create
            ByHand.restore(server, set, "by_hand");
        }
        server.requireEqual("by_hand", "edge");
    }

    @Test
    void objects_whose_authors_used_other_character_sets_come_back_with_their_very_bytes_also_by_hand() throws IOException {
        Map<String, String> words = Map.of("latin1", "größe€", "gbk", "誠乗", "utf8mb3", "größe", "sjis", "ソ表", "koi8r", "слово");
        Map<String, String> charsets = Map.of("latin1", "windows-1252", "utf8mb3", "UTF-8", "sjis", "Shift_JIS", "koi8r", "KOI8-R");
        for (String client : words.keySet()) {
            String script;
            try (InputStream in = TestServer.class.getResourceAsStream("clients.sql")) {
                script = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                        .replace("WORD", words.get(client)).replace("CLIENT", client);
            }
            String database = "by_" + client;
            server.sql("mysql", "CREATE DATABASE " + database + " CHARACTER SET utf8mb4");
            server.instance().sql(database, script.getBytes(Charset.forName(charsets.getOrDefault(client, client))));
            try (BackupRun backup = server.backup(Files.createDirectory(directory.resolve(database)), 1, database)) {
                BlobSetReader set = backup.complete();
                assertThat(backup.warnings()).isEmpty();
                DatabaseManifest manifest = set.database(set.manifest().databases().get(0));
                server.sql("mysql", "CREATE DATABASE " + database + "_hand " + manifest.properties().get("options").asText());
                server.instance().sql(database + "_hand", ByHand.plain(set, manifest, manifest.schemaBlob()));
                server.instance().sql(database + "_hand", ByHand.plain(set, manifest, manifest.afterDataBlob().orElseThrow()));
                try (MysqlRestoreRun restore = server.restoring(set, database, database + "_copy", true).complete()) {
                    assertThat(restore.warnings()).isEmpty();
                }
            }
            for (String copy : List.of(database + "_copy", database + "_hand")) {
                assertThat(server.text().definitions(copy)).isEqualTo(server.text().definitions(database));
                assertThat(comments(copy)).isEqualTo(comments(database)).contains(words.get(client));
            }
            String done = deeds(database);
            assertThat(done).contains("utf8mb4");
            assertThat(List.of(deeds(database + "_copy"), deeds(database + "_hand"))).containsOnly(done);
        }
    }

    @Test
    void characters_of_four_bytes_that_show_create_does_not_show_are_named_in_a_warning() throws IOException {
        server.sql("mysql", """
                CREATE DATABASE monkeys CHARACTER SET utf8mb4;
                CREATE TABLE monkeys.t (id int PRIMARY KEY, see varchar(9) DEFAULT '🙈?', hear varchar(9) DEFAULT 'hear?',
                    speak enum('no', '🙊'), latin enum('?') CHARACTER SET latin1, `why?` varchar(9) DEFAULT 'x' COMMENT '?');
                CREATE TABLE monkeys.others (id int PRIMARY KEY, v varchar(9) DEFAULT 'what''s?');
                CREATE TABLE monkeys.must (id int PRIMARY KEY, v varchar(9) NOT NULL DEFAULT '🐒', w varchar(9) NOT NULL DEFAULT 'what?');
                INSERT INTO monkeys.must (id) VALUES (1);
                CREATE TABLE monkeys.nobody (id int PRIMARY KEY, v varchar(9) NOT NULL DEFAULT '🐒');
                """);
        try (BackupRun backup = server.backup(Files.createDirectory(directory.resolve("monkeys")), 1, "monkeys")) {
            backup.complete();
            assertThat(backup.warnings()).hasSize(3);
            Map.of("t", "the default of see, perhaps members of speak", "must", "the default of v", "nobody", "perhaps the default of v")
                    .forEach((table, unshown) -> assertThat(backup.warnings()).anyMatch(
                            given -> given.contains("table \"" + table + "\"") && given.contains("in the set: " + unshown + ".")));
        }
    }

    @Test
    void timestamps_without_a_default_get_none_also_where_the_target_would_give_them_one() throws IOException {
        server.sql("mysql", """
                CREATE DATABASE clocks;
                SET SESSION explicit_defaults_for_timestamp = ON;
                CREATE TABLE clocks.t (id int PRIMARY KEY, at timestamp NOT NULL, later timestamp NULL DEFAULT NULL);
                INSERT INTO clocks.t VALUES (1, '2020-01-01', NULL);
                CREATE USER clock@'127.0.0.1' IDENTIFIED BY 'clock';
                GRANT SELECT, INSERT, CREATE, DROP, ALTER, INDEX ON *.* TO clock@'127.0.0.1';
                """);
        String mode = server.sql("mysql", "SELECT @@global.explicit_defaults_for_timestamp").strip();
        try (BackupRun backup = server.backup(Files.createDirectory(directory.resolve("clocks")), 1, "clocks")) {
            BlobSetReader set = backup.complete();
            server.sql("mysql", "SET GLOBAL explicit_defaults_for_timestamp = OFF");
            server.restore(set, "clocks", "clocks_copy");
            RestoreSpec spec = new RestoreSpec(
                    Map.of("clocks", "clocks_own"), false, Set.of(), RestoreSpec.Globals.NONE, true, true);
            try (MysqlRestoreRun restore =
                    new MysqlRestoreRun(server.engine(), server.account("clock", Map.of()), set, spec, false)) {
                if (server.engine().type().equals("mysql")) {
                    assertThatThrownBy(restore::attempt).hasMessageContaining("DATABASE_PRIVILEGE_MISSING")
                            .hasMessageContaining("SET GLOBAL explicit_defaults_for_timestamp = ON");
                } else {
                    assertThat(restore.complete().differences()).isEmpty();
                    server.requireEqual("clocks_own", "clocks");
                }
            }
        } finally {
            server.sql("mysql", "SET GLOBAL explicit_defaults_for_timestamp = " + mode);
        }
        server.requireEqual("clocks_copy", "clocks");
    }

    /** Comments and definers, which SHOW CREATE shows in UTF-8 in the midst of other texts; and what a database gives to what is created. */
    private String comments(String database) {
        return server.sql(database, """
                SELECT routine_name, routine_comment, definer FROM information_schema.routines WHERE routine_schema = database() ORDER BY 1;
                SELECT event_name, event_comment, definer FROM information_schema.events WHERE event_schema = database() ORDER BY 1;
                SELECT trigger_name, event_object_table, definer FROM information_schema.triggers WHERE trigger_schema = database() ORDER BY 1;
                SELECT @@character_set_database, @@collation_database;
                """);
    }

    /** What they do, byte by byte. */
    private String deeds(String database) {
        String procedure = server.sql(database, "SELECT routine_name FROM information_schema.routines"
                + " WHERE routine_schema = database() AND routine_type = 'PROCEDURE'").strip();
        return server.sql(database, "CALL `" + procedure + "`(); SELECT hex(s), hex(b) FROM t; SELECT hex(a), hex(l) FROM v;"
                + " SELECT f('x'), later('x')");
    }

    @Test
    void a_table_that_is_changed_before_it_is_read_makes_its_database_start_again() {
        server.sql("mysql", """
                CREATE DATABASE moving;
                CREATE TABLE moving.t (id int PRIMARY KEY, v int) ENGINE = InnoDB;
                INSERT INTO moving.t SELECT seq, seq FROM helper.n WHERE seq BETWEEN 1 AND 1000;
                """);
        AtomicBoolean altered = new AtomicBoolean();
        try (BackupRun backup = server.backup(directory, 1, "moving")) {
            backup.onDone((item, result) -> {
                if (item.kind().equals("mysql.open") && altered.compareAndSet(false, true)) {
                    server.sql("moving", "ALTER TABLE t MODIFY v bigint, ALGORITHM = COPY; UPDATE t SET v = v + 1");
                }
            });
            server.restore(backup.complete(), "moving", "moved");
        }
        assertThat(altered).isTrue();
        server.requireEqual("moved", "moving");
    }

    @Test
    void a_table_that_swaps_its_name_with_another_one_of_the_same_second_makes_its_database_start_again() {
        // one is changed between the snapshot and the reading of its definitions, the other one between these and the rows
        List<String> databases = List.of("shift-late", "shift");
        databases.forEach(each -> tablesOfOneSecond(each, "the t", "new t"));
        server.sql("mysql", """
                CREATE DATABASE shift_first; CREATE TABLE shift_first.t (id int PRIMARY KEY, v longblob) ENGINE = InnoDB;
                INSERT INTO shift_first.t VALUES (1, repeat('x', 1000000)); ANALYZE TABLE shift_first.t
                """);
        Set<String> swapped = new HashSet<>();
        try (BackupRun backup = server.backup(directory, 1, "shift_first", "shift-late", "shift")) {
            backup.onDone((item, result) -> databases.stream()
                    .filter(each -> item.kind().equals("mysql.open")
                            && item.database().equals(each.equals("shift") ? "shift" : "shift_first") && swapped.add(each))
                    .forEach(each -> server.sql(each, "INSERT INTO `new t` VALUES (2, -2), (3, -3);"
                            + " RENAME TABLE `the t` TO `old t`, `new t` TO `the t`, `old t` TO `new t`")));
            BlobSetReader set = backup.complete();
            databases.forEach(each -> server.restore(set, each, each + "_copy"));
        }
        assertThat(swapped).hasSize(2);
        databases.forEach(each -> server.requireEqual(each + "_copy", each));
    }

    @Test
    void a_table_that_swaps_its_name_with_a_later_one_makes_its_database_start_again_and_one_that_is_truncated_does_not() {
        server.sql("mysql", """
                CREATE DATABASE turn;
                USE turn;
                CREATE TABLE t (id int PRIMARY KEY, v int) ENGINE = InnoDB;
                INSERT INTO t VALUES (1, 1), (2, 2);
                CREATE TABLE staging (id int PRIMARY KEY) ENGINE = MyISAM;
                CREATE TABLE staged (id int PRIMARY KEY) ENGINE = InnoDB;
                DO sleep(1.1);
                CREATE TABLE n (id int PRIMARY KEY, v int) ENGINE = InnoDB;
                INSERT INTO n VALUES (1, -1);
                INSERT INTO staged VALUES (1);
                """);
        List<String> done = new ArrayList<>();
        try (BackupRun backup = server.backup(directory, 1, "turn")) {
            backup.onDone((item, result) -> {
                done.add(item.kind());
                if (done.equals(List.of("mysql.open"))) {
                    server.sql("turn", "INSERT INTO n VALUES (2, -2), (3, -3); RENAME TABLE t TO o, n TO t, o TO n");
                } else if (item.kind().equals("mysql.bundle")) {
                    server.sql("turn", "TRUNCATE TABLE staged; INSERT INTO staged VALUES (1)");
                }
            });
            server.restore(backup.complete(), "turn", "turned");
        }
        assertThat(done.stream().filter("mysql.open"::equals)).hasSize(2);
        server.requireEqual("turned", "turn");
    }

    @Test
    void a_table_that_is_gone_when_its_database_is_opened_makes_that_start_again_and_is_named() {
        // the largest is opened first; what is left out is no concern
        server.sql("mysql", """
                CREATE DATABASE gone_archive; CREATE TABLE gone_archive.b (id int PRIMARY KEY, v longblob) ENGINE = InnoDB;
                INSERT INTO gone_archive.b VALUES (1, repeat('x', 1000000)); ANALYZE TABLE gone_archive.b;
                """);
        for (String database : List.of("gone_moved", "gone_myisam", "gone_dropped", "gone_staging")) {
            server.sql("mysql", """
                    CREATE DATABASE %1$s; USE %1$s;
                    CREATE TABLE stays (id int PRIMARY KEY) ENGINE = InnoDB;
                    CREATE TABLE %2$s (id int PRIMARY KEY) ENGINE = %3$s;
                    INSERT INTO %2$s VALUES (1); INSERT INTO stays VALUES (1);
                    """.formatted(database, "of_" + database, database.endsWith("myisam") ? "MyISAM" : "InnoDB"));
        }
        List<String> opened = new ArrayList<>();
        Selection selection = new Selection(
                Selection.Sections.ALL, List.of(), List.of("gone_staging.of_*"), List.of(), Optional.empty());
        try (BackupRun backup = new BackupRun(server.engine(), server.endpoint(), BackupRun.spec(selection,
                "gone_archive", "gone_moved", "gone_myisam", "gone_dropped", "gone_staging"), directory, 1)) {
            backup.onDone((item, result) -> {
                if (item.kind().equals("mysql.open")) {
                    opened.add(item.database());
                    if (opened.size() == 1) {
                        server.sql("mysql", """
                                RENAME TABLE gone_moved.of_gone_moved TO gone_archive.t;
                                RENAME TABLE gone_myisam.of_gone_myisam TO gone_archive.m;
                                DROP TABLE gone_dropped.of_gone_dropped;
                                DROP TABLE gone_staging.of_gone_staging;
                                """);
                    }
                }
            });
            backup.execute();
            assertThat(backup.problems()).isEmpty();
            List<DatabaseEntry> databases = backup.databases();
            Map<String, Instant> instants = databases.stream()
                    .collect(Collectors.toMap(DatabaseEntry::name, DatabaseEntry::snapshotAt));
            assertThat(opened.get(0)).isEqualTo("gone_archive");
            assertThat(backup.backup().consistency(databases)).isEqualTo(LogicalBackup.PER_DATABASE);
            assertThat(instants.get("gone_staging")).isEqualTo(instants.get("gone_archive"));
            for (String database : List.of("gone_moved", "gone_myisam", "gone_dropped")) {
                assertThat(instants.get(database)).isAfter(instants.get("gone_archive"));
                assertThat(backup.warnings()).anyMatch(warning -> warning.contains("\"" + database + "\"")
                        && warning.contains("of_" + database) && warning.contains("take another backup"));
            }
            assertThat(backup.warnings()).noneMatch(warning -> warning.contains("of_gone_staging"));
        }
    }

    @Test
    void a_table_that_has_moved_into_another_database_is_not_twice_in_a_set_of_one_instant() {
        server.sql("mysql", """
                CREATE DATABASE twice_from; CREATE TABLE twice_from.b (id int PRIMARY KEY, v longblob) ENGINE = InnoDB;
                INSERT INTO twice_from.b VALUES (1, repeat('x', 1000000)); ANALYZE TABLE twice_from.b;
                CREATE DATABASE twice_into; CREATE TABLE twice_into.stays (id int PRIMARY KEY) ENGINE = InnoDB;
                CREATE DATABASE twice_empty;
                CREATE TABLE twice_from.t (id int PRIMARY KEY) ENGINE = InnoDB; INSERT INTO twice_from.t VALUES (1);
                CREATE TABLE twice_from.u LIKE twice_from.t;
                """);
        try (BackupRun backup = server.backup(directory, 1, "twice_from", "twice_into", "twice_empty")) {
            backup.onDone((item, result) -> {
                if (item.kind().equals("mysql.close") && item.database().equals("twice_from")) {
                    server.sql("mysql", "RENAME TABLE twice_from.t TO twice_into.t, twice_from.u TO twice_empty.u");
                }
            });
            backup.execute();
            assertThat(backup.problems()).isEmpty();
            Map<String, Instant> instants = backup.databases().stream()
                    .collect(Collectors.toMap(DatabaseEntry::name, DatabaseEntry::snapshotAt));
            Map<String, Integer> tables = backup.databases().stream()
                    .collect(Collectors.toMap(DatabaseEntry::name, DatabaseEntry::tables));
            assertThat(tables).containsEntry("twice_from", 3);
            // MySQL lists the tables of the snapshot, so that there they never came
            assertThat(instants.get("twice_into").isAfter(instants.get("twice_from"))).isEqualTo(tables.get("twice_into") == 2);
            assertThat(instants.get("twice_empty").isAfter(instants.get("twice_from"))).isEqualTo(tables.get("twice_empty") == 1);
        }
    }

    @Test
    void names_outside_ascii_are_told_apart_like_others() {
        String first = "tables_ü";
        String second = "tables_中";
        String database = "shift_é";
        tablesOfOneSecond(database, first, second);
        AtomicInteger opened = new AtomicInteger();
        try (BackupRun backup = server.backup(directory, 1, database)) {
            backup.onDone((item, result) -> {
                if (item.kind().equals("mysql.open") && opened.incrementAndGet() == 1) {
                    server.sql(database, "INSERT INTO `%2$s` VALUES (2, -2), (3, -3); RENAME TABLE `%1$s` TO o, `%2$s` TO `%1$s`, o TO `%2$s`"
                            .formatted(first, second));
                }
            });
            server.restore(backup.complete(), database, "shifted");
        }
        assertThat(opened).hasValue(2);
        server.requireEqual("shifted", database);
    }

    private void tablesOfOneSecond(String database, String first, String second) {
        do {
            server.sql("mysql", """
                    CREATE DATABASE IF NOT EXISTS `%1$s`;
                    USE `%1$s`;
                    DROP TABLE IF EXISTS `%2$s`, `%3$s`;
                    CREATE TABLE `%2$s` (id int PRIMARY KEY, v int) ENGINE = InnoDB;
                    CREATE TABLE `%3$s` (id int PRIMARY KEY, v int) ENGINE = InnoDB;
                    INSERT INTO `%2$s` VALUES (1, 1), (2, 2);
                    INSERT INTO `%3$s` VALUES (1, -1);
                    """.formatted(database, first, second));
        } while (!server.sql(database, "SELECT count(DISTINCT create_time) FROM information_schema.tables"
                + " WHERE table_schema = database()").equals("1\n"));
    }

    @Test
    void what_is_altered_after_the_snapshot_comes_back_as_it_was_or_as_it_is_and_never_as_a_mixture() {
        Map<String, String> changes = new TreeMap<>(Map.of(
                "swapped", "ALTER TABLE t RENAME COLUMN a TO b, RENAME COLUMN b TO a",
                "other_column", "ALTER TABLE t DROP COLUMN a, ADD COLUMN a int DEFAULT 7",
                "truncated", "TRUNCATE TABLE t",
                "renamed", "INSERT INTO n VALUES (2, -2, -2); RENAME TABLE t TO o, n TO t",
                "exchanged", "ALTER TABLE t EXCHANGE PARTITION low WITH TABLE n",
                "dropped", "ALTER TABLE t DROP PARTITION low",
                "emptied", "ALTER TABLE t TRUNCATE PARTITION low"));
        // these between the snapshot and the reading of the definitions, the others between the definitions and the rows
        List.of("renamed", "exchanged", "dropped").forEach(change -> changes.put("late_" + change, changes.get(change)));
        StringBuilder script = new StringBuilder();
        changes.forEach((database, change) -> script.append("CREATE DATABASE " + database + "; USE " + database + ";"
                + " CREATE TABLE n (id int PRIMARY KEY, a int, b int) ENGINE = InnoDB; CREATE TABLE t LIKE n;"
                + (change.contains("PARTITION")
                        ? "ALTER TABLE t PARTITION BY RANGE (id)"
                                + " (PARTITION low VALUES LESS THAN (3), PARTITION high VALUES LESS THAN (100));"
                        : "")
                + "INSERT INTO t VALUES (1, 10, 100), (2, 20, 200), (3, 30, 300); INSERT INTO n VALUES (1, -1, -1);\n"));
        server.sql("mysql", script.toString());
        // the largest is opened first; and when a table was made the servers say to the second
        server.sql("mysql", """
                CREATE DATABASE first_one; CREATE TABLE first_one.t (id int PRIMARY KEY, v longblob) ENGINE = InnoDB;
                INSERT INTO first_one.t VALUES (1, repeat('x', 1000000)); ANALYZE TABLE first_one.t;
                DO sleep(1.1)
                """);
        List<String> before = states(changes, "");
        List<String> opened = new ArrayList<>();
        Set<String> all = new TreeSet<>(changes.keySet());
        all.add("first_one");
        try (BackupRun backup = server.backup(directory, 1, all.toArray(String[]::new))) {
            backup.onDone((item, result) -> {
                if (item.kind().equals("mysql.open") && !opened.contains(item.database())) {
                    changes.keySet().stream()
                            .filter(each -> each.startsWith("late_") ? opened.isEmpty() : each.equals(item.database()))
                            .forEach(each -> server.sql(each, changes.get(each)));
                    opened.add(item.database());
                }
            });
            RestoreSpec spec = new RestoreSpec(
                    changes.keySet().stream().collect(Collectors.toMap(name -> name, name -> name + "_copy")), false, Set.of(),
                    RestoreSpec.Globals.NONE, true, true);
            try (MysqlRestoreRun restore =
                    new MysqlRestoreRun(server.engine(), server.endpoint(), backup.complete(), spec, false).complete()) {
                assertThat(restore.differences()).isEmpty();
            }
        }
        assertThat(opened).startsWith("first_one").hasSameSizeAs(all);
        List<String> after = states(changes, "");
        List<String> copies = states(changes, "_copy");
        assertThat(copies).hasSameSizeAs(before).hasSameSizeAs(after).hasSize(changes.size());
        for (int i = 0; i < copies.size(); i++) {
            assertThat(copies.get(i)).isIn(before.get(i), after.get(i));
        }
    }

    /** What each database has in its table t, and in n where they exchange something; by one call of the client. */
    private List<String> states(Map<String, String> changes, String suffix) {
        StringBuilder script = new StringBuilder();
        changes.forEach((database, change) -> {
            script.append("SELECT '-- ").append(database).append("'; USE ").append(database).append(suffix)
                    .append("; SHOW CREATE TABLE t; SELECT id, a, b FROM t ORDER BY id;");
            if (change.contains("EXCHANGE")) {
                script.append("SELECT id, a, b FROM n ORDER BY id;");
            }
        });
        return Stream.of(server.sql("mysql", script.toString()).split("-- ")).filter(state -> !state.isEmpty()).toList();
    }

    @Test
    void who_alters_a_table_that_has_been_read_does_not_wait_for_the_end_of_the_backup() {
        server.sql("mysql", """
                CREATE DATABASE patient;
                CREATE TABLE patient.t (id int PRIMARY KEY, v int) ENGINE = InnoDB;
                INSERT INTO patient.t VALUES (1, 1);
                """);
        AtomicBoolean altered = new AtomicBoolean();
        try (BackupRun backup = server.backup(directory, 1, "patient")) {
            backup.onDone((item, result) -> {
                if (item.kind().equals("mysql.part") && altered.compareAndSet(false, true)) {
                    server.sql("patient", "SET SESSION lock_wait_timeout = 5; ALTER TABLE t ADD COLUMN w int");
                }
            });
            backup.complete();
        }
        assertThat(altered).isTrue();
    }

    @Test
    void a_table_of_a_bundle_that_is_larger_than_the_server_says_gets_a_blob_of_its_own() {
        server.sql("mysql", """
                CREATE DATABASE sizes;
                USE sizes;
                CREATE TABLE first (id int PRIMARY KEY, v varchar(20), KEY (v)) ENGINE = InnoDB;
                INSERT INTO first VALUES (1, 'a'), (2, 'b');
                CREATE TABLE large (id int PRIMARY KEY, v longblob) ENGINE = InnoDB STATS_PERSISTENT = 1 STATS_AUTO_RECALC = 0;
                INSERT INTO large VALUES (1, repeat('x', 3000000)), (2, repeat('y', 3000000)), (3, repeat('z', 3000000));
                CREATE TABLE none (id int PRIMARY KEY) ENGINE = InnoDB;
                CREATE TABLE other (id int PRIMARY KEY, v varchar(20), UNIQUE KEY (v)) ENGINE = InnoDB;
                INSERT INTO other VALUES (1, NULL), (2, 'b');
                """);
        try (BackupRun backup = server.backup(directory, 1, "sizes")) {
            BlobSetReader set = backup.complete();
            DatabaseManifest manifest = set.database(set.manifest().databases().get(0));
            assertThat(manifest.tables()).allSatisfy(table -> assertThat(table.parts()).singleElement().satisfies(part ->
                    assertThat(part.member().isEmpty()).isEqualTo(table.name().equals("large"))));
            assertThat(manifest.tables().stream().map(table -> table.parts().get(0).blob()).distinct()).hasSize(2);
            try (MysqlRestoreRun restore = server.restoring(set, "sizes", "sizes_copy", true).complete()) {
                assertThat(restore.differences()).isEmpty();
            }
        }
        server.requireEqual("sizes_copy", "sizes");
    }

    @Test
    void a_part_of_which_the_server_would_change_a_row_is_refused_as_a_whole_and_nothing_becomes_visible() {
        // what is no member of an ENUM is stored as '', which LOAD DATA takes with a warning; in most character sets it is written as 0
        server.sql("mysql", """
                SET SESSION sql_mode = '';
                CREATE DATABASE odd;
                CREATE TABLE odd.t (id int PRIMARY KEY, e enum('a') CHARACTER SET utf16);
                INSERT INTO odd.t VALUES (1, 'a'), (2, 'b'), (3, 'a');
                CREATE TABLE odd.beside (id int PRIMARY KEY);
                INSERT INTO odd.beside VALUES (1);
                """);
        UUID run;
        try (BackupRun backup = server.backup(directory, 1, "odd");
                MysqlRestoreRun restore = server.restoring(backup.complete(), "odd", "odd_copy", false)) {
            run = restore.run();
            restore.attempt();
            assertThat(restore.problems()).hasSize(1).allSatisfy((key, problem) -> {
                assertThat(problem.code()).isEqualTo(ErrorCode.DATABASE_STATEMENT_FAILED);
                assertThat(problem.cause()).contains("table t").contains("row 2");
            });
        }
        assertThat(server.sql("mysql", "SHOW DATABASES LIKE 'odd_copy'")).isEmpty();
        String temporary = temporary(run);
        assertThat(server.sql(temporary, "SELECT (SELECT count(*) FROM t), (SELECT count(*) FROM beside),"
                + " (SELECT count(*) FROM dbbackup_restore_item WHERE loaded >= 0)")).isEqualTo("0\t0\t0\n");
        assertThat(new MysqlLogicalRestore().discard(server.endpoint(), run).databases()).containsExactly(temporary);
        assertThat(server.sql("mysql", "SHOW DATABASES LIKE '" + temporary + "'")).isEmpty();
    }

    /** What a restore calls its first database until it is finished. */
    private static String temporary(UUID run) {
        return String.format(Locale.ROOT, "dbbackup_restoring_%08x_0", (int) run.getLeastSignificantBits());
    }

    /** A grant on the very name takes the place of one on a pattern. */
    @Test
    void a_refusal_names_what_is_missing_alone_and_its_statement_takes_nothing_away() throws IOException {
        boolean mariadb = server.engine().type().equals("mariadb");
        server.sql("mysql", """
                CREATE DATABASE half_granted; CREATE TABLE half_granted.t (id int PRIMARY KEY);
                CREATE DATABASE whole_granted;
                CREATE USER half@'127.0.0.1' IDENTIFIED BY 'half';
                GRANT RELOAD, %s ON *.* TO half@'127.0.0.1';
                GRANT SELECT, SHOW VIEW, INSERT ON `half\\_%%`.* TO half@'127.0.0.1';
                GRANT SELECT, SHOW VIEW, EVENT ON `whole\\_granted`.* TO half@'127.0.0.1';
                """.formatted(mariadb ? "BINLOG MONITOR, BINLOG ADMIN" : "REPLICATION CLIENT, BACKUP_ADMIN"));
        if (mariadb) {
            server.sql("mysql", "GRANT SELECT ON mysql.proc TO half@'127.0.0.1'");
        }
        Endpoint half = server.account("half", Map.of());
        try (BackupRun backup = server.backup(half, Files.createDirectory(directory.resolve("half")), "half_granted", "whole_granted")) {
            BackupException refused = catchThrowableOfType(BackupException.class, () -> backup.backup().preflight(backup));
            assertThat(refused.problem().cause()).contains("lacks ", "EVENT, TRIGGER on `half\\_granted`.*", "TRIGGER on `whole\\_granted`.*")
                    .doesNotContain("SHOW VIEW", "INSERT", "EVENT, TRIGGER on `whole");
            assertThat(refused.problem().remedy())
                    .contains("GRANT EVENT, INSERT, SELECT, SHOW VIEW, TRIGGER ON `half\\_granted`.* TO `half`@`127.0.0.1`;",
                            "GRANT TRIGGER ON `whole\\_granted`.* TO `half`@`127.0.0.1`;");
        } finally {
            server.sql("mysql", "DROP DATABASE half_granted; DROP DATABASE whole_granted; DROP USER half@'127.0.0.1'");
        }
    }

    @Test
    void what_an_account_lacks_is_said_before_anything_is_written() throws IOException {
        server.sql("mysql", """
                CREATE DATABASE small;
                CREATE TABLE small.t (id int PRIMARY KEY);
                INSERT INTO small.t VALUES (1);
                CREATE DEFINER = nobody@nowhere VIEW small.v AS SELECT id FROM small.t;
                CREATE TRIGGER small.r BEFORE INSERT ON small.t FOR EACH ROW SET @x = 1;
                CREATE TRIGGER small.q BEFORE INSERT ON small.t FOR EACH ROW PRECEDES r SET @y = 1;
                CREATE USER worker@'127.0.0.1' IDENTIFIED BY 'worker';
                GRANT SELECT, INSERT, CREATE, DROP, ALTER, INDEX ON *.* TO worker@'127.0.0.1';
                """);
        Endpoint worker = server.account("worker", Map.of());
        try (BackupRun backup = server.backup(worker, Files.createDirectory(directory.resolve("refused")), "small")) {
            assertThatThrownBy(backup::complete)
                    .hasMessageContaining("DATABASE_PRIVILEGE_MISSING").hasMessageContaining("EVENT").hasMessageContaining("SHOW VIEW, TRIGGER")
                    .hasMessageContaining("GRANT EVENT, SHOW VIEW, TRIGGER ON `small`.* TO `worker`@`127.0.0.1`;");
        }
        try (BackupRun backup = server.backup(directory, 1, "small")) {
            BlobSetReader set = backup.complete();
            assertThatThrownBy(() -> restore(worker, set, true))
                    .hasMessageContaining("DATABASE_PRIVILEGE_MISSING")
                    .hasMessageContaining("CREATE VIEW").hasMessageContaining("SET").hasMessageContaining("TRIGGER")
                    .hasMessageContaining("GRANT CREATE VIEW, SHOW VIEW, TRIGGER ON `small\\_copy`.* TO `worker`@`127.0.0.1`;");
            server.sql("mysql", "GRANT CREATE VIEW, SHOW VIEW, TRIGGER ON `small\\_copy`.* TO worker@'127.0.0.1'");
            assertThatThrownBy(() -> restore(worker, set, false)).hasMessageContaining("DATABASE_PRIVILEGE_MISSING");
            assertThat(server.sql("mysql", "SHOW DATABASES LIKE 'small\\_copy'")).isEmpty();
            server.sql("mysql", "SET GLOBAL log_bin_trust_function_creators = ON");
            restore(worker, set, false);
        }
        assertThat(server.sql("small_copy", "SELECT id FROM v; SELECT trigger_name, event_object_schema"
                        + " FROM information_schema.triggers WHERE trigger_schema = 'small_copy' ORDER BY action_order"))
                .isEqualTo("1\nq\tsmall_copy\nr\tsmall_copy\n");
    }

    @Test
    void chosen_databases_take_privileges_on_them_and_what_shows_their_routines() {
        boolean mariadb = server.engine().type().equals("mariadb");
        server.sql("mysql", """
                CREATE DATABASE one_tenant;
                USE one_tenant;
                CREATE TABLE t (id int PRIMARY KEY);
                INSERT INTO t VALUES (1);
                CREATE VIEW v AS SELECT id FROM t;
                CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW SET @x = 1;
                CREATE PROCEDURE p() SELECT 1;
                CREATE EVENT e ON SCHEDULE EVERY 1 YEAR STARTS '2037-01-01' DO DO 1;
                CREATE USER tenant@'127.0.0.1' IDENTIFIED BY 'tenant';
                GRANT RELOAD, %s ON *.* TO tenant@'127.0.0.1';
                """.formatted(mariadb ? "BINLOG MONITOR" : "REPLICATION CLIENT"));
        Endpoint tenant = server.account("tenant", Map.of());
        try (BackupRun backup = server.backup(tenant, directory, "one_tenant")) {
            assertThatThrownBy(() -> backup.backup().preflight(backup)).satisfies(refused -> {
                String remedy = refused.getMessage().substring(refused.getMessage().indexOf("HINT: "));
                assertThat(remedy.lines().filter(line -> line.matches("GRANT [^;]+;"))).hasSize(3).allSatisfy(grant -> {
                    assertThat(grant).contains(" TO `tenant`@`127.0.0.1`");
                    server.sql("mysql", grant);
                });
            });
            server.restore(backup.complete(), "one_tenant", "tenant_copy");
        }
        server.requireEqual("tenant_copy", "one_tenant");
        try (BackupRun backup = new BackupRun(server.engine(), tenant, BackupRun.spec(1 << 20), directory, 1)) {
            assertThatThrownBy(() -> backup.backup().preflight(backup)).hasMessageContaining("EVENT").hasMessageContaining("ON *.* TO");
        }
    }

    private void restore(Endpoint account, BlobSetReader set, boolean owners) {
        RestoreSpec spec = new RestoreSpec(
                Map.of("small", "small_copy"), false, Set.of(), RestoreSpec.Globals.NONE, owners, true);
        try (MysqlRestoreRun restore = new MysqlRestoreRun(server.engine(), account, set, spec, false).complete()) {
            assertThat(restore.differences()).isEmpty();
            assertThat(restore.warnings()).isEmpty();
        }
    }

    @Test
    void a_restore_begins_nothing_on_a_server_where_the_name_is_taken() {
        server.sql("mysql", "CREATE DATABASE taken; CREATE TABLE taken.t (id int PRIMARY KEY); INSERT INTO taken.t VALUES (1)");
        try (BackupRun backup = server.backup(directory, 1, "taken")) {
            BlobSetReader set = backup.complete();
            assertThatThrownBy(() -> server.restore(set, "taken", "taken")).hasMessageContaining("DATABASE_EXISTS");
            // an empty database is in nobody's way
            server.sql("mysql", "CREATE DATABASE vacant");
            server.restore(set, "taken", "vacant");
        }
        server.requireEqual("vacant", "taken");
    }

    @Test
    void a_restore_goes_on_after_the_server_was_killed_in_the_middle_of_loading() {
        server.sql("mysql", """
                CREATE DATABASE hit;
                CREATE TABLE hit.t (id int PRIMARY KEY, v char(200), KEY (v));
                INSERT INTO hit.t SELECT seq, sha2(seq, 512) FROM helper.n WHERE seq BETWEEN 1 AND 10000;
                ANALYZE TABLE hit.t;
                """);
        AtomicInteger loaded = new AtomicInteger();
        try (BackupRun backup = server.backup(directory, 2, "hit");
                MysqlRestoreRun restore = server.restoring(backup.complete(), "hit", "hit_copy", false)) {
            restore.onDone((item, result) -> {
                if (item.kind().equals("mysql.restore.data") && loaded.incrementAndGet() == 4) {
                    server.instance().kill();
                    server.instance().start(Duration.ofMinutes(1));
                }
            });
            restore.attempt();
            assertThat(restore.goOn().differences()).isEmpty();
        }
        assertThat(loaded).hasValueGreaterThan(8);
        server.requireEqual("hit_copy", "hit");
    }
}
