package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.RestoreSpec;
import io.dbbackup.spi.SetReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tables that a server has and would not take from a script that says the same: they come back. */
abstract class OddTablesContract extends AfterDataContract {
    private static final String DATA = "mysql.restore.data";

    /** Restores a database as {@code …_copy}, and by the stock client as {@code …_hand}, and compares both. */
    final void requireBack(String database, String... warnings) throws IOException {
        try (BackupRun backup = server().backup(Files.createDirectory(directory().resolve(database)), 1, database)) {
            BlobSetReader set = backup.complete();
            assertThat(backup.warnings()).isEmpty();
            try (MysqlRestoreRun restore = server().restoring(set, database, database + "_copy", true).complete()) {
                assertThat(restore.differences()).isEmpty();
                assertThat(restore.warnings()).hasSize(warnings.length);
                for (String warning : warnings) {
                    assertThat(restore.warnings()).anyMatch(given -> given.contains(warning));
                }
            }
            ByHand.restore(server(), set, database + "_hand");
        }
        server().requireEqual(database + "_copy", database);
        server().requireEqual(database + "_hand", database);
    }

    @Test
    void several_keys_of_words_are_built_one_after_the_other_also_when_an_attempt_was_killed_between_them() throws IOException {
        server().sql("mysql", """
                CREATE DATABASE words; CREATE TABLE words.t (id int PRIMARY KEY, a text, b text, `c, ADD FULLTEXT KEY` text, d int,
                    UNIQUE KEY ud (d), FULLTEXT KEY fa (a), FULLTEXT KEY `f, ADD FULLTEXT KEY b` (b),
                    FULLTEXT KEY fc (`c, ADD FULLTEXT KEY`) COMMENT ', ADD FULLTEXT KEY x') ENGINE = InnoDB;
                INSERT INTO words.t VALUES (1, 'one', 'two', 'three', 4), (2, NULL, 'zwei', NULL, 5);
                """);
        requireBack("words");
        assertThat(server().sql("words_copy", "SELECT id FROM t WHERE MATCH (b) AGAINST ('zwei')")).isEqualTo("2\n");
        try (BackupRun backup = server().backup(Files.createDirectory(directory().resolve("words-killed")), 1, "words");
                MysqlRestoreRun restore = server().restoring(backup.complete(), "words", "words_killed", false)) {
            restore.before("mysql.restore.keys", "words", () -> server().sql(
                    restore.temporary(), "ALTER TABLE t ADD UNIQUE KEY ud (d), ADD FULLTEXT KEY fa (a)"));
            assertThat(restore.complete().differences()).isEmpty();
        }
        server().requireEqual("words_killed", "words");
    }

    @Test
    void tables_that_innodb_took_when_it_was_not_strict_come_back() throws IOException {
        String columns = IntStream.range(0, 200).mapToObj(i -> ", c" + i + " varchar(255)").collect(Collectors.joining());
        server().sql("mysql", """
                SET SESSION innodb_strict_mode = 0;
                CREATE DATABASE wide CHARACTER SET latin1; USE wide;
                CREATE TABLE parent (id int PRIMARY KEY) ENGINE = InnoDB;
                CREATE TABLE t (id int PRIMARY KEY%s, UNIQUE KEY u (c0), FULLTEXT KEY f (c1),
                    FOREIGN KEY (id) REFERENCES parent (id)) ENGINE = InnoDB;
                CREATE TABLE fixed (id int PRIMARY KEY, v text, FULLTEXT KEY f (v)) ENGINE = InnoDB ROW_FORMAT = FIXED;
                CREATE TABLE blocks (id int PRIMARY KEY, v text, FULLTEXT KEY f (v)) ENGINE = InnoDB ROW_FORMAT = DYNAMIC KEY_BLOCK_SIZE = 8;
                INSERT INTO parent VALUES (1); INSERT INTO t (id, c0, c1) VALUES (1, 'a', 'word'); INSERT INTO fixed VALUES (1, 'x');
                """.formatted(columns));
        // MySQL forgets at once what it did not take
        String[] warnings = mariadb() ? new String[] {"\"fixed\": InnoDB: ", "\"blocks\": InnoDB: "} : new String[0];
        requireBack("wide", warnings);
    }

    @Test
    void tables_whose_columns_are_all_generated_keep_their_number_of_rows() throws IOException {
        server().sql("mysql", """
                CREATE DATABASE computed; USE computed;
                CREATE TABLE t (a int AS (1) VIRTUAL) ENGINE = InnoDB; INSERT INTO t () VALUES (), (), ();
                CREATE TABLE kept (a int AS (1) STORED, b varchar(9) AS (concat('a', a)) VIRTUAL) ENGINE = InnoDB; INSERT INTO kept () VALUES (), ();
                CREATE TABLE alone (a int AS (7) STORED UNIQUE) ENGINE = InnoDB; INSERT INTO alone () VALUES ();
                CREATE TABLE nothing (a int AS (1) STORED) ENGINE = InnoDB;
                """);
        requireBack("computed");
        assertThat(server().sql("computed_copy", "SELECT * FROM t")).isEqualTo("1\n1\n1\n");
        assertThat(server().sql("computed_copy", "SELECT * FROM kept")).isEqualTo("1\ta1\n1\ta1\n");
        server().takes(TestServer.Loading.INSERT);
        try (BackupRun backup = server().backup(Files.createDirectory(directory().resolve("computed-again")), 1, "computed")) {
            server().restore(backup.complete(), "computed", "computed_inserted");
        } finally {
            server().takes(TestServer.Loading.MANY_AT_A_TIME);
        }
        server().requireEqual("computed_inserted", "computed");
    }

    /** Whether there are such tables; only MariaDB needs a plugin for them. */
    boolean archives() {
        if (mariadb()) {
            if (!Files.exists(Path.of(server().sql("mysql", "SELECT @@plugin_dir").strip(), "ha_archive.so"))) {
                return false;
            }
            server().sql("mysql", "INSTALL PLUGIN IF NOT EXISTS archive SONAME 'ha_archive'");
        }
        return true;
    }

    private SetReader archive(BackupRun backup, String name) {
        server().sql("mysql", """
                CREATE DATABASE %1$s;
                CREATE TABLE %1$s.t (id int AUTO_INCREMENT PRIMARY KEY, v varchar(99)) ENGINE = ARCHIVE COMMENT '\\n) ENGINE=ARCHIVE AUTO_INCREMENT=5';
                INSERT INTO %1$s.t (v) VALUES ('a'), ('b'), ('c');
                """.formatted(name));
        return backup.complete();
    }

    @Test
    void archives_that_count_up_come_back_also_after_an_interrupted_load() throws IOException {
        if (!archives()) {
            return;
        }
        AtomicBoolean fails = new AtomicBoolean();
        try (BackupRun backup = server().backup(Files.createDirectory(directory().resolve("archive")), 1, "archived");
                MysqlRestoreRun restore = new MysqlRestoreRun(
                        server().engine(), server().endpoint(), new FailingSet(archive(backup, "archived"), fails), "archived",
                        "archived_copy", false)) {
            restore.before(DATA, "archived", () -> fails.set(true));
            restore.attempt();
            assertThat(restore.problems()).hasSize(1);
            server().sql(restore.temporary(), "INSERT INTO t VALUES (2, 'of an interrupted load')");
            fails.set(false);
            assertThat(restore.goOn().differences()).isEmpty();
            assertThat(restore.warnings()).isEmpty();
        }
        server().requireEqual("archived_copy", "archived");
    }

    @Test
    void an_archive_comes_back_also_when_an_attempt_was_killed_while_it_made_the_table_anew() throws IOException {
        if (!archives()) {
            return;
        }
        AtomicBoolean fails = new AtomicBoolean();
        try (BackupRun backup = server().backup(Files.createDirectory(directory().resolve("renewed")), 1, "renewed");
                MysqlRestoreRun restore = new MysqlRestoreRun(
                        server().engine(), server().endpoint(), new FailingSet(archive(backup, "renewed"), fails), "renewed",
                        "renewed_copy", true)) {
            restore.before(DATA, "renewed", () -> fails.set(true));
            restore.attempt();
            assertThat(restore.problems()).hasSize(1);
            fails.set(false);
            String twin = "dbbackup_restore_empty_0";
            server().sql(restore.temporary(), "CREATE TABLE " + twin + " LIKE t; DROP TABLE t");
            // another attempt has come no further than this
            restore.before("mysql.restore.keys", "renewed", () -> server().sql(restore.temporary(), "CREATE TABLE " + twin + " LIKE t"));
            assertThat(restore.goOn().differences()).isEmpty();
            assertThat(restore.warnings()).isEmpty();
        }
        server().requireEqual("renewed_copy", "renewed");
    }

    @Test
    void rows_of_somebody_s_archive_are_not_to_be_deleted_and_the_restore_says_so_before_it_begins() throws IOException {
        if (!archives()) {
            return;
        }
        RestoreSpec clean = new RestoreSpec(
                Map.of("shelf", "shelf"), true, Set.of("shelf"), RestoreSpec.Globals.NONE, true, true);
        AtomicBoolean fails = new AtomicBoolean();
        try (BackupRun backup = server().rowsOf(Files.createDirectory(directory().resolve("shelf")), "shelf")) {
            SetReader set = new FailingSet(archive(backup, "shelf"), fails);
            MysqlRestoreRun restore = new MysqlRestoreRun(server().engine(), server().endpoint(), set, clean, false);
            assertThatThrownBy(restore::attempt).isInstanceOfSatisfying(BackupException.class, refused -> {
                assertThat(refused.code()).isEqualTo(ErrorCode.TABLE_NOT_EMPTY);
                assertThat(refused.problem().cause()).contains("ARCHIVE", "`t`");
                assertThat(refused.problem().remedy()).contains("SHOW CREATE TABLE", "AUTO_INCREMENT");
            });
            assertThat(server().sql("shelf", "SELECT count(*) FROM t")).isEqualTo("3\n");
            String empty = "DROP TABLE t; CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, v varchar(99)) ENGINE = ARCHIVE";
            server().sql("shelf", empty);
            restore.before(DATA, "shelf", () -> fails.set(true));
            restore.attempt();
            server().sql("shelf", "INSERT INTO t VALUES (2, 'of an interrupted load')");
            fails.set(false);
            assertThatThrownBy(restore::goOn).hasMessageContaining("TABLE_NOT_EMPTY").hasMessageContaining("ARCHIVE");
            server().sql("shelf", empty);
            assertThat(restore.goOn().differences()).isEmpty();
            assertThat(server().sql("shelf", "SELECT * FROM t")).isEqualTo("1\ta\n2\tb\n3\tc\n");
            restore.close();
        }
    }
}
