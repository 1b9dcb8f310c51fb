package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.RestoreSpec;
import io.dbbackup.throwaway.MysqlInstance;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sequences of MariaDB go on where they were, and what counts by them takes numbers from those of its own database. */
class MariadbSequencesTest {
    private static TestServer server;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() {
        server = new TestServer(new MariadbEngine(), MysqlInstance.start());
    }

    @AfterAll
    static void stop() {
        server.instance().close();
    }

    /** Restores a database as {@code …_copy}, and its definitions by the stock client as {@code …_hand}. */
    private List<String> copies(String database) throws IOException {
        try (BackupRun backup = server.backup(directory, 1, database)) {
            BlobSetReader set = backup.complete();
            server.restore(set, database, database + "_copy");
            DatabaseManifest manifest = set.database(set.manifest().databases().get(0));
            server.sql("mysql", "CREATE DATABASE " + database + "_hand");
            for (String blob : List.of(manifest.schemaBlob(), manifest.afterDataBlob().orElseThrow())) {
                try (InputStream plain = set.open(manifest.blobs().stream().filter(each -> each.name().equals(blob)).findFirst().orElseThrow())) {
                    server.instance().sql(database + "_hand", plain.readAllBytes());
                }
            }
        }
        return List.of(database + "_copy", database + "_hand");
    }

    @Test
    void views_and_defaults_of_a_copy_leave_the_sequences_of_the_original_alone() throws IOException {
        server.sql("mysql", """
                CREATE DATABASE counting; USE counting;
                CREATE SEQUENCE s; CREATE SEQUENCE d;
                CREATE VIEW v AS SELECT nextval(s) AS n, lastval(counting.s) AS l, setval(counting.s, 40) AS x;
                CREATE TABLE t (id int, n bigint DEFAULT (setval(d, 50)));
                """);
        for (String copy : copies("counting")) {
            assertThat(server.sql(copy, "SELECT n, x FROM v; INSERT INTO t (id) VALUES (1); SELECT * FROM t")).as(copy).isEqualTo("1\t40\n1\t50\n");
            assertThat(server.sql("counting", "SELECT s.next_not_cached_value, d.next_not_cached_value FROM s, d")).as(copy).isEqualTo("1\t1\n");
            assertThat(server.sql(copy, "SHOW CREATE VIEW v; SHOW CREATE TABLE t")).as(copy).doesNotContain("`counting`");
        }
    }

    @Test
    void sequences_that_were_set_back_behind_their_start_go_on_there() throws IOException {
        server.sql("mysql", """
                CREATE DATABASE back; USE back;
                CREATE SEQUENCE up START 5 MINVALUE 1 MAXVALUE 10; ALTER SEQUENCE up RESTART 2;
                CREATE SEQUENCE down START -5 MINVALUE -10 MAXVALUE -1 INCREMENT -1; ALTER SEQUENCE down RESTART -2;
                CREATE SEQUENCE ended START 5 MINVALUE 1 MAXVALUE 10 NOCACHE; DO setval(ended, 10);
                CREATE SEQUENCE low START -5 MINVALUE -10 MAXVALUE -1 INCREMENT -1; DO setval(low, -10);
                CREATE SEQUENCE round START 5 MINVALUE 1 MAXVALUE 10 CYCLE NOCACHE; DO setval(round, 10), nextval(round), nextval(round);
                """);
        String values = String.join(" UNION ALL ", List.of("up", "down", "ended", "low", "round").stream()
                .map(name -> "SELECT next_not_cached_value, start_value, minimum_value, maximum_value, increment, cycle_count FROM " + name).toList());
        String original = server.sql("back", values);
        assertThat(original).startsWith("2\t5\t1\t10\t1\t0\n-2\t-5\t").endsWith("\n3\t5\t1\t10\t1\t1\n");
        for (String copy : copies("back")) {
            assertThat(server.sql(copy, values)).as(copy).isEqualTo(original);
            assertThat(server.sql(copy, "SELECT nextval(up), nextval(down)")).as(copy).isEqualTo("2\t-2\n");
        }
    }

    @Test
    void sequences_with_rounds_that_do_not_cycle_go_on_where_they_were() throws IOException {
        server.sql("mysql", "CREATE DATABASE odd_rounds; USE odd_rounds; CREATE SEQUENCE s; INSERT INTO s VALUES (701, 1, 1000000, 1, 1, 1000, 0, 1)");
        for (String copy : copies("odd_rounds")) {
            assertThat(server.sql(copy, "SELECT nextval(s)")).as(copy).isEqualTo("701\n");
        }
        try (BackupRun backup = server.backup(Files.createDirectory(directory.resolve("rounds")), 1, "odd_rounds");
                MysqlRestoreRun restore = server.restoring(
                        // with rounds, although it does not cycle
                        ChangedSet.definitions(backup.complete(), text -> text.replace("SETVAL(`s`, 701, 0, 0)", "SETVAL(`s`, 701, 0, 1)")),
                        "odd_rounds", "odd_old", false).complete()) {
            assertThat(restore.warnings()).isEmpty();
        }
        assertThat(server.sql("odd_old", "SELECT nextval(s)")).isEqualTo("701\n");
    }

    @Test
    void invisible_columns_that_take_no_null_count_by_sequences() throws IOException {
        server.sql("mysql", """
                CREATE DATABASE unseen; USE unseen; CREATE SEQUENCE s;
                CREATE TABLE t (id int, c bigint NOT NULL INVISIBLE DEFAULT nextval(s), d date NOT NULL INVISIBLE DEFAULT (from_days(730000 + nextval(s))),
                    e enum('a') NOT NULL INVISIBLE DEFAULT (if(lastval(s) > 0, 'a', 'a'))) ENGINE = InnoDB;
                INSERT INTO t (id, c, d, e) VALUES (1, 11, '2024-01-01', 'a');
                """);
        String original = server.sql("unseen", "SHOW CREATE TABLE t");
        for (String copy : copies("unseen")) {
            assertThat(server.sql(copy, "SHOW CREATE TABLE t").replace("`" + copy + "`", "`unseen`")).as(copy).isEqualTo(original);
            assertThat(server.sql(copy, "INSERT INTO t (id) VALUES (2); SELECT c FROM t WHERE id = 2")).as(copy).isEqualTo("1\n");
        }
        try (BackupRun backup = server.backup(Files.createDirectory(directory.resolve("again")), 1, "unseen");
                MysqlRestoreRun restore = server.restoring(backup.complete(), "unseen", "unseen_twice", true).complete()) {
            assertThat(restore.warnings()).isEmpty();
        }
        assertThat(server.sql("unseen_twice", "SHOW CREATE TABLE t").replace("`unseen_twice`", "`unseen`")).isEqualTo(original);
    }

    private static final String FINISH = "mysql.restore.finish";

    private void fillAcross() {
        server.sql("mysql", "DROP DATABASE IF EXISTS across_a; DROP DATABASE IF EXISTS across_b");
        server.sql("mysql", """
                CREATE DATABASE across_a; CREATE DATABASE across_b; SET sql_mode = '';
                CREATE SEQUENCE across_a.own; CREATE SEQUENCE across_b.s; CREATE SEQUENCE across_b.`o``d (`;
                CREATE TABLE across_a.t (id int PRIMARY KEY COMMENT 'setval(`across_a`.`own`)',
                    n bigint NOT NULL DEFAULT nextval(across_b.s) COMMENT 'it''s '' DEFAULT nextval(`across_a`.`own`)',
                    z varbinary(9) DEFAULT 0x80ff27,
                    m varchar(40) CHARACTER SET latin1 DEFAULT (concat('ü nextval(`across_a`.`x`) a)', nextval(across_a.own) + nextval(across_b.`o``d (`)))
                        CHECK (m <> ' DEFAULT ('),
                    `o, ``DEFAULT x` bigint INVISIBLE DEFAULT (-nextval(across_a.own)),
                    i bigint DEFAULT (case when nextval(across_b.s) is null then 2 else 3 end),
                    at timestamp(3) NOT NULL DEFAULT (from_unixtime(lastval(across_b.s))) ON UPDATE current_timestamp(3)) ENGINE = InnoDB;
                CREATE TABLE across_a.flat (id int, n bigint DEFAULT nextval(across_b.s)) ENGINE = MyISAM;
                CREATE TABLE across_a.versions (id int, n bigint DEFAULT nextval(across_b.s) WITHOUT SYSTEM VERSIONING) WITH SYSTEM VERSIONING;
                CREATE TABLE across_b.back (id int PRIMARY KEY, n bigint DEFAULT nextval(across_a.own));
                INSERT INTO across_a.t (id, n, m, i, at) VALUES (1, 11, 'x', 12, '2024-01-02 03:04:05.678');
                INSERT INTO across_a.flat VALUES (1, 21); INSERT INTO across_a.versions VALUES (1, 31); INSERT INTO across_b.back VALUES (1, 41);
                """);
    }

    private String across() {
        return server.text().definitions("across_a") + server.text().definitions("across_b") + server.text().checksums("across_a");
    }

    private BackupRun backUpAcross(String directory) throws IOException {
        fillAcross();
        return server.backup(Files.createDirectory(this.directory.resolve(directory)), 1, "across_a", "across_b");
    }

    private MysqlRestoreRun restoring(BlobSetReader set, Map<String, String> databases, boolean twice) {
        return new MysqlRestoreRun(
                server.engine(), server.endpoint(), set,
                new RestoreSpec(databases, false, Set.of(), RestoreSpec.Globals.NONE, true, true), twice);
    }

    private MysqlRestoreRun whole(BlobSetReader set, boolean twice) {
        server.sql("mysql", "DROP DATABASE IF EXISTS across_a; DROP DATABASE IF EXISTS across_b");
        return AfterDataContract.oneByOne(
                restoring(set, Map.of("across_a", "across_a", "across_b", "across_b"), twice), "across_a", "across_b");
    }

    @Test
    void defaults_by_sequences_of_other_databases_wait_for_these() throws IOException {
        try (BackupRun backup = backUpAcross("waiting")) {
            BlobSetReader set = backup.complete();
            String original = across();
            for (boolean twice : new boolean[] {false, true}) {
                try (MysqlRestoreRun restore = whole(set, twice).complete()) {
                    assertThat(restore.differences()).isEmpty();
                    assertThat(restore.warnings()).isEmpty();
                }
                assertThat(across()).isEqualTo(original);
                assertThat(server.sql("across_a", "INSERT INTO flat (id) VALUES (2); SELECT n FROM flat WHERE id = 2")).isEqualTo("1\n");
            }
        }
    }

    @Test
    void defaults_whose_sequences_wait_for_a_failed_database_are_named_and_set_by_the_restart() throws IOException {
        try (BackupRun backup = backUpAcross("failed")) {
            BlobSetReader set = backup.complete();
            String original = across();
            try (MysqlRestoreRun restore = whole(set, true)) {
                restore.before(FINISH, "across_b", () -> {
                    throw new IllegalStateException("as when somebody unplugs it");
                });
                restore.attempt();
                restore.stop();
                assertThat(restore.warnings()).singleElement().asString().contains("\"across_a\"")
                        .contains("ALTER TABLE `flat` ALTER COLUMN `n` SET DEFAULT nextval(`across_b`.`s`)").doesNotContain("`o, ``DEFAULT x`");
                // what somebody has set meanwhile stays
                server.sql("across_a", "ALTER TABLE flat ALTER COLUMN n SET DEFAULT 5");
                restore.goOn();
                assertThat(restore.warnings()).as("is so no more").isEmpty();
            }
            server.sql("across_a", "ALTER TABLE flat ALTER COLUMN n SET DEFAULT nextval(across_b.s)");
            assertThat(across()).isEqualTo(original);
        }
    }

    @Test
    void defaults_of_a_copy_count_by_the_sequences_of_copies_and_a_warning_names_those_that_cannot() throws IOException {
        try (BackupRun backup = backUpAcross("copied")) {
            BlobSetReader set = backup.complete();
            try (MysqlRestoreRun restore = restoring(
                    set, Map.of("across_a", "across_a2", "across_b", "across_b2"), true).complete()) {
                assertThat(restore.warnings()).isEmpty();
            }
            assertThat(server.sql("across_a2", "SHOW CREATE TABLE t"))
                    .contains("nextval(`across_b2`.`s`)").contains("nextval(`across_a2`.`own`)").doesNotContain("`across_b`");
            server.sql("mysql", "DROP DATABASE across_b; DROP DATABASE across_a2; DROP DATABASE across_b2");
            try (MysqlRestoreRun restore = restoring(set, Map.of("across_a", "across_a3"), true).complete()) {
                assertThat(restore.differences()).isEmpty();
                assertThat(restore.warnings()).hasSize(7).allMatch(warning -> warning.contains("across_b"))
                        .filteredOn(warning -> warning.contains("SET DEFAULT")).hasSize(6);
            }
            assertThat(server.sql("across_a3", "INSERT INTO t (id, n, at) VALUES (5, 6, now()); SELECT `o, ``DEFAULT x` FROM t WHERE id = 5")).isEqualTo("-1001\n");
            server.sql("mysql", "DROP DATABASE across_a3");
        }
    }

    @Test
    void defaults_by_sequences_of_other_databases_come_back_by_hand() throws IOException {
        try (BackupRun backup = backUpAcross("hand")) {
            BlobSetReader set = backup.complete();
            String original = across();
            server.sql("mysql", "DROP DATABASE across_a; DROP DATABASE across_b");
            ByHand.restore(server, set, "across_a");
            server.sql("mysql", "CREATE DATABASE across_b");
            DatabaseManifest second = set.database(set.manifest().databases().get(1));
            server.instance().sql("across_b", ByHand.plain(set, second, second.schemaBlob()));
            server.instance().sql("across_b", ByHand.plain(set, second, second.afterDataBlob().orElseThrow()));
            DatabaseManifest first = set.database(set.manifest().databases().get(0));
            server.instance().force("across_a", ByHand.plain(set, first, first.afterDataBlob().orElseThrow()));
            assertThat(across()).isEqualTo(original);
        }
    }

    @Test
    void rows_alone_are_loaded_into_tables_that_count_by_sequences_of_other_databases() throws IOException {
        fillAcross();
        try (BackupRun backup = server.rowsOf(Files.createDirectory(directory.resolve("rows")), "across_a", "across_b")) {
            BlobSetReader set = backup.complete();
            String original = across();
            server.sql("mysql", "TRUNCATE TABLE across_a.t; TRUNCATE TABLE across_a.flat; DELETE FROM across_a.versions;"
                    + " DELETE HISTORY FROM across_a.versions; TRUNCATE TABLE across_b.back");
            Map<String, String> both = Map.of("across_a", "across_a", "across_b", "across_b");
            try (MysqlRestoreRun restore = restoring(set, both, true).complete()) {
                assertThat(restore.differences()).isEmpty();
            }
            assertThat(across()).isEqualTo(original);
        }
    }
}
