package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.engine.DamagedSet;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Problem;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.Discarded;
import io.dbbackup.spi.RestoreSpec;
import io.dbbackup.spi.SetReader;
import io.dbbackup.spi.TablespaceChoice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong beside a restore does not end it for good, and what ends it says how to go on. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class TroubleContract {
    private static final String ACROSS = "mysql.restore.across";
    private static final String DATA = "mysql.restore.data";
    private static final String KEYS = "mysql.restore.keys";
    private static final int MEBIBYTE = 1 << 20;

    private TestServer server;

    @TempDir
    private Path directory;

    abstract TestServer open() throws IOException, InterruptedException;

    @BeforeAll
    void start() throws IOException, InterruptedException {
        server = open();
    }

    @AfterAll
    void stop() throws IOException {
        server.instance().close();
    }

    private BackupRun backup(String... databases) throws IOException {
        return server.backup(Files.createTempDirectory(directory, databases[0]), 2, databases);
    }

    private BackupRun rowsOf(String database) throws IOException {
        return server.rowsOf(Files.createTempDirectory(directory, database), database);
    }

    private String ask(String query) {
        return server.sql("mysql", query).strip();
    }

    @Test
    void fields_as_large_as_a_packet_are_inserted_and_of_larger_ones_is_said_what_to_set() throws IOException {
        String columns = "id int PRIMARY KEY, b longblob";
        for (int i = 0; i < 20; i++) {
            columns += ", c" + i + " blob";
        }
        server.sql("mysql", "CREATE DATABASE fits; CREATE TABLE fits.t (" + columns + "); CREATE DATABASE too_large;"
                + " CREATE TABLE too_large.t (id int PRIMARY KEY, b longblob); INSERT INTO too_large.t VALUES (1, repeat('x', " + (MEBIBYTE + 1) + "))");
        for (int i = 0; i < 12; i++) {
            server.sql("fits", "INSERT INTO t (id, b) VALUES (" + i + ", repeat('x', " + (MEBIBYTE - i) + "))");
        }
        server.sql("fits", "INSERT INTO t (id, b) VALUES (20, repeat(char(0), 400000)), (21, repeat('y', 700000))");
        // none of them large, and together more than a packet
        String sixty = ", repeat('z', 60000)";
        server.sql("fits", "INSERT INTO t VALUES (30, NULL" + sixty.repeat(20) + ")");
        try (BackupRun backup = backup("fits", "too_large")) {
            BlobSetReader set = backup.complete();
            server.sql("mysql", "SET GLOBAL local_infile = OFF, GLOBAL max_allowed_packet = " + MEBIBYTE);
            try (MysqlRestoreRun fits = server.restoring(set, "fits", "fits_again", false).complete();
                    MysqlRestoreRun large = server.restoring(set, "too_large", "too_large_again", false)) {
                assertThat(fits.differences()).isEmpty();
                large.attempt();
                assertThat(large.problems().values()).singleElement().satisfies(problem -> {
                    assertThat(problem.code()).isEqualTo(ErrorCode.DATABASE_WRONG);
                    assertThat(problem.cause()).contains("table t", "max_allowed_packet is 1048576", "1048577 bytes");
                    assertThat(problem.remedy()).contains("SET GLOBAL max_allowed_packet", "restart the run", "local_infile = ON");
                });
                server.sql("mysql", "SET GLOBAL max_allowed_packet = " + 2 * MEBIBYTE);
                assertThat(large.goOn().differences()).isEmpty();
            } finally {
                server.sql("mysql", "SET GLOBAL local_infile = ON, GLOBAL max_allowed_packet = DEFAULT");
            }
        }
        server.requireEqual("fits_again", "fits");
    }

    @Test
    void rows_that_are_damaged_are_reported_as_that_however_they_go_in() throws IOException {
        server.sql("mysql", "CREATE DATABASE harmed; CREATE TABLE harmed.a (id int PRIMARY KEY, x int NOT NULL);"
                + " CREATE TABLE harmed.b (id int PRIMARY KEY, x longblob) ENGINE = MyISAM;"
                + " CREATE TABLE harmed.c LIKE harmed.b; ALTER TABLE harmed.c ENGINE = InnoDB; INSERT INTO harmed.a VALUES (1, 2), (3, 4)");
        for (int i = 0; i < 4; i++) {
            server.sql("harmed", "INSERT INTO b VALUES (" + i + ", repeat('y', 1000000)); INSERT INTO c SELECT * FROM b WHERE id = " + i);
        }
        try (BackupRun backup = backup("harmed")) {
            SetReader damaged = new DamagedSet(backup.complete(), '\t', 'x');
            for (String local : List.of("ON", "OFF")) {
                server.sql("mysql", "SET GLOBAL local_infile = " + local);
                try (MysqlRestoreRun run = server.restoring(damaged, "harmed", "harmed_" + local, false)) {
                    run.attempt();
                    assertThat(run.problems()).isNotEmpty();
                    assertThat(run.problems().values()).as(run.problems().toString()).extracting(Problem::code)
                            .containsOnly(ErrorCode.BLOB_DIGEST_MISMATCH);
                } finally {
                    server.sql("mysql", "SET GLOBAL local_infile = ON");
                }
            }
        }
    }

    private BackupRun referred(String parents, String children) throws IOException {
        server.sql("mysql", """
                CREATE DATABASE %1$s; CREATE TABLE %1$s.p (id int PRIMARY KEY); INSERT INTO %1$s.p VALUES (1);
                CREATE DATABASE %2$s; CREATE TABLE %2$s.c (id int PRIMARY KEY, p int, CONSTRAINT far FOREIGN KEY (p) REFERENCES %1$s.p (id));
                INSERT INTO %2$s.c VALUES (1, 1);
                """.formatted(parents, children));
        return backup(parents);
    }

    @Test
    void the_server_ends_the_search_for_rows_without_parents_and_the_list_of_keys_after_a_time() throws IOException {
        try (BackupRun backup = referred("bounded_p", "bounded_c")) {
            SetReader set = backup.complete();
            server.sql("mysql", "SET GLOBAL log_output = 'TABLE'; TRUNCATE TABLE mysql.general_log; SET GLOBAL general_log = ON");
            try {
                server.replacing(set, "bounded_p", "bounded_p").complete().close();
            } finally {
                server.sql("mysql", "SET GLOBAL general_log = OFF; SET GLOBAL log_output = DEFAULT");
            }
        }
        for (String statement : List.of("SELECT count(*) FROM `bounded_c`%", "SELECT constraint_name%<> CAST(referenced_table_schema%")) {
            for (String limit : List.of("SET SESSION lock_wait_timeout = 300", "SET SESSION max_%_time = 3600%")) {
                assertThat(ask("SELECT count(DISTINCT later.argument) FROM mysql.general_log asked JOIN mysql.general_log later"
                        + " ON later.thread_id = asked.thread_id AND later.event_time >= asked.event_time WHERE later.argument LIKE '" + statement
                        + "' AND asked.argument LIKE '" + limit + "'")).as(statement + limit).isEqualTo("1");
            }
        }
        try (Session session = Session.open(server.endpoint(), "", "test")) {
            session.sql().run(ServerRelease.of(session.sql()).vendor().limit(Duration.ofSeconds(1)));
            String columns = "information_schema.columns";
            assertThatThrownBy(() -> session.sql().number(
                    "SELECT count(*) FROM " + columns + " a, " + columns + " b, " + columns + " c WHERE a.column_name > b.table_name"))
                    .isInstanceOfSatisfying(BackupException.class, e -> {
                        assertThat(MysqlErrors.timedOut(e)).as(e.toString()).isTrue();
                        assertThat(e.code().retryable()).isFalse();
                    });
        }
    }

    @Test
    void a_search_for_rows_without_parents_whose_connection_is_lost_again_and_again_ends_in_a_warning() throws Exception {
        try (BackupRun backup = referred("lost_p", "lost_c");
                Session other = Session.open(server.endpoint(), "lost_c", "somebody else");
                Session watch = Session.open(server.endpoint(), "", "watch");
                MysqlRestoreRun restore = server.replacing(backup.complete(), "lost_p", "lost_p")) {
            restore.before(ACROSS, "lost_p", () -> other.sql().run("LOCK TABLES c WRITE"));
            CompletableFuture<Void> killed = CompletableFuture.runAsync(() -> kill(watch));
            restore.attempt();
            killed.get();
            for (int tries = 2; tries < 4; tries++) {
                assertThat(restore.problems().values()).singleElement().satisfies(
                        problem -> assertThat(problem.code()).isEqualTo(ErrorCode.DATABASE_CONNECTION_LOST));
                killed = CompletableFuture.runAsync(() -> kill(watch));
                if (tries == 2) {
                    assertThatThrownBy(restore::goOn).hasMessageContaining("DATABASE_CONNECTION_LOST");
                } else {
                    assertThat(restore.goOn().differences()).isEmpty();
                }
                killed.get();
            }
            assertThat(restore.warnings()).singleElement().asString().contains(
                    "`far` of `lost_c`.`c` to `lost_p`.`p` could not be checked", "SELECT c.* FROM `lost_c`.`c`");
        }
    }

    /** Ends the session that waits for a table. Its client hears of that before it is off the list, where the next call would find it. */
    private static void kill(Session watch) {
        String waiting = "SELECT id FROM information_schema.processlist WHERE info LIKE 'SELECT count(*) FROM `lost\\\\_c`%' AND state LIKE 'Waiting%'";
        AtomicLong id = new AtomicLong();
        TestServer.await("a session waits", () -> {
            watch.sql().first(waiting, row -> row.getLong(1)).ifPresent(id::set);
            return id.get() != 0;
        });
        watch.sql().run("KILL " + id.get());
        TestServer.await("it has ended", () -> watch.sql().number("SELECT count(*) FROM information_schema.processlist WHERE id = " + id.get()) == 0);
    }

    @Test
    void a_view_over_a_table_of_others_that_is_damaged_is_a_warning_and_everything_else_comes_back() throws IOException {
        server.sql("mysql", """
                CREATE DATABASE damaged_far; CREATE TABLE damaged_far.t (id int PRIMARY KEY) ENGINE = MyISAM; INSERT INTO damaged_far.t VALUES (1);
                CREATE VIEW damaged_far.w AS SELECT id FROM damaged_far.t;
                CREATE DATABASE damaged; CREATE TABLE damaged.own (id int PRIMARY KEY); INSERT INTO damaged.own VALUES (1);
                CREATE VIEW damaged.v AS SELECT w.id FROM damaged_far.w JOIN damaged.own ON own.id = w.id;
                CREATE VIEW damaged.on_v AS SELECT id FROM damaged.v; CREATE VIEW damaged.well AS SELECT id FROM damaged.own;
                CREATE TRIGGER damaged.last BEFORE INSERT ON damaged.own FOR EACH ROW SET NEW.id = NEW.id + 1;
                """);
        try (BackupRun backup = backup("damaged"); MysqlRestoreRun restore = server.replacing(backup.complete(), "damaged", "damaged_again")) {
            server.sql("mysql", "FLUSH TABLES damaged_far.t");
            Files.delete(server.instance().dataDirectory().resolve("damaged_far/t.MYI"));
            assertThat(restore.complete().differences()).isEmpty();
            assertThat(restore.warnings()).anyMatch(
                    warning -> warning.contains("view \"v\" could not be created") && warning.contains("after-data.sql"));
        }
        assertThat(ask("SHOW FULL TABLES FROM damaged_again")).contains("well\tVIEW").doesNotContain("v\tVIEW");
        assertThat(ask("SHOW TRIGGERS FROM damaged_again")).contains("last");
    }

    /** Whoever mends it has all views by a restart. */
    @Test
    void a_view_over_a_table_of_the_run_that_is_damaged_comes_with_the_restart() throws IOException {
        server.sql("mysql", """
                CREATE DATABASE sick_b; CREATE TABLE sick_b.t (id int PRIMARY KEY) ENGINE = MyISAM; INSERT INTO sick_b.t VALUES (1);
                CREATE DATABASE sick_a; CREATE VIEW sick_a.v AS SELECT id FROM sick_b.t;
                """);
        try (BackupRun backup = backup("sick_a", "sick_b");
                MysqlRestoreRun restore = AfterDataContract.oneByOne(new MysqlRestoreRun(
                        server.engine(), server.endpoint(), backup.complete(),
                        new RestoreSpec(Map.of("sick_a", "sick_a2", "sick_b", "sick_b2"), false, Set.of(), RestoreSpec.Globals.NONE, true, true),
                        false), "sick_b", "sick_a")) {
            Path index = server.instance().dataDirectory().resolve("sick_b2/t.MYI");
            Path aside = directory.resolve("t.MYI");
            restore.before("mysql.restore.finish", "sick_a", () -> {
                move(index, aside);
                // closed behind that: the comparison may have opened it a moment ago
                server.sql("mysql", "FLUSH TABLES sick_b2.t");
            });
            restore.attempt();
            assertThat(restore.problems().keySet()).anyMatch(key -> key.endsWith("finish"));
            move(aside, index);
            assertThat(restore.goOn().differences()).isEmpty();
        }
        assertThat(ask("SELECT id FROM sick_a2.v")).isEqualTo("1");
    }

    private static void move(Path from, Path to) {
        try {
            Files.move(from, to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The stop breaks off what one of two items reads; the other one is about to read the same. */
    @Test
    void items_that_a_stop_breaks_off_name_the_stop_and_not_what_broke() throws IOException {
        for (String database : List.of("stop_a", "stop_b")) {
            server.sql("mysql", "CREATE DATABASE %1$s; CREATE TABLE %1$s.t (id int PRIMARY KEY); INSERT INTO %1$s.t VALUES (1)".formatted(database));
        }
        AtomicReference<Runnable> reading = new AtomicReference<>(() -> { });
        try (BackupRun backup = backup("stop_a", "stop_b");
                MysqlRestoreRun restore = new MysqlRestoreRun(
                        server.engine(), server.endpoint(), ChangedSet.manifests(backup.complete(), manifest -> reading.get().run()),
                        new RestoreSpec(Map.of("stop_a", "stopped_a", "stop_b", "stopped_b"), false, Set.of(), RestoreSpec.Globals.NONE, true, true),
                        false)) {
            CyclicBarrier both = new CyclicBarrier(2, () -> {
                // as a later execution begins, which has no manifests yet
                restore.close();
                reading.set(() -> {
                    restore.cancellation().cancel();
                    throw new BackupException(ErrorCode.STORE_IO, "the connection was closed", "Restart the run.");
                });
            });
            for (String database : List.of("stop_a", "stop_b")) {
                restore.before(DATA, database, () -> await(both));
            }
            restore.attempt();
            assertThat(restore.problems().values()).hasSize(2).extracting(Problem::code).containsOnly(ErrorCode.CANCELLED);
            server.engine().logicalRestore().discard(server.endpoint(), restore.run());
        }
    }

    private static void await(CyclicBarrier all) {
        try {
            all.await(1, TimeUnit.MINUTES);
        } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void discard_says_which_tables_it_cannot_let_go_on_counting() throws IOException {
        String table = "CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY) AUTO_INCREMENT = %d; INSERT INTO t VALUES ();";
        server.sql("mysql", "CREATE DATABASE counts; USE counts; " + table.formatted(10) + "CREATE DATABASE counts_on; USE counts_on; "
                + table.formatted(5000) + "CREATE USER unaltering@'127.0.0.1' IDENTIFIED BY 'unaltering';"
                + " GRANT SELECT, INSERT, DELETE, DROP, TRIGGER, SHOW DATABASES ON *.* TO unaltering@'127.0.0.1'");
        try (BackupRun backup = rowsOf("counts"); MysqlRestoreRun restore = server.replacing(backup.complete(), "counts", "counts_on")) {
            restore.after("mysql.restore.schema", "counts", () -> {
                throw new IllegalStateException("killed");
            }).attempt();
            // as if it had been killed somewhat earlier
            server.sql("counts_on", "TRUNCATE TABLE t");
            Discarded discarded = server.engine().logicalRestore()
                    .discardRows(server.account("unaltering", Map.of()), restore.run(), "counts_on");
            assertThat(discarded.databases()).containsExactly(restore.temporary());
            assertThat(discarded.losses()).singleElement().asString()
                    .contains("table \"t\" in database \"counts_on\"", "from 1 instead of 5001");
        }
    }

    @Test
    void rows_of_an_application_beside_those_of_an_older_set_keep_no_triggers_and_counters_away() throws IOException {
        String table = " (id int PRIMARY KEY, n int NOT NULL AUTO_INCREMENT, KEY (n)) AUTO_INCREMENT = %d";
        server.sql("mysql", "CREATE DATABASE beside; CREATE TABLE beside.t" + table.formatted(700) + "; INSERT INTO beside.t (id, n) VALUES (1, 1);"
                + " CREATE DATABASE beside_on; CREATE TABLE beside_on.t" + table.formatted(20)
                + "; CREATE TRIGGER beside_on.fires BEFORE INSERT ON beside_on.t FOR EACH ROW SET @fired = 1");
        RestoreSpec spec = new RestoreSpec(
                Map.of("beside", "beside_on"), false, Set.of(), RestoreSpec.Globals.NONE, true, true, TablespaceChoice.SAME,
                Optional.empty(), true);
        try (BackupRun backup = rowsOf("beside");
                MysqlRestoreRun restore = new MysqlRestoreRun(
                        server.engine(), server.endpoint(), ChangedSet.withoutNullable(backup.complete()), spec, false)) {
            restore.before(KEYS, "beside", () -> server.sql("beside_on", "INSERT INTO t (id, n) VALUES (2, 2)")).complete();
            assertThat(restore.warnings()).anyMatch(warning -> warning.startsWith("somebody else has written into table t of database \"beside_on\""));
            assertThat(restore.differences()).as("is still found, where that is asked for").hasSize(1);
        }
        assertThat(ask("SHOW TRIGGERS FROM beside_on")).contains("fires");
        assertThat(server.sql("beside_on", "INSERT INTO t (id) VALUES (3); SELECT last_insert_id()")).isEqualTo("700\n");
    }
}
