package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.engine.InMemoryRun;
import io.dbbackup.model.Json;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.service.set.BlobSetReader;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Large tables are cut into ranges and partitions, and each row is in one part: also where servers do not look for it in its range. */
abstract class RangesContract extends RoundTripContract {
    @Test
    void rows_that_servers_do_not_look_for_where_they_are_are_in_a_part_of_a_table_with_partitions() throws IOException {
        server().sql("mysql", """
                SET SESSION sql_mode = 'ALLOW_INVALID_DATES';
                CREATE DATABASE odd_rows; USE odd_rows;
                CREATE TABLE by_day (d date NOT NULL, n int, v char(200), PRIMARY KEY (d, n)) PARTITION BY RANGE (to_days(d)) (
                    PARTITION p1 VALUES LESS THAN (to_days('2021-02-01')), PARTITION `of ``feb,` VALUES LESS THAN (to_days('2021-03-01')),
                    PARTITION p3 VALUES LESS THAN (to_days('2021-04-01')), PARTITION p4 VALUES LESS THAN MAXVALUE);
                CREATE TABLE by_second (d datetime NOT NULL, n int, v char(200), PRIMARY KEY (d, n)) PARTITION BY RANGE (to_seconds(d)) (
                    PARTITION p1 VALUES LESS THAN (to_seconds('2021-02-01')), PARTITION p2 VALUES LESS THAN (to_seconds('2021-03-01')),
                    PARTITION p3 VALUES LESS THAN (to_seconds('2021-04-01')), PARTITION p4 VALUES LESS THAN MAXVALUE);
                INSERT INTO by_day SELECT concat('2021-', lpad(seq % 13, 2, '0'), '-', lpad(seq DIV 13 % 32, 2, '0')), seq, sha2(seq, 512) FROM helper.n WHERE seq < 10000;
                INSERT INTO by_second SELECT concat(d, ' 12:34:56'), n, v FROM by_day;
                INSERT INTO by_day SELECT '0000-00-00', seq, sha2(seq, 512) FROM helper.n WHERE seq < 1500;
                INSERT INTO by_day SELECT '2021-03-01', seq + 20000, sha2(seq, 512) FROM helper.n WHERE seq < 1500;
                INSERT INTO by_second SELECT '2021-03-01', seq, sha2(seq, 512) FROM helper.n WHERE seq < 1500;
                CREATE TABLE hashed (id int PRIMARY KEY, v char(200)) PARTITION BY HASH (id) PARTITIONS 3;
                INSERT INTO hashed SELECT seq, sha2(seq, 512) FROM helper.n WHERE seq < 5000;
                CREATE TABLE keyed (id int PRIMARY KEY, v char(200)) PARTITION BY KEY () PARTITIONS 3;
                INSERT INTO keyed SELECT seq, sha2(seq, 512) FROM helper.n WHERE seq < 5000;
                CREATE TABLE listed (a varchar(9) NOT NULL, id int NOT NULL, v char(200), PRIMARY KEY (a, id)) PARTITION BY LIST COLUMNS (a) (
                    PARTITION p0 VALUES IN ('x'), PARTITION p1 VALUES IN ('y'), PARTITION `it's` VALUES IN ('z'), PARTITION p3 VALUES IN ('w'));
                INSERT INTO listed SELECT substr('wxyz', seq % 4 + 1, 1), seq, sha2(seq, 512) FROM helper.n WHERE seq < 5000;
                CREATE TABLE moved (id int PRIMARY KEY, v char(200)) PARTITION BY RANGE (id) (PARTITION a VALUES LESS THAN (10000), PARTITION b VALUES LESS THAN MAXVALUE);
                INSERT INTO moved SELECT seq + 20000, sha2(seq, 512) FROM helper.n WHERE seq < 3000;
                ANALYZE TABLE by_day, by_second, hashed, keyed, listed, moved;
                """);
        if (server().engine().type().equals("mysql")) {
            server().sql("odd_rows", "CREATE TABLE x (id int PRIMARY KEY, v char(200)); INSERT INTO x SELECT seq, sha2(seq, 512) FROM helper.n WHERE seq BETWEEN 8000 AND 13000;"
                    + " ALTER TABLE moved EXCHANGE PARTITION a WITH TABLE x WITHOUT VALIDATION; DROP TABLE x; ANALYZE TABLE moved");
        }
        try (BackupRun backup = server().backup(Files.createDirectory(directory().resolve("odd_rows")), 2, "odd_rows")) {
            BlobSetReader set = backup.complete();
            assertThat(set.database(set.manifest().databases().get(0)).tables()).hasSize(6).allSatisfy(table -> {
                assertThat(table.parts()).as(table.name()).hasSizeGreaterThan(1);
                assertThat(table.content().rows() + "\n").as(table.name()).isEqualTo(server().sql("odd_rows", "SELECT count(*) FROM " + table.name()));
            });
            server().restore(set, "odd_rows", "odd_rows_copy");
        }
        server().requireEqual("odd_rows_copy", "odd_rows");
    }

    @Test
    void texts_that_are_in_another_order_in_their_key_than_they_are_compared_in_are_in_one_part_each() throws IOException {
        server().sql("mysql", """
                SET NAMES utf8mb4; CREATE DATABASE odd_order; USE odd_order;
                CREATE TABLE thai (c char(40) CHARACTER SET tis620, n int, v char(200), PRIMARY KEY (c, n));
                INSERT INTO thai SELECT concat(elt(seq % 8 + 1, 'บ้าน', 'บาน', 'แม่', 'แม', 'ข้าว', 'ขาว', 'ไม้', 'ไม'), elt(seq DIV 8 % 4 + 1, '', 'นี้', 'นั้น', 'ก่อน'),
                    if(seq < 32, '', seq DIV 32)), seq, sha2(seq, 512) FROM helper.n WHERE seq < 4000;
                CREATE TABLE begun (c varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci, n int, v char(200), PRIMARY KEY (c(5), n));
                INSERT INTO begun SELECT concat(elt(seq % 2 + 1, 'strasse ', 'straße '), seq DIV 2), seq, sha2(seq, 512) FROM helper.n WHERE seq < 4000;
                CREATE TABLE whole (c varchar(40) CHARACTER SET tis620, n int, v char(200), PRIMARY KEY (c, n));
                INSERT INTO whole SELECT * FROM thai;
                ANALYZE TABLE thai, begun, whole;
                """);
        try (BackupRun backup = server().backup(Files.createDirectory(directory().resolve("odd_order")), 2, "odd_order")) {
            BlobSetReader set = backup.complete();
            List<TableManifest> tables = set.database(set.manifest().databases().get(0)).tables();
            assertThat(tables).extracting(table -> table.name() + " " + table.content().rows())
                    .containsExactlyInAnyOrder("thai 4000", "begun 4000", "whole 4000");
            assertThat(tables).filteredOn(table -> table.parts().size() > 3).extracting(TableManifest::name).containsExactly("whole");
            server().restore(set, "odd_order", "odd_order_copy");
        }
        server().requireEqual("odd_order_copy", "odd_order");
    }

    /** As where a collation compares in another way than its keys are ordered, and nobody knows of it. */
    @Test
    void rows_that_the_server_finds_in_no_range_of_a_text_make_the_database_start_again_once_without_cutting_such_tables() throws IOException {
        words("unfound", "t", "t2", "t3", "u");
        try (BackupRun backup = server().backup(Files.createDirectory(directory().resolve("unfound")), 2, "unfound")) {
            AtomicInteger emptied = new AtomicInteger();
            backup.planned(item -> {
                Map<?, ?> payload = Json.MAPPER.convertValue(item.payload(), Map.class);
                if (!String.valueOf(payload.get("table")).startsWith("t") || payload.get("from").equals("") || payload.get("to").equals("")) {
                    return Optional.of(item);
                }
                emptied.incrementAndGet();
                Map<String, Object> empty = new TreeMap<>();
                payload.forEach((key, value) -> empty.put((String) key, value));
                empty.put("to", payload.get("from"));
                return InMemoryRun.with(item, empty);
            });
            BlobSetReader set = backup.complete();
            assertThat(emptied).hasPositiveValue();
            assertThat(set.database(set.manifest().databases().get(0)).tables()).allSatisfy(table -> {
                assertThat(table.content().rows()).isEqualTo(4000);
                assertThat(table.parts().size()).as(table.name()).matches(parts -> table.name().startsWith("t") ? parts == 1 : parts > 3);
            });
            assertThat(set.manifest().databases().get(0).manifest().name()).contains("-unfound.r2/");
            server().restore(set, "unfound", "unfound_copy");
        }
        server().requireEqual("unfound_copy", "unfound");
    }

    @Test
    void a_table_that_is_gone_before_its_rows_are_counted_again_is_in_the_set_with_a_warning() throws IOException {
        for (String database : List.of("uncounted", "uncounted_before")) {
            words(database, "t");
            server().sql(database, "CREATE TABLE last (id int PRIMARY KEY) ENGINE = MyISAM");
        }
        try (BackupRun backup = server().backup(Files.createDirectory(directory().resolve("uncounted")), 1, "uncounted")) {
            backup.onDone((item, result) -> {
                if (item.label().contains("table last")) {
                    server().sql("uncounted", "DROP TABLE t");
                }
            });
            BlobSetReader set = backup.complete();
            assertThat(set.database(set.manifest().databases().get(0)).tables()).extracting(table -> table.name() + " " + table.content().rows())
                    .containsExactlyInAnyOrder("t 4000", "last 0");
            assertThat(backup.warnings()).anyMatch(warning -> warning.contains("the rows of table t could not be counted a second time"));
            server().restore(set, "uncounted", "uncounted_copy");
        }
        server().requireEqual("uncounted_copy", "uncounted_before");
    }

    /** Makes a database with tables of 4000 rows each, which a text cuts into parts. */
    private void words(String database, String... tables) {
        server().sql("mysql", "CREATE DATABASE " + database);
        for (String table : tables) {
            server().sql(database, """
                    CREATE TABLE %1$s (c varchar(40), v char(200), PRIMARY KEY (c));
                    INSERT INTO %1$s SELECT concat('word ', seq), sha2(seq, 512) FROM helper.n WHERE seq < 4000;
                    ANALYZE TABLE %1$s;
                    """.formatted(table));
        }
    }
}
