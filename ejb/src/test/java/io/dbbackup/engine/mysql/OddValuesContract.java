package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.RestoreSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Values and names that stand for others where somebody reads them by other rules. */
abstract class OddValuesContract extends OddTablesContract {
    @Test
    void sets_with_an_empty_member_and_members_that_look_like_numbers_come_back_bit_by_bit() throws IOException {
        String sixty = IntStream.range(1, 64).mapToObj(i -> "'" + i + "'").collect(Collectors.joining(","));
        server().sql("mysql", """
                SET SESSION sql_mode = '';
                CREATE DATABASE bits; USE bits;
                CREATE TABLE t (id int PRIMARY KEY, s set('', 'a', 'b'), n set('', '1', '02', '3'), e enum('', '2', '1'), x set('2', '1'),
                    w set('', %s), l set('', 'é') CHARACTER SET latin1);
                INSERT INTO t VALUES (1, 0, 0, 0, 0, 0, 0), (2, 1, 1, 1, 1, 1, 1), (3, 2, 2, 2, 2, 18446744073709551615, 2),
                    (4, 3, 15, 3, 3, 9223372036854775808, 3), (5, 7, 8, NULL, NULL, 9223372036854775807, NULL), (6, NULL, NULL, 1, 1, NULL, 0);
                """.formatted(sixty));
        String masks = "SELECT id, hex(s + 0), n + 0, e + 0, x + 0, hex(CAST(w AS UNSIGNED)), l + 0 FROM t ORDER BY id";
        requireBack("bits");
        String source = server().sql("bits", masks);
        assertThat(source).contains("\tFFFFFFFFFFFFFFFF\t");
        assertThat(server().sql("bits_copy", masks)).isEqualTo(source);
        assertThat(server().sql("bits_hand", masks)).isEqualTo(source);
        server().takes(TestServer.Loading.INSERT);
        try (BackupRun backup = server().backup(Files.createDirectory(directory().resolve("bits-again")), 1, "bits")) {
            server().restore(backup.complete(), "bits", "bits_inserted");
        } finally {
            server().takes(TestServer.Loading.MANY_AT_A_TIME);
        }
        assertThat(server().sql("bits_inserted", masks)).isEqualTo(source);
    }

    @Test
    void rows_whose_members_are_numbers_go_into_no_table_in_which_these_are_other_members() throws IOException {
        server().sql("mysql", """
                CREATE DATABASE digits; USE digits;
                CREATE TABLE t (id int PRIMARY KEY, e enum('1', '2', '3'), s set('x', '2'), m set('', 'a'), o enum('a', 'b'));
                INSERT INTO t VALUES (1, '2', '2', 1, 'a');
                CREATE DATABASE letters; USE letters;
                CREATE TABLE t (id int PRIMARY KEY, e enum('a', 'b', 'c'), s set('x', 'y'), m set('a', ''), o enum('b', 'a'));
                CREATE DATABASE more; USE more;
                CREATE TABLE t (id int PRIMARY KEY, e enum('3', '2', '1', '9'), s set('2', 'x', 'y'), m set('', 'a'), o enum('b', 'a'));
                """);
        try (BackupRun backup = server().rowsOf(Files.createDirectory(directory().resolve("digits")), "digits")) {
            BlobSetReader set = backup.complete();
            MysqlRestoreRun refused = into(set, "letters");
            assertThatThrownBy(refused::attempt).isInstanceOfSatisfying(BackupException.class, problem -> {
                assertThat(problem.code()).isEqualTo(ErrorCode.TABLE_MISMATCH);
                assertThat(problem.problem().cause()).contains(
                        "column e of t has no member '1'", "column s of t has no member '2'", "column m of t is set(");
                assertThat(problem.problem().cause()).doesNotContain("column o");
            });
            refused.close();
            try (MysqlRestoreRun restore = into(set, "more")) {
                assertThat(restore.complete().differences()).isEmpty();
            }
        }
        assertThat(server().sql("more", "SELECT e, s, m + 0, o FROM t")).isEqualTo("2\t2\t1\ta\n");
    }

    private MysqlRestoreRun into(BlobSetReader set, String database) {
        RestoreSpec spec = new RestoreSpec(
                Map.of("digits", database), true, Set.of(), RestoreSpec.Globals.NONE, true, true);
        return new MysqlRestoreRun(server().engine(), server().endpoint(), set, spec, false);
    }

    @Test
    void names_that_a_driver_could_read_as_escapes_are_names() throws IOException {
        server().sql("mysql", """
                CREATE DATABASE braces; USE braces;
                CREATE TABLE x (id int PRIMARY KEY, v int);
                CREATE TABLE `{fn x}` (id int PRIMARY KEY, `{d '2026-01-01'}` int, `{oj y}` int);
                INSERT INTO x VALUES (1, 2); INSERT INTO `{fn x}` VALUES (3, 4, 5), (6, 7, 8);
                CREATE VIEW `{fn v}` AS SELECT id FROM `{fn x}`;
                """);
        requireBack("braces");
        server().takes(TestServer.Loading.INSERT);
        try (BackupRun backup = server().backup(Files.createDirectory(directory().resolve("braces-again")), 1, "braces")) {
            server().restore(backup.complete(), "braces", "braces_inserted");
        } finally {
            server().takes(TestServer.Loading.MANY_AT_A_TIME);
        }
        server().requireEqual("braces_inserted", "braces");
    }

    @Test
    void a_field_of_nearly_the_largest_packet_goes_in_where_rows_are_inserted() throws IOException {
        server().sql("mysql", """
                SET GLOBAL max_allowed_packet = 33554432, GLOBAL local_infile = OFF;
                CREATE DATABASE large; CREATE TABLE large.t (id int PRIMARY KEY, b longblob, n decimal(20, 5), j json, c longtext, d longblob,
                    l varchar(20) CHARACTER SET latin1, u varchar(20) CHARACTER SET utf16, e enum('x', 'Ã©') CHARACTER SET latin1,
                    k varchar(20) CHARACTER SET cp1251, y varbinary(20), m bit(12), g geometry, at datetime(6), a year);
                INSERT INTO large.t (id, b, n, j, c, d) VALUES (1, 'before', 1.5, '{"a": 1}', 'x', NULL), (3, 'behind', -1.5, '[2]', NULL, '');
                """);
        // bytes of other character sets that are UTF-8, too, and other characters there
        server().sql("large", "INSERT INTO t VALUES (2, concat(char(0, 9, 92, 255), repeat('x', 31457280)), 12345.67891, '{\"b\": [1, 2]}', 'é',"
                + " repeat(char(0), 20000000), _latin1 x'c3a9', _utf16 x'00410042', 2, _cp1251 x'd0b6', x'c3a900ff', b'101010101010',"
                + " ST_GeomFromText('POINT(1 2)'), '2026-01-02 03:04:05.678901', 1999)");
        try (BackupRun backup = server().backup(Files.createDirectory(directory().resolve("large")), 1, "large");
                MysqlRestoreRun restore = server().restoring(backup.complete(), "large", "large_copy", true)) {
            assertThat(restore.complete().differences()).isEmpty();
        } finally {
            server().sql("mysql", "SET GLOBAL max_allowed_packet = DEFAULT, GLOBAL local_infile = ON");
        }
        server().requireEqual("large_copy", "large");
    }

    @Test
    void events_that_ran_on_the_primary_of_a_replica_are_named_before_they_are_needed() throws IOException {
        server().sql("mysql", """
                CREATE DATABASE follower; USE follower;
                CREATE EVENT there ON SCHEDULE EVERY 1 YEAR DISABLE ON SLAVE DO SELECT 1;
                CREATE EVENT here ON SCHEDULE EVERY 1 YEAR DISABLE COMMENT 'DISABLE ON SLAVE' DO SELECT 2;
                """);
        try (BackupRun backup = server().backup(Files.createDirectory(directory().resolve("follower")), 1, "follower");
                MysqlRestoreRun restore = server().restoring(backup.complete(), "follower", "follower_copy", true)) {
            assertThat(restore.complete().warnings()).singleElement().asString()
                    .contains("`follower_copy`.`there`", "ALTER EVENT").doesNotContain("`here`");
        }
    }

    @Test
    void an_account_that_could_not_note_what_is_loaded_is_refused_before_anything_is_loaded() throws IOException {
        server().sql("mysql", """
                CREATE DATABASE notes; CREATE TABLE notes.t (id int PRIMARY KEY) ENGINE = MyISAM; INSERT INTO notes.t VALUES (1);
                CREATE USER noter@'127.0.0.1' IDENTIFIED BY 'noter';
                GRANT SELECT, INSERT, CREATE, DROP, ALTER, INDEX, LOCK TABLES ON *.* TO noter@'127.0.0.1';
                """);
        try (BackupRun backup = server().backup(Files.createDirectory(directory().resolve("notes")), 1, "notes")) {
            BlobSetReader set = backup.complete();
            MysqlRestoreRun refused =
                    new MysqlRestoreRun(server().engine(), server().account("noter", Map.of()), set, "notes", "notes_copy", false);
            assertThatThrownBy(refused::attempt).isInstanceOfSatisfying(BackupException.class, problem -> {
                assertThat(problem.code()).isEqualTo(ErrorCode.DATABASE_PRIVILEGE_MISSING);
                assertThat(problem.problem().cause()).contains("UPDATE").doesNotContain("INSERT");
            });
            refused.close();
            server().sql("mysql", "GRANT UPDATE ON *.* TO noter@'127.0.0.1'");
            try (MysqlRestoreRun restore = new MysqlRestoreRun(
                    server().engine(), server().account("noter", Map.of()), set, "notes", "notes_copy", false)) {
                assertThat(restore.complete().differences()).isEmpty();
            }
        }
    }
}
