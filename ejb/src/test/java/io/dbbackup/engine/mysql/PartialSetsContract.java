package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Sample;
import io.dbbackup.model.Selection;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.model.manifest.LeftOut;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.RestoreSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Sets that leave something out come back as what they say they are. */
abstract class PartialSetsContract extends UnsafeTablesContract {
    private int backups;

    @BeforeAll
    void fillPart() throws IOException {
        server().fill("partial.sql");
        if (sequences()) {
            server().sql("part", "CREATE SEQUENCE counted START WITH 100 INCREMENT BY 10; SELECT nextval(counted), nextval(counted)");
        }
    }

    private boolean sequences() {
        return server().engine().type().equals("mariadb");
    }

    private static Selection selection(Selection.Sections sections, List<String> include, List<String> exclude, List<String> noRows) {
        return new Selection(sections, include, exclude, noRows, Optional.empty());
    }

    private static Selection sample(double fraction, long rows, long seed) {
        return new Selection(
                Selection.Sections.ALL, List.of(), List.of(), List.of(), Optional.of(new Sample(fraction, rows, seed)));
    }

    private BackupRun backup(Selection selection, String... databases) throws IOException {
        return new BackupRun(
                server().engine(), server().endpoint(), BackupRun.spec(selection, databases),
                Files.createDirectory(directory().resolve("partial-" + ++backups)), 2);
    }

    private MysqlRestoreRun restore(BlobSetReader set, String name) {
        return new MysqlRestoreRun(server().engine(), server().endpoint(), set, "part", name, false).complete();
    }

    private MysqlRestoreRun replace(BlobSetReader set, String name) {
        return new MysqlRestoreRun(
                server().engine(), server().endpoint(), set,
                new RestoreSpec(Map.of("part", name), true, Set.of(name), RestoreSpec.Globals.NONE, true, true), true);
    }

    private static DatabaseManifest manifest(BlobSetReader set) {
        return set.database(set.manifest().databases().get(0));
    }

    private String ask(String database, String query) {
        return server().sql(database, query).strip();
    }

    @Test
    void definitions_alone_come_back_without_any_row_and_rows_alone_go_into_them() throws IOException {
        BlobSetReader definitions;
        try (BackupRun backup = backup(selection(Selection.Sections.SCHEMA, List.of(), List.of(), List.of()), "part");
                MysqlRestoreRun restore = restore(definitions = backup.complete(), "empty")) {
            assertThat(manifest(definitions).tables()).isEmpty();
            assertThat(manifest(definitions).leftOut().orElseThrow().sequences()).isTrue();
            assertThat(restore.warnings()).isEmpty();
        }
        assertThat(server().text().definitions("empty")).isEqualTo(server().text().definitions("part").replace(" AUTO_INCREMENT=5000", ""));
        assertThat(ask("empty", "SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM sold)")).isEqualTo("0\t0");
        if (sequences()) {
            assertThat(ask("empty", "SELECT nextval(counted)")).isEqualTo("100");
        }

        try (BackupRun backup = backup(selection(Selection.Sections.DATA, List.of(), List.of(), List.of()), "part")) {
            BlobSetReader rows = backup.complete();
            assertThat(manifest(rows).definitionBlobs()).hasSize(1);
            assertRefused(rows, "nowhere", ErrorCode.UNKNOWN_DATABASE, "nowhere");
            assertRefused(rows, "empty", ErrorCode.TABLE_HAS_TRIGGERS, "written on orders");
            server().sql("empty", "DROP TRIGGER written; ALTER TABLE line DROP COLUMN v, ADD COLUMN w int NOT NULL;"
                    + " ALTER TABLE place MODIFY seats bigint; DROP VIEW sold_twice, sold; DROP TABLE log");
            assertRefused(rows, "empty", ErrorCode.TABLE_MISMATCH, "no table log", "line has no column v", "column w",
                    "column seats of place is bigint instead of int");
            server().sql("empty", "CREATE TABLE log LIKE part.log; ALTER TABLE place MODIFY seats int;"
                    + " ALTER TABLE line DROP COLUMN w, ADD COLUMN v varchar(50) DEFAULT 'x'; INSERT INTO country VALUES ('zz', 'own')");
            assertRefused(rows, "empty", ErrorCode.TABLE_NOT_EMPTY, "country");
            server().sql("empty", "INSERT INTO place VALUES ('zz', 'here', 1); CREATE TABLE own (land char(2), town varchar(20),"
                    + " CONSTRAINT stays FOREIGN KEY (land, town) REFERENCES place (land, town)); INSERT INTO own VALUES ('zz', 'here')");
            try (MysqlRestoreRun restore = replace(rows, "empty")) {
                assertThat(restore.complete().differences()).isEmpty();
                assertThat(restore.comparisons()).hasSize(10);
                assertThat(restore.warnings()).hasSize(1).allMatch(warning -> warning.contains("1 row of `empty`.`own` refers by foreign key `stays` to rows of `empty`.`place`"));
            }
        }
        assertThat(ask("empty", "CHECKSUM TABLE country, customer, place, orders, hen, egg EXTENDED").replace("empty.", ""))
                .isEqualTo(ask("part", "CHECKSUM TABLE country, customer, place, orders, hen, egg EXTENDED").replace("part.", ""));
        assertThat(ask("empty", "INSERT INTO customer (name) VALUES ('new'); SELECT last_insert_id()")).isEqualTo("5000");
        if (sequences()) {
            assertThat(ask("empty", "SELECT nextval(counted)")).isEqualTo(ask("part", "SELECT next_not_cached_value FROM counted"));
        }
        assertThat(ask("mysql", "SHOW DATABASES LIKE 'dbbackup%'")).isEmpty();
    }

    private void assertRefused(BlobSetReader set, String name, ErrorCode code, String... words) {
        try (MysqlRestoreRun restore =
                new MysqlRestoreRun(server().engine(), server().endpoint(), set, "part", name, false)) {
            assertThatThrownBy(restore::attempt).isInstanceOfSatisfying(BackupException.class, refused -> {
                assertThat(refused.code()).isEqualTo(code);
                assertThat(refused.problem().cause()).contains(words);
            });
        }
    }

    @Test
    void what_is_left_out_takes_with_it_what_cannot_be_without_it_and_the_rest_is_whole() throws IOException {
        try (BackupRun backup = backup(
                selection(Selection.Sections.ALL, List.of(), List.of("line", "beside.orders", "part.egg", "audit*", "towns"), List.of("plac?")),
                "part")) {
            BlobSetReader set = backup.complete();
            assertThat(backup.warnings()).contains("what is to be excluded matches nothing: beside.orders");
            LeftOut left = manifest(set).leftOut().orElseThrow();
            assertThat(left.tables()).extracting(LeftOut.Relation::name)
                    .containsExactly("audit`x", "egg", "line", "sold", "sold_twice", "towns");
            assertThat(left.rows()).extracting(LeftOut.Relation::name).containsExactly("place");
            assertThat(left.foreignKeys()).extracting(LeftOut.ForeignKey::name)
                    .containsExactlyInAnyOrder("hen_egg", "orders_place");
            try (MysqlRestoreRun restore = restore(set, "some")) {
                assertThat(restore.differences()).isEmpty();
                assertThat(restore.warnings()).hasSize(2)
                        .anyMatch(warning -> warning.startsWith("not restored: foreign key hen_egg"))
                        .anyMatch(warning -> warning.startsWith("restored without a check of its rows: foreign key orders_place"));
            }
        }
        assertThat(ask("some", "SHOW TABLES").lines().filter(table -> !table.equals("counted"))).containsExactly(
                "country", "customer", "hen", "log", "numbers", "orders", "place");
        assertThat(ask("some", "SELECT count(*) FROM place")).isEqualTo("0");
        assertThat(ask("some", "CHECKSUM TABLE customer, hen, orders, log").replace("some.", ""))
                .isEqualTo(ask("part", "CHECKSUM TABLE customer, hen, orders, log").replace("part.", ""));
        assertThat(ask("some", "SHOW CREATE TABLE place")).isEqualTo(ask("part", "SHOW CREATE TABLE place"));
        // the key holds for new rows
        assertThatThrownBy(() -> server().sql("some", "INSERT INTO orders VALUES (-1, 1, 'zz', 'nowhere')"))
                .hasMessageContaining("orders_place");
    }

    @Test
    void rows_alone_bring_where_counters_of_all_engines_go_on() throws IOException {
        List<String> engines = List.of("InnoDB", "MyISAM", sequences() ? "Aria" : "MEMORY");
        server().sql("mysql", "CREATE DATABASE ticking");
        for (String engine : engines) {
            server().sql("ticking", ("CREATE TABLE %1$s (id int AUTO_INCREMENT PRIMARY KEY, v int) ENGINE = %1$s;"
                    + " INSERT INTO %1$s (v) VALUES (1), (2), (3); DELETE FROM %1$s WHERE id = 3").formatted(engine));
        }
        try (BackupRun backup = backup(selection(Selection.Sections.DATA, List.of(), List.of(), List.of()), "ticking")) {
            BlobSetReader set = backup.complete();
            engines.forEach(engine -> server().sql("ticking", "TRUNCATE TABLE " + engine));
            server().restore(set, "ticking", "ticking");
        }
        for (String engine : engines) {
            assertThat(server().sql("ticking", "INSERT INTO %1$s (v) VALUES (4); SELECT id FROM %1$s ORDER BY id".formatted(engine)))
                    .as(engine).isEqualTo("1\n2\n4\n");
        }
    }

    @Test
    void included_tables_come_alone_and_their_triggers_are_warned_of() throws IOException {
        try (BackupRun backup = backup(
                selection(Selection.Sections.ALL, List.of("orders", "part.custom*"), List.of(), List.of()), "beside", "part")) {
            BlobSetReader set = backup.complete();
            assertThat(backup.warnings())
                    .anyMatch(warning -> warning.contains("\"beside\" has no table that the included patterns name"))
                    .anyMatch(warning -> warning.contains("trigger \"written\"") && warning.endsWith("left out: log"))
                    .anyMatch(warning -> warning.contains("routine \"seats\"") && warning.endsWith("left out: place"));
            try (MysqlRestoreRun restore = restore(set, "few")) {
                assertThat(restore.differences()).isEmpty();
            }
        }
        assertThat(ask("few", "SHOW TABLES").lines().filter(table -> !table.equals("counted")))
                .containsExactly("customer", "orders");
        assertThat(ask("few", "SELECT constraint_name FROM information_schema.referential_constraints"
                + " WHERE constraint_schema = 'few' ORDER BY 1").lines()).containsExactly("orders_customer", "recommended");
        assertThat(ask("few", "SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = 'few'"))
                .isEqualTo("written");
        assertThatThrownBy(() -> backup(selection(Selection.Sections.ALL, List.of("ordres"), List.of(), List.of()), "part").complete())
                .hasMessageContaining("ordres");
    }

    @Test
    void all_rows_that_the_rows_of_a_sample_refer_to_are_there_and_the_seed_chooses_the_same_again() throws IOException {
        long few;
        try (BackupRun backup = backup(sample(0.05, 0, 7), "part")) {
            BlobSetReader set = backup.complete();
            assertThat(manifest(set).leftOut().orElseThrow().foreignKeys()).isEmpty();
            try (MysqlRestoreRun restore = restore(set, "sampled")) {
                assertThat(restore.differences()).isEmpty();
                assertThat(restore.warnings()).isEmpty();
            }
            few = rows(set, "line");
            assertThat(few).isBetween(180L, 420L);
        }
        assertReferencesHold("sampled");
        assertThat(ask("sampled", "SELECT count(*) BETWEEN 20 AND 90 FROM numbers")).isEqualTo("1");
        assertThat(ask("sampled", "SELECT count(*) > 100 FROM customer WHERE recommended_by IS NOT NULL")).isEqualTo("1");
        // a sample of the same, from a copy: the rows that were chosen by themselves are chosen again
        try (BackupRun again = backup(sample(0.05, 0, 7), "part"); BackupRun other = backup(sample(0.05, 0, 8), "part")) {
            BlobSetReader set = again.complete();
            assertThat(rows(set, "line")).isEqualTo(few);
            assertThat(manifest(set).tables().stream().filter(table -> table.name().equals("line")).findFirst().orElseThrow().content())
                    .isNotEqualTo(manifest(other.complete()).tables().stream().filter(table -> table.name().equals("line"))
                            .findFirst().orElseThrow().content());
        }
    }

    @Test
    void a_sample_follows_circles_of_several_tables_by_keys_of_all_kinds_except_where_a_table_has_none() throws IOException {
        server().fill("circles.sql");
        try (BackupRun backup = backup(sample(0.02, 0, 3), "ring")) {
            BlobSetReader set = backup.complete();
            assertThat(manifest(set).leftOut().orElseThrow().foreignKeys()).extracting(LeftOut.ForeignKey::name)
                    .containsExactly("token_of");
            try (MysqlRestoreRun restore =
                    new MysqlRestoreRun(server().engine(), server().endpoint(), set, "ring", "ring_sample", false).complete()) {
                assertThat(restore.differences()).isEmpty();
                assertThat(restore.warnings()).singleElement().asString().contains("token_of", "no primary key");
            }
        }
        assertThat(ask("ring_sample", "SELECT count(*) BETWEEN 50 AND 1500 FROM person")).isEqualTo("1");
        assertThat(ask("ring_sample", """
                SELECT (SELECT count(*) FROM team c LEFT JOIN person p ON p.land = c.lead_land AND p.n = c.lead_n
                        WHERE c.lead_n IS NOT NULL AND p.n IS NULL),
                    (SELECT count(*) FROM person c LEFT JOIN badge p ON p.id = c.badge WHERE c.badge IS NOT NULL AND p.id IS NULL),
                    (SELECT count(*) FROM person c LEFT JOIN person p ON p.land = c.boss_land AND p.n = c.boss_n
                        WHERE c.boss_n IS NOT NULL AND p.n IS NULL),
                    (SELECT count(*) FROM badge c LEFT JOIN team p ON p.name = c.team WHERE c.team IS NOT NULL AND p.name IS NULL),
                    (SELECT count(*) FROM visit c LEFT JOIN team p ON p.name = c.team WHERE p.name IS NULL),
                    (SELECT count(*) FROM badge c LEFT JOIN city p ON p.id = c.city WHERE p.id IS NULL)
                """)).isEqualTo("0\t0\t0\t0\t0\t0");
    }

    private static long rows(BlobSetReader set, String table) {
        return manifest(set).tables().stream().filter(each -> each.name().equals(table))
                .map(TableManifest::content).mapToLong(content -> content.rows()).sum();
    }

    @Test
    void a_number_of_rows_of_each_table_is_taken_and_those_that_they_refer_to() throws IOException {
        try (BackupRun backup = backup(sample(0, 10, 1), "part")) {
            BlobSetReader set = backup.complete();
            try (MysqlRestoreRun restore = restore(set, "ten")) {
                assertThat(restore.differences()).isEmpty();
            }
            assertThat(List.of(rows(set, "line"), rows(set, "numbers"), rows(set, "log"))).containsOnly(10L);
            assertThat(rows(set, "orders")).isBetween(20L, 30L);
        }
        assertReferencesHold("ten");
    }

    private void assertReferencesHold(String database) {
        assertThat(ask(database, """
                SELECT (SELECT count(*) FROM customer c LEFT JOIN country p ON p.code = c.country WHERE c.country IS NOT NULL AND p.code IS NULL),
                    (SELECT count(*) FROM customer c LEFT JOIN customer p ON p.id = c.recommended_by
                        WHERE c.recommended_by IS NOT NULL AND p.id IS NULL),
                    (SELECT count(*) FROM orders c LEFT JOIN customer p ON p.id = c.customer WHERE p.id IS NULL),
                    (SELECT count(*) FROM orders c LEFT JOIN place p ON p.land = c.land AND p.town = c.town
                        WHERE c.land IS NOT NULL AND p.land IS NULL),
                    (SELECT count(*) FROM line c LEFT JOIN orders p ON p.id = c.orders WHERE p.id IS NULL),
                    (SELECT count(*) FROM log c LEFT JOIN orders p ON p.id = c.orders WHERE p.id IS NULL),
                    (SELECT count(*) FROM hen c LEFT JOIN egg p ON p.id = c.egg WHERE p.id IS NULL),
                    (SELECT count(*) FROM egg c LEFT JOIN hen p ON p.id = c.hen WHERE p.id IS NULL)
                """)).isEqualTo("0\t0\t0\t0\t0\t0\t0\t0");
    }
}
