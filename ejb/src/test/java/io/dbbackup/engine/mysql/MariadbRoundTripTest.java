package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.engine.mysql.restore.MysqlLogicalRestore;
import io.dbbackup.engine.postgresql.BackupRun;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.model.manifest.PartManifest;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.throwaway.MysqlInstance;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups of a MariaDB that end in a restore, judged by the stock client, which shares no code with them. */
class MariadbRoundTripTest {
    private static final long PART_BYTES = 128 * 1024;

    private static MysqlInstance server;
    private static ServerText text;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() throws IOException {
        server = MysqlInstance.start(Map.of("log-bin", "binlog", "max-allowed-packet", "64M"));
        text = new ServerText(server);
        try (InputStream script = MariadbRoundTripTest.class.getResourceAsStream("edge.sql")) {
            server.sql("mysql", new String(script.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Endpoint endpoint() {
        return text.endpoint("mariadb");
    }

    private static String checksums(String database) {
        return text.checksums(database);
    }

    private static String definitions(String database) {
        return text.definitions(database);
    }

    private BackupRun backup(String database, int workers) {
        return new BackupRun(
                new MariadbEngine(), endpoint(), BackupRun.spec(PART_BYTES, database), directory, workers);
    }

    @Test
    void a_database_full_of_edge_cases_comes_back_equal_under_another_name_although_every_item_is_executed_twice() {
        try (BackupRun backup = backup("edge", 2)) {
            BlobSetReader set = backup.complete();
            DatabaseManifest manifest = set.database(set.manifest().databases().get(0));
            assertThat(manifest.position()).contains("binlog.").contains("GTID 0-");
            assertThat(set.manifest().databases().get(0).lockMillis()).hasValueSatisfying(
                    millis -> assertThat(millis).isBetween(0L, 10_000L));
            assertThat(manifest.tables().stream().filter(table -> table.parts().size() > 3).map(TableManifest::name))
                    .contains("big", "by_word", "by_bytes", "by_day");
            try (MysqlRestoreRun restore =
                    new MysqlRestoreRun(new MariadbEngine(), endpoint(), set, "edge", "edge_copy", true).complete()) {
                assertThat(restore.differences()).isEmpty();
                assertThat(restore.comparisons()).hasSize((int) text.tables("edge").lines().count());
                assertThat(restore.warnings()).hasSize(1).allMatch(warning -> warning.contains("\"broken\""));
            }
        }
        assertThat(checksums("edge_copy")).isEqualTo(checksums("edge"));
        assertThat(definitions("edge_copy")).isEqualTo(definitions("edge"));
        String history = "SELECT id, price, row_start, row_end FROM prices FOR SYSTEM_TIME ALL ORDER BY id, row_start";
        assertThat(server.sql("edge_copy", history)).isEqualTo(server.sql("edge", history)).hasLineCount(4);
        assertThat(server.sql("edge_copy", "SELECT nextval(numbers)"))
                .isEqualTo(server.sql("edge", "SELECT next_not_cached_value FROM numbers"));
        assertThat(server.sql("mysql", "SHOW DATABASES LIKE 'dbbackup%'")).isEmpty();
    }

    @Test
    void where_load_data_is_off_the_same_comes_back_by_insert() {
        server.sql("mysql", "SET GLOBAL local_infile = OFF");
        try (BackupRun backup = backup("edge", 2);
                MysqlRestoreRun restore = new MysqlRestoreRun(
                        new MariadbEngine(), endpoint(), backup.complete(), "edge", "edge_inserted", true).complete()) {
            assertThat(restore.differences()).isEmpty();
            assertThat(restore.warnings()).anyMatch(warning -> warning.contains("local_infile"));
        } finally {
            server.sql("mysql", "SET GLOBAL local_infile = ON");
        }
        assertThat(checksums("edge_inserted")).isEqualTo(checksums("edge"));
        assertThat(definitions("edge_inserted")).isEqualTo(definitions("edge"));
    }

    @Test
    void rows_by_packets_and_rows_by_the_driver_are_the_same_bytes() throws SQLException {
        try (Session session = Session.open(endpoint(), "edge", "test")) {
            for (String table : text.tables("edge").lines().toList()) {
                String query = "SELECT * FROM `" + table.replace("`", "``") + "`";
                String packets = RowBytes.of(PacketRows.tryOf(session.connection(), query).orElseThrow());
                String driver = RowBytes.of(new DriverRows(session.connection(), query));
                assertThat(packets).as(table).isEqualTo(driver);
            }
            // a row of more than one packet
            String large = "SELECT repeat('ab\\t', 6000000), NULL, 'x' UNION ALL SELECT '', 'y', NULL";
            assertThat(RowBytes.of(PacketRows.tryOf(session.connection(), large).orElseThrow()))
                    .isEqualTo(RowBytes.of(new DriverRows(session.connection(), large)));
            assertThatThrownBy(() -> PacketRows.tryOf(session.connection(), "SELECT nothing")).hasMessageContaining("nothing");
            assertThat(session.sql().text("SELECT 'still usable'")).isEqualTo("still usable");
        }
    }

    @Test
    void the_set_opens_with_zstd_and_the_stock_client_alone() throws IOException {
        try (BackupRun backup = backup("edge", 2)) {
            BlobSetReader set = backup.complete();
            DatabaseManifest manifest = set.database(set.manifest().databases().get(0));
            server.sql("mysql", "CREATE DATABASE by_hand " + manifest.properties().get("options").asText());
            server.sql("by_hand", new String(plain(set, manifest, manifest.schemaBlob()), StandardCharsets.UTF_8));
            for (TableManifest table : manifest.tables()) {
                for (PartManifest part : table.parts()) {
                    server.load("by_hand", part.loadStatement(), plain(set, manifest, part.blob()));
                }
            }
            // the broken view is the one that no client can create
            String rest = new String(
                    plain(set, manifest, manifest.afterDataBlob().orElseThrow()), StandardCharsets.UTF_8);
            assertThat(rest).contains("DELIMITER");
            server.force("by_hand", rest);
        }
        assertThat(checksums("by_hand")).isEqualTo(checksums("edge"));
        assertThat(definitions("by_hand")).isEqualTo(definitions("edge"));
    }

    private static byte[] plain(BlobSetReader set, DatabaseManifest manifest, String name) throws IOException {
        BlobRef blob = manifest.blobs().stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
        try (InputStream in = set.open(blob)) {
            return in.readAllBytes();
        }
    }

    @Test
    void a_backup_while_others_write_is_one_instant_with_the_lock_and_without_the_right_to_lock() throws Exception {
        server.sql("mysql", """
                CREATE DATABASE bank; CREATE DATABASE branch;
                CREATE TABLE bank.a (id int PRIMARY KEY, amount bigint NOT NULL);
                CREATE TABLE branch.b LIKE bank.a;
                INSERT INTO bank.a SELECT seq, 100 FROM seq_1_to_20000;
                INSERT INTO branch.b SELECT seq, 100 FROM seq_1_to_20000;
                CREATE USER humble@'127.0.0.1' IDENTIFIED BY 'humble';
                GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, BINLOG MONITOR ON *.* TO humble@'127.0.0.1';
                """);
        Endpoint humble = new Endpoint(
                "test", "mariadb", server.host(), server.port(), "humble", () -> Optional.of("humble"), "", Map.of());
        AtomicBoolean over = new AtomicBoolean();
        CountDownLatch written = new CountDownLatch(1);
        Thread writer = new Thread(() -> transfer(over, written));
        writer.start();
        try {
            assertThat(written.await(1, TimeUnit.MINUTES)).isTrue();
            backUpBank(endpoint(), "lock");
            backUpBank(humble, "binlog");
        } finally {
            over.set(true);
            writer.join();
        }
    }

    /** Two databases, whose amounts add up to the same at every instant. */
    private void backUpBank(Endpoint account, String proof) throws IOException {
        try (BackupRun backup = new BackupRun(
                new MariadbEngine(), account, BackupRun.spec(PART_BYTES, "bank", "branch"),
                Files.createDirectory(directory.resolve(proof)), 2)) {
            BlobSetReader set = backup.complete();
            assertThat(set.manifest().databases().stream().map(database -> database.position()).distinct()).hasSize(1);
            assertThat(set.database(set.manifest().databases().get(0)).properties().get("proof").asText()).isEqualTo(proof);
            for (String database : List.of("bank", "branch")) {
                try (MysqlRestoreRun restore = new MysqlRestoreRun(
                        new MariadbEngine(), endpoint(), set, database, database + "_" + proof, false).complete()) {
                    assertThat(restore.differences()).isEmpty();
                }
            }
        }
        assertThat(server.sql("bank_" + proof, "SELECT (SELECT sum(amount) FROM a) + (SELECT sum(amount) FROM branch_" + proof
                + ".b), (SELECT sum(amount <> 100) FROM a) > 0")).isEqualTo("4000000\t1\n");
    }

    /** Moves amounts from one table to the other, first in the one that is read last. */
    private static void transfer(AtomicBoolean over, CountDownLatch written) {
        try (Session session = Session.open(endpoint(), "bank", "writer")) {
            for (int i = 1; !over.get(); i++) {
                session.sql().run("START TRANSACTION");
                session.sql().run("UPDATE branch.b SET amount = amount - 1 WHERE id = " + (i * 7919 % 20_000 + 1));
                session.sql().run("UPDATE a SET amount = amount + 1 WHERE id = " + (i * 104_729L % 20_000 + 1));
                session.sql().run("COMMIT");
                written.countDown();
            }
        }
    }

    @Test
    void a_table_that_is_changed_before_it_is_read_makes_its_database_start_again() {
        server.sql("mysql", """
                CREATE DATABASE moving;
                CREATE TABLE moving.t (id int PRIMARY KEY, v int) ENGINE = InnoDB;
                INSERT INTO moving.t SELECT seq, seq FROM seq_1_to_1000;
                """);
        AtomicBoolean altered = new AtomicBoolean();
        try (BackupRun backup = backup("moving", 1)) {
            backup.onDone((item, result) -> {
                if (item.kind().equals("mysql.open") && altered.compareAndSet(false, true)) {
                    server.sql("moving", "ALTER TABLE t MODIFY v bigint, ALGORITHM = COPY; UPDATE t SET v = v + 1");
                }
            });
            BlobSetReader set = backup.complete();
            try (MysqlRestoreRun restore =
                    new MysqlRestoreRun(new MariadbEngine(), endpoint(), set, "moving", "moved", false).complete()) {
                assertThat(restore.differences()).isEmpty();
            }
        }
        assertThat(altered).isTrue();
        assertThat(checksums("moved")).isEqualTo(checksums("moving"));
        assertThat(definitions("moved")).isEqualTo(definitions("moving"));
    }

    @Test
    void a_part_of_which_the_server_would_change_a_row_is_refused_as_a_whole_and_nothing_becomes_visible() {
        // what is no value of an ENUM is stored as '', which LOAD DATA takes with a warning only
        server.sql("mysql", """
                SET SESSION sql_mode = '';
                CREATE DATABASE odd;
                CREATE TABLE odd.t (id int PRIMARY KEY, e enum('a'));
                INSERT INTO odd.t VALUES (1, 'a'), (2, 'b'), (3, 'a');
                """);
        UUID run;
        try (BackupRun backup = backup("odd", 1);
                MysqlRestoreRun restore =
                        new MysqlRestoreRun(new MariadbEngine(), endpoint(), backup.complete(), "odd", "odd_copy", false)) {
            run = restore.run();
            restore.attempt();
            assertThat(restore.problems()).hasSize(1).allSatisfy((key, problem) -> {
                assertThat(problem.code()).isEqualTo(ErrorCode.DATABASE_STATEMENT_FAILED);
                assertThat(problem.cause()).contains("table t").contains("row 2");
            });
        }
        assertThat(server.sql("mysql", "SHOW DATABASES LIKE 'odd_copy'")).isEmpty();
        String temporary = server.sql("mysql", "SHOW DATABASES LIKE 'dbbackup%'").strip();
        assertThat(server.sql(temporary, "SELECT (SELECT count(*) FROM t), (SELECT count(*) FROM dbbackup_restore_item)"))
                .isEqualTo("0\t0\n");
        assertThat(new MysqlLogicalRestore().discard(endpoint(), run)).containsExactly(temporary);
        assertThat(server.sql("mysql", "SHOW DATABASES LIKE 'dbbackup%'")).isEmpty();
    }

    @Test
    void a_restore_begins_nothing_on_a_server_where_the_name_is_taken() {
        server.sql("mysql", "CREATE DATABASE taken; CREATE TABLE taken.t (id int PRIMARY KEY); INSERT INTO taken.t VALUES (1)");
        try (BackupRun backup = backup("taken", 1)) {
            BlobSetReader set = backup.complete();
            assertThatThrownBy(() -> restore(set, "taken", "taken")).hasMessageContaining("DATABASE_EXISTS");
            // an empty database is in nobody's way
            server.sql("mysql", "CREATE DATABASE empty");
            restore(set, "taken", "empty");
        }
        assertThat(checksums("empty")).isEqualTo(checksums("taken"));
    }

    @Test
    void a_restore_goes_on_after_the_server_was_killed_in_the_middle_of_loading() {
        server.sql("mysql", """
                CREATE DATABASE hit;
                CREATE TABLE hit.t (id int PRIMARY KEY, v char(200), KEY (v));
                INSERT INTO hit.t SELECT seq, sha2(seq, 512) FROM seq_1_to_10000;
                ANALYZE TABLE hit.t;
                """);
        AtomicInteger loaded = new AtomicInteger();
        try (BackupRun backup = backup("hit", 2);
                MysqlRestoreRun restore =
                        new MysqlRestoreRun(new MariadbEngine(), endpoint(), backup.complete(), "hit", "hit_copy", false)) {
            restore.onDone((item, result) -> {
                if (item.kind().equals("mysql.restore.data") && loaded.incrementAndGet() == 4) {
                    server.kill();
                    server.start(Duration.ofMinutes(1));
                }
            });
            restore.attempt();
            assertThat(restore.goOn().differences()).isEmpty();
        }
        assertThat(loaded).hasValueGreaterThan(8);
        assertThat(checksums("hit_copy")).isEqualTo(checksums("hit"));
        assertThat(definitions("hit_copy")).isEqualTo(definitions("hit"));
    }

    private static void restore(BlobSetReader set, String database, String name) {
        try (MysqlRestoreRun restore =
                new MysqlRestoreRun(new MariadbEngine(), endpoint(), set, database, name, false)) {
            restore.complete();
        }
    }
}
