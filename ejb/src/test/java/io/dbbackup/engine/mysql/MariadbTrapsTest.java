package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Selection;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.BackupSpec;
import io.dbbackup.spi.ItemDraft;
import io.dbbackup.spi.RestoreSpec;
import io.dbbackup.throwaway.MysqlInstance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server does silently, so that a set or a restored database would be another one than it seems. */
class MariadbTrapsTest {
    private static final String DATABASES = "SELECT schema_name FROM information_schema.schemata ORDER BY 1";

    private static MysqlInstance server;
    private static ServerText text;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() {
        server = MysqlInstance.start(Map.of("log-bin", "binlog"));
        text = new ServerText(server);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Endpoint endpoint() {
        return text.endpoint("mariadb");
    }

    private BackupRun backup(String... databases) {
        return new BackupRun(new MariadbEngine(), endpoint(), BackupRun.spec(1 << 16, databases), directory, 1);
    }

    /** As after an upgrade in which a word of its body has become the server's. */
    @Test
    void an_event_that_the_server_refuses_for_what_it_says_keeps_back_neither_the_others_nor_the_end_of_the_run() {
        String daily = " ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01 00:00:00' DISABLE DO SELECT 1;";
        server.sql("mysql", "CREATE DATABASE planned; USE planned; CREATE EVENT first" + daily + " CREATE EVENT second" + daily + " CREATE EVENT third"
                + daily + " UPDATE mysql.event SET body = 'SELECT 1 FROM', body_utf8 = 'SELECT 1 FROM' WHERE db = 'planned' AND name = 'second'");
        try (BackupRun backup = backup("planned");
                MysqlRestoreRun restore = new MysqlRestoreRun(
                        new MariadbEngine(), endpoint(), backup.complete(), "planned", "planned_again", true).complete()) {
            assertThat(restore.warnings()).singleElement().asString().contains("event \"second\"", "1064", "after-data.sql");
        }
        assertThat(server.sql("mysql", "SELECT name FROM mysql.event WHERE db = 'planned_again' ORDER BY name")).isEqualTo("first\nthird\n");
    }

    @Test
    void what_a_log_of_statements_says_of_replicas_keeps_no_row_out() {
        server.sql("mysql", "CREATE DATABASE grouped; CREATE TABLE grouped.t (g int, n int AUTO_INCREMENT, PRIMARY KEY (g, n)) ENGINE = MyISAM;"
                + " INSERT INTO grouped.t VALUES (1, 1), (1, 2), (2, 1)");
        try (BackupRun backup = backup("grouped")) {
            BlobSetReader set = backup.complete();
            server.sql("mysql", "SET GLOBAL binlog_format = STATEMENT, GLOBAL local_infile = OFF");
            restored(set, "grouped", "grouped_again").close();
        } finally {
            server.sql("mysql", "SET GLOBAL binlog_format = DEFAULT, GLOBAL local_infile = ON");
        }
        assertThat(text.checksums("grouped_again")).isEqualTo(text.checksums("grouped"));
        server.sql("mysql", "DROP DATABASE grouped; DROP DATABASE grouped_again");
    }

    @Test
    void spaces_that_would_be_cut_off_are_told_where_somebody_has_silenced_notes() {
        server.sql("mysql", "CREATE DATABASE spaces; CREATE TABLE spaces.t (id int PRIMARY KEY, v varchar(9)); INSERT INTO spaces.t VALUES (1, 'abc   ');"
                + " CREATE DATABASE shorter; CREATE TABLE shorter.t (id int PRIMARY KEY, v varchar(3)); SET GLOBAL note_verbosity = ''");
        Selection rows = new Selection(Selection.Sections.DATA, List.of(), List.of(), List.of(), Optional.empty());
        try (BackupRun backup = new BackupRun(new MariadbEngine(), endpoint(), BackupRun.spec(rows, "spaces"), directory, 1);
                MysqlRestoreRun restore = new MysqlRestoreRun(new MariadbEngine(), endpoint(), backup.complete(), "spaces", "shorter", false)) {
            restore.attempt();
            assertThat(restore.problems().values()).singleElement().satisfies(problem -> {
                assertThat(problem.code()).isEqualTo(ErrorCode.DATABASE_STATEMENT_FAILED);
                assertThat(problem.cause()).contains("would have changed rows");
            });
            new MariadbEngine().logicalRestore().discard(endpoint(), restore.run());
        } finally {
            server.sql("mysql", "SET GLOBAL note_verbosity = DEFAULT");
        }
        assertThat(server.sql("mysql", "SELECT count(*) FROM shorter.t")).isEqualTo("0\n");
        server.sql("mysql", "DROP DATABASE spaces; DROP DATABASE shorter");
    }

    @Test
    void a_view_that_cannot_be_written_stops_the_restore_until_it_can() throws IOException {
        server.sql("mysql", "CREATE DATABASE viewed; CREATE TABLE viewed.t (id int PRIMARY KEY); CREATE VIEW viewed.v AS SELECT id FROM viewed.t;"
                + " CREATE TABLE mysql.own_of_admin (id int); CREATE VIEW viewed.w AS SELECT id FROM mysql.own_of_admin");
        try (BackupRun backup = backup("viewed")) {
            BlobSetReader set = backup.complete();
            server.sql("mysql", "DROP TABLE mysql.own_of_admin; CREATE DATABASE unwritten");
            // as with a full disk: the server cannot write the file
            Path inTheWay = Files.createDirectory(server.dataDirectory().resolve("unwritten").resolve("v.frm~"));
            try (MysqlRestoreRun restore = new MysqlRestoreRun(new MariadbEngine(), endpoint(), set, "viewed", "unwritten", false)) {
                restore.attempt();
                assertThat(restore.problems()).hasSize(1).allSatisfy((key, problem) -> {
                    assertThat(problem.code()).isEqualTo(ErrorCode.DATABASE_STATEMENT_FAILED);
                    assertThat(problem.cause()).contains("VIEW");
                });
                Files.delete(inTheWay);
                assertThat(restore.goOn().differences()).isEmpty();
                assertThat(restore.warnings()).filteredOn(warning -> warning.contains("could not be created"))
                        .singleElement().asString().contains("view \"w\"", "own_of_admin");
            }
        }
        assertThat(server.sql("unwritten", "SELECT count(*) FROM v")).isEqualTo("0\n");
    }

    /** As a key stays on a server when somebody drops the index that it needs with foreign_key_checks = 0. */
    @Test
    void a_table_without_the_index_that_a_key_of_another_database_needs_says_which_key_that_is_and_the_run_ends_without_it() {
        server.sql("mysql", """
                CREATE DATABASE keyless; CREATE DATABASE keyed; USE keyed;
                CREATE TABLE keyless.p (id int, n int, KEY k (id)); CREATE TABLE keyless.q (a int, b int PRIMARY KEY, KEY (a));
                CREATE TABLE c (id int PRIMARY KEY, p int, a int, b int, CONSTRAINT lost FOREIGN KEY (p) REFERENCES keyless.p (id),
                    CONSTRAINT kept FOREIGN KEY (a, b) REFERENCES keyless.q (a, b));
                INSERT INTO keyless.p VALUES (1, 1); INSERT INTO keyless.q VALUES (1, 1); INSERT INTO c VALUES (1, 1, 1, 1);
                SET foreign_key_checks = 0; ALTER TABLE keyless.p DROP KEY k;
                """);
        try (BackupRun backup = backup("keyless", "keyed")) {
            BlobSetReader set = backup.complete();
            server.sql("mysql", "DROP DATABASE keyed; DROP DATABASE keyless");
            try (MysqlRestoreRun restore = new MysqlRestoreRun(
                    new MariadbEngine(), endpoint(), set,
                    new RestoreSpec(Map.of("keyless", "keyless", "keyed", "keyed"), false, Set.of(), RestoreSpec.Globals.NONE, true, true), false)) {
                AfterDataContract.oneByOne(restore, "keyed", "keyless").attempt();
                assertThat(restore.problems().values()).singleElement().satisfies(problem -> assertThat(problem.remedy())
                        .contains("(ALTER TABLE `keyed`.`c` DROP FOREIGN KEY `lost`)", "restart the run").doesNotContain("kept"));
                server.sql("keyed", "ALTER TABLE c DROP FOREIGN KEY lost");
                assertThat(restore.goOn().differences()).isEmpty();
                assertThat(restore.warnings()).singleElement().asString().contains("ADD CONSTRAINT `lost`", "could not be created");
            }
        }
        assertThat(server.sql("keyed", "SELECT constraint_name FROM information_schema.referential_constraints WHERE constraint_schema = 'keyed'")).isEqualTo("kept\n");
        server.sql("mysql", "DROP DATABASE keyed; DROP DATABASE keyless");
    }

    /** Each of two drops wants to lock the tables of the other database that refer to its own, and that wait ends by neither KILL nor a limit. */
    @Test
    void databases_that_refer_to_each_other_are_replaced_or_emptied_at_the_same_time() throws IOException {
        StringBuilder script = new StringBuilder("CREATE DATABASE mutual_a; CREATE DATABASE mutual_b; SET foreign_key_checks = 0;");
        for (int i = 0; i < 20; i++) {
            for (String ends : List.of("a b", "b a")) {
                script.append("CREATE TABLE mutual_%1$s.t%3$d (id int PRIMARY KEY, o int, FOREIGN KEY (o) REFERENCES mutual_%2$s.t%3$d (id));"
                        .formatted(ends.substring(0, 1), ends.substring(2), i));
                script.append("INSERT INTO mutual_%s.t%d VALUES (1, 1);".formatted(ends.substring(0, 1), i));
            }
        }
        server.sql("mysql", script.toString());
        replacedAtTheSameTime(Selection.Sections.ALL, "mysql.restore.finish");
        replacedAtTheSameTime(Selection.Sections.DATA, "mysql.restore.schema");
        assertThat(server.sql("mysql", "SELECT count(*) FROM information_schema.referential_constraints WHERE constraint_schema LIKE 'mutual%'")).isEqualTo("40\n");
        server.sql("mysql", "SET foreign_key_checks = 0; DROP DATABASE mutual_a; DROP DATABASE mutual_b");
    }

    private void replacedAtTheSameTime(Selection.Sections sections, String kind) throws IOException {
        Map<String, String> names = Map.of("mutual_a", "mutual_a", "mutual_b", "mutual_b");
        Selection selection = new Selection(sections, List.of(), List.of(), List.of(), Optional.empty());
        CyclicBarrier both = new CyclicBarrier(2);
        try (BackupRun backup = new BackupRun(
                        new MariadbEngine(), endpoint(), BackupRun.spec(selection, "mutual_a", "mutual_b"),
                        Files.createDirectory(directory.resolve(kind)), 1);
                MysqlRestoreRun restore = new MysqlRestoreRun(
                        new MariadbEngine(), endpoint(), backup.complete(),
                        new RestoreSpec(names, true, names.keySet(), RestoreSpec.Globals.NONE, true, true), false)) {
            names.keySet().forEach(database -> restore.before(kind, database, () -> await(both)));
            assertTimeoutPreemptively(Duration.ofMinutes(1), restore::complete);
            assertThat(restore.differences()).isEmpty();
        }
    }

    private static void await(CyclicBarrier all) {
        try {
            all.await(1, TimeUnit.MINUTES);
        } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    private static MysqlRestoreRun restored(BlobSetReader set, String database, String name) {
        return new MysqlRestoreRun(new MariadbEngine(), endpoint(), set, database, name, false).complete();
    }

    /** By LOAD DATA the second one waits for the first otherwise, and not even the rows of another table are loaded meanwhile. */
    @Test
    void parts_of_a_table_that_counts_up_are_loaded_one_after_the_other_where_statements_are_logged() {
        server.sql("mysql", """
                CREATE DATABASE counted;
                CREATE TABLE counted.t (id int AUTO_INCREMENT PRIMARY KEY, v varchar(200));
                INSERT INTO counted.t SELECT seq, repeat('x', 150) FROM seq_1_to_3000;
                ANALYZE TABLE counted.t;
                """);
        try (BackupRun backup = backup("counted")) {
            BlobSetReader set = backup.complete();
            List<ItemDraft> together = parts(set);
            assertThat(together).hasSizeGreaterThan(2).allMatch(part -> part.needs().equals(together.get(0).needs()));
            restored(set, "counted", "counted_many").close();
            server.sql("mysql", "SET GLOBAL binlog_format = STATEMENT");
            try {
                List<ItemDraft> chain = parts(set);
                assertThat(chain).hasSameSizeAs(together);
                for (int i = 1; i < chain.size(); i++) {
                    assertThat(chain.get(i).needs()).containsExactly(chain.get(i - 1).key());
                }
                long before = loads();
                restored(set, "counted", "counted_logged").close();
                assertThat(loads() - before).isEqualTo(chain.size());
            } finally {
                server.sql("mysql", "SET GLOBAL binlog_format = DEFAULT");
            }
        }
        assertThat(text.checksums("counted_many")).isEqualTo(text.checksums("counted"));
        assertThat(text.checksums("counted_logged")).isEqualTo(text.checksums("counted"));
    }

    @Test
    void sequences_are_refused_by_a_server_that_logs_statements_before_anything_is_changed() {
        server.sql("mysql", """
                CREATE DATABASE numbered; USE numbered;
                CREATE SEQUENCE s; CREATE TABLE t (id int PRIMARY KEY DEFAULT nextval(s), v int); INSERT INTO t (v) VALUES (1), (2);
                """);
        try (BackupRun backup = backup("numbered")) {
            BlobSetReader set = backup.complete();
            String before = server.sql("mysql", "SHOW DATABASES");
            server.sql("mysql", "SET GLOBAL binlog_format = STATEMENT");
            try {
                assertThatThrownBy(() -> restored(set, "numbered", "numbered_again"))
                        .hasMessageContainingAll("DATABASE_WRONG", "`numbered_again`.`s`", "SET GLOBAL binlog_format = MIXED");
                assertThat(server.sql("mysql", "SHOW DATABASES")).isEqualTo(before);
            } finally {
                server.sql("mysql", "SET GLOBAL binlog_format = DEFAULT");
            }
            restored(set, "numbered", "numbered_again").close();
        }
        assertThat(server.sql("numbered_again", "INSERT INTO t (v) VALUES (3) RETURNING id")).isEqualTo(
                server.sql("numbered", "INSERT INTO t (v) VALUES (3) RETURNING id"));
    }

    private static long loads() {
        return Long.parseLong(server.sql("mysql", "SHOW GLOBAL STATUS LIKE 'Com_load'").replaceAll("\\D", ""));
    }

    private static List<ItemDraft> parts(BlobSetReader set) {
        try (MysqlRestoreRun run = new MysqlRestoreRun(new MariadbEngine(), endpoint(), set, "counted", "counted_again", false)) {
            return new MariadbEngine().logicalRestore().plan(run).stream()
                    .filter(item -> item.kind().equals("mysql.restore.data")).toList();
        }
    }

    /** If bounds and keys were compared as such numbers, but found exactly in the index, rows near a bound would be in no part. */
    @Test
    void rows_of_keys_that_floating_point_cannot_tell_apart_are_in_one_part_each() {
        server.sql("mysql", """
                CREATE DATABASE exact;
                CREATE TABLE exact.t (id decimal(20, 0) PRIMARY KEY, v char(100));
                INSERT INTO exact.t SELECT 10000000000000000000 + seq, repeat('x', 100) FROM seq_1_to_10000;
                ANALYZE TABLE exact.t;
                """);
        try (BackupRun backup = backup("exact")) {
            BlobSetReader set = backup.complete();
            assertThat(set.database(set.manifest().databases().get(0)).tables().get(0).parts()).hasSizeGreaterThan(5);
            restored(set, "exact", "exact_again").close();
        }
        assertThat(text.checksums("exact_again")).isEqualTo(text.checksums("exact"));
    }

    @Test
    void events_wait_for_all_databases_and_those_whose_time_is_over_are_named() {
        server.sql("mysql", """
                CREATE DATABASE acting;
                CREATE EVENT acting.over ON SCHEDULE AT now() + INTERVAL 1 SECOND DO DO 1;
                CREATE DATABASE other;
                CREATE TABLE other.t (id int PRIMARY KEY);
                """);
        try (BackupRun backup = backup("acting", "other")) {
            BlobSetReader set = backup.complete();
            server.sql("mysql", "DO sleep(2)");
            RestoreSpec spec = new RestoreSpec(Map.of("acting", "acting_again", "other", "other_again"), false, Set.of(),
                    RestoreSpec.Globals.NONE, true, true);
            AtomicBoolean renamed = new AtomicBoolean();
            try (MysqlRestoreRun run = new MysqlRestoreRun(new MariadbEngine(), endpoint(), set, spec, false)
                    .before("mysql.restore.events", "acting", () -> renamed.set(
                            server.sql("mysql", "SHOW DATABASES LIKE 'other_again'").contains("other_again")))) {
                run.complete();
                assertThat(run.warnings()).anyMatch(warning -> warning.contains("acting_again") && warning.contains("over"));
            }
            assertThat(renamed).isTrue();
        }
    }

    @Test
    void no_events_are_created_where_the_comparison_of_any_database_found_a_difference() {
        server.sql("mysql", """
                CREATE DATABASE cautious;
                CREATE TABLE cautious.t (id int PRIMARY KEY);
                CREATE EVENT cautious.later ON SCHEDULE EVERY 1 DAY DO DO 1;
                CREATE DATABASE touched;
                CREATE TABLE touched.t (id int PRIMARY KEY, v int);
                INSERT INTO touched.t VALUES (1, 1);
                """);
        try (BackupRun backup = backup("cautious", "touched")) {
            RestoreSpec spec = new RestoreSpec(Map.of("cautious", "cautious_again", "touched", "touched_again"), false, Set.of(),
                    RestoreSpec.Globals.NONE, true, true);
            try (MysqlRestoreRun run = new MysqlRestoreRun(new MariadbEngine(), endpoint(), backup.complete(), spec, false)
                    .before("mysql.restore.compare", "touched", () -> server.sql("touched_again", "UPDATE t SET v = 2"))) {
                run.attempt();
                assertThat(run.differences()).hasSize(1);
                assertThat(run.problems().values()).singleElement().satisfies(problem -> {
                    assertThat(problem.code()).isEqualTo(ErrorCode.FINGERPRINT_MISMATCH);
                    assertThat(problem.cause()).contains("no events", "\"cautious_again\"", "table t of database \"touched_again\"");
                });
            }
            assertThat(server.sql("cautious_again", "SHOW EVENTS")).isEmpty();
        }
    }

    @Test
    void an_empty_database_of_the_name_is_kept_and_takes_the_options_of_the_source() {
        server.sql("mysql", """
                CREATE DATABASE options CHARACTER SET latin1 COLLATE latin1_bin;
                CREATE TABLE options.t (id int PRIMARY KEY);
                CREATE DATABASE vacant CHARACTER SET utf8mb4;
                """);
        try (BackupRun backup = backup("options")) {
            restored(backup.complete(), "options", "vacant").close();
        }
        assertThat(server.sql("mysql", "SHOW CREATE DATABASE vacant")).contains("latin1_bin");
        assertThat(text.checksums("vacant")).isEqualTo(text.checksums("options"));
    }

    @Test
    void rows_that_an_engine_without_transactions_has_lost_since_are_missed_before_anything_is_replaced() {
        lossy();
        try (BackupRun backup = backup("lossy")) {
            RestoreSpec spec = new RestoreSpec(Map.of("lossy", "lossy"), true, Set.of("lossy"), RestoreSpec.Globals.NONE, true, true);
            try (MysqlRestoreRun run = new MysqlRestoreRun(new MariadbEngine(), endpoint(), backup.complete(), spec, false)) {
                run.before("mysql.restore.finish", "lossy", () -> server.sql(run.temporary(), "DELETE FROM t WHERE id = 7")).attempt();
                assertThat(run.problems().values()).anySatisfy(problem -> {
                    assertThat(problem.code()).isEqualTo(ErrorCode.ROW_COUNT_MISMATCH);
                    assertThat(problem.cause()).contains("table t", "500 rows", "now it has 499");
                });
                assertThat(server.sql("lossy", "SELECT count(*) FROM t").strip()).isEqualTo("500");
            }
        }
        server.sql("mysql", "DROP DATABASE lossy");
    }

    @Test
    void a_counter_survives_that_a_table_without_transactions_is_loaded_twice() {
        lossy();
        try (BackupRun backup = backup("lossy");
                MysqlRestoreRun run = new MysqlRestoreRun(
                        new MariadbEngine(), endpoint(), backup.complete(), "lossy", "lossy_again", false)) {
            run.after("mysql.restore.schema", "lossy", () -> server.sql(run.temporary(), "ALTER TABLE t MODIFY v varchar(6)")).attempt();
            assertThat(server.sql(run.temporary(), "SELECT count(*) > 0 FROM t").strip()).isEqualTo("1");
            server.sql(run.temporary(), "ALTER TABLE t MODIFY v varchar(20)");
            assertThat(run.goOn().differences()).isEmpty();
        }
        assertThat(server.sql("lossy_again", "SHOW CREATE TABLE t")).contains("AUTO_INCREMENT=1000 ");
        server.sql("mysql", "DROP DATABASE lossy; DROP DATABASE lossy_again");
    }

    private static void lossy() {
        server.sql("mysql", """
                CREATE DATABASE lossy;
                CREATE TABLE lossy.t (id int PRIMARY KEY AUTO_INCREMENT, v varchar(20)) ENGINE = MyISAM AUTO_INCREMENT = 1000;
                INSERT INTO lossy.t SELECT seq, concat('row ', seq) FROM seq_1_to_500;
                """);
    }

    @Test
    void rows_that_break_a_check_of_their_table_come_back() {
        server.sql("mysql", """
                CREATE DATABASE broken;
                CREATE TABLE broken.t (id int PRIMARY KEY, v int CHECK (v > 0), doc json, KEY (v));
                SET check_constraint_checks = 0;
                INSERT INTO broken.t VALUES (1, -1, 'no JSON'), (2, 2, '{}');
                """);
        try (BackupRun backup = backup("broken")) {
            restored(backup.complete(), "broken", "broken_again").close();
        }
        assertThat(text.checksums("broken_again")).isEqualTo(text.checksums("broken"));
    }

    @Test
    void an_account_whose_locks_mariadb_keeps_to_the_end_is_warned_of_and_told_what_it_lacks() throws IOException {
        server.sql("mysql", """
                CREATE DATABASE locked; CREATE TABLE locked.t (id int PRIMARY KEY); INSERT INTO locked.t VALUES (1);
                CREATE USER clumsy@'127.0.0.1' IDENTIFIED BY 'clumsy';
                GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, RELOAD, BINLOG MONITOR ON *.* TO clumsy@'127.0.0.1';
                """);
        Endpoint clumsy = new TestServer(new MariadbEngine(), server).account("clumsy", Map.of());
        try (BackupRun backup = new BackupRun(new MariadbEngine(), clumsy, BackupRun.spec(1 << 16, "locked"), directory, 1)) {
            restored(backup.complete(), "locked", "locked_copy").close();
            assertThat(backup.warnings()).singleElement().asString()
                    .contains("\"clumsy\" lacks BINLOG ADMIN on", "ALTER TABLE waits", "\nGRANT BINLOG ADMIN ON *.* TO `clumsy`@`127.0.0.1`");
        }
        server.sql("mysql", "GRANT BINLOG ADMIN ON *.* TO clumsy@'127.0.0.1'");
        try (BackupRun backup = new BackupRun(
                new MariadbEngine(), clumsy, BackupRun.spec(1 << 16, "locked"), Files.createDirectory(directory.resolve("again")), 1)) {
            backup.complete();
            assertThat(backup.warnings()).isEmpty();
        }
    }

    @Test
    void an_account_with_nothing_is_told_at_once_what_a_backup_takes_and_what_is_recommended_besides() throws IOException {
        server.sql("mysql", """
                CREATE DATABASE bare; CREATE TABLE bare.t (id int PRIMARY KEY); INSERT INTO bare.t VALUES (1);
                CREATE USER bare@'127.0.0.1' IDENTIFIED BY 'bare';
                """);
        Endpoint bare = new TestServer(new MariadbEngine(), server).account("bare", Map.of());
        BackupException refused;
        try (BackupRun backup = new BackupRun(new MariadbEngine(), bare, BackupRun.spec(1 << 16), directory, 1)) {
            refused = catchThrowableOfType(BackupException.class, () -> backup.backup().preflight(backup));
        }
        List<String> grants = refused.problem().remedy().lines().filter(line -> line.startsWith("GRANT")).toList();
        assertThat(grants).containsExactly(
                "GRANT BINLOG MONITOR, EVENT, SELECT, SHOW VIEW, TRIGGER ON *.* TO `bare`@`127.0.0.1`;",
                "GRANT BINLOG ADMIN, PROCESS, RELOAD ON *.* TO `bare`@`127.0.0.1`;");
        assertThat(refused.problem().remedy()).contains("Recommended besides, not required:\n" + grants.get(1), "Without RELOAD the binary log",
                "Without BINLOG ADMIN MariaDB keeps its locks", "Without PROCESS partitions");
        server.sql("mysql", String.join("", grants));
        try (BackupRun backup = new BackupRun(
                new MariadbEngine(), bare, BackupRun.spec(1 << 16), Files.createDirectory(directory.resolve("bare")), 1)) {
            backup.backup().preflight(backup);
            assertThat(backup.warnings()).isEmpty();
        }
    }

    @Test
    void databases_that_differ_by_case_from_others_or_from_the_server_s_own_come_back_with_what_is_theirs() {
        server.sql("mysql", """
                CREATE DATABASE Tale; CREATE DATABASE tale; CREATE DATABASE SYS;
                CREATE TABLE Tale.t (id int PRIMARY KEY); CREATE TABLE tale.t (id int PRIMARY KEY, v int);
                USE Tale; CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.id = NEW.id + 1;
                USE tale; CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.v = 7;
                CREATE EVENT Tale.e ON SCHEDULE EVERY 1 DAY DO DELETE FROM Tale.t;
                CREATE TABLE SYS.mine (id int PRIMARY KEY); INSERT INTO SYS.mine VALUES (1);
                INSERT INTO Tale.t VALUES (1); INSERT INTO tale.t VALUES (5, 5);
                """);
        try (BackupRun backup = new BackupRun(
                new MariadbEngine(), endpoint(), new BackupSpec(List.of(), List.of(), 1 << 20, true, true), directory, 1)) {
            BlobSetReader set = backup.complete();
            assertThat(set.manifest().databases()).extracting(entry -> entry.name()).contains("SYS", "Tale", "tale");
            for (String name : List.of("Tale", "tale", "SYS")) {
                restored(set, name, name + "_back").close();
                assertThat(text.checksums(name + "_back")).isEqualTo(text.checksums(name)).isNotEmpty();
                assertThat(text.definitions(name + "_back")).isEqualTo(text.definitions(name));
            }
        } finally {
            server.sql("mysql", "DROP DATABASE SYS; DROP DATABASE Tale; DROP DATABASE tale");
        }
    }

    @Test
    void no_two_databases_are_restored_under_one_name() {
        server.sql("mysql", "CREATE DATABASE one; CREATE DATABASE two; CREATE TABLE one.t (id int); CREATE TABLE two.t (id int)");
        String before = server.sql("mysql", DATABASES);
        try (BackupRun backup = backup("one", "two");
                MysqlRestoreRun restore = new MysqlRestoreRun(
                        new MariadbEngine(), endpoint(), backup.complete(),
                        new RestoreSpec(
                                Map.of("one", "both", "two", "both"), true, Set.of("both"), RestoreSpec.Globals.NONE, true, true),
                        false)) {
            assertThatThrownBy(restore::attempt)
                    .hasMessageContaining("INVALID_PARAMETER")
                    .hasMessageContaining("two databases of the set are to be restored as \"both\"");
        }
        assertThat(server.sql("mysql", DATABASES)).isEqualTo(before);
    }

    @Test
    void a_row_that_the_server_would_change_is_noticed_although_it_keeps_no_warnings() {
        server.sql("mysql", """
                SET SESSION sql_mode = '';
                CREATE DATABASE mute;
                CREATE TABLE mute.t (id int PRIMARY KEY, e enum('a') CHARACTER SET utf16);
                INSERT INTO mute.t VALUES (1, 'a'), (2, 'b');
                SET GLOBAL max_error_count = 0, sql_notes = 0;
                """);
        try (BackupRun backup = backup("mute");
                MysqlRestoreRun restore = new MysqlRestoreRun(
                        new MariadbEngine(), endpoint(), backup.complete(), "mute", "mute_copy", false)) {
            restore.attempt();
            assertThat(restore.problems().values()).singleElement()
                    .satisfies(problem -> assertThat(problem.code()).isEqualTo(ErrorCode.DATABASE_STATEMENT_FAILED));
        } finally {
            server.sql("mysql", "SET GLOBAL max_error_count = 64, sql_notes = 1");
        }
    }

    @Test
    void who_is_not_there_is_called_unreachable_and_the_reason_is_said() {
        Endpoint there = endpoint();
        assertThatThrownBy(() -> Session.open(
                new Endpoint(
                        "gone", there.engine(), "no-such-host.invalid", there.port(), there.user(), there.password(), "", Map.of()),
                "", "test"))
                .hasMessageContaining("DATABASE_UNREACHABLE").hasMessageContaining("UnknownHostException")
                .hasMessageContaining("host and port of \"gone\"");
    }

    @Test
    void timestamps_do_not_begin_to_change_by_themselves_on_a_server_with_other_defaults() {
        server.sql("mysql", """
                CREATE DATABASE clock;
                SET SESSION explicit_defaults_for_timestamp = 1;
                CREATE TABLE clock.t (id int PRIMARY KEY, at timestamp NOT NULL, seen timestamp NOT NULL);
                INSERT INTO clock.t VALUES (1, '2026-01-02 03:04:05', '2026-01-02 03:04:05');
                SET GLOBAL explicit_defaults_for_timestamp = 0;
                """);
        try (BackupRun backup = backup("clock")) {
            restored(backup.complete(), "clock", "clock_copy").close();
        } finally {
            server.sql("mysql", "SET GLOBAL explicit_defaults_for_timestamp = 1");
        }
        assertThat(text.definitions("clock_copy")).isEqualTo(text.definitions("clock"))
                .doesNotContain("ON UPDATE", "DEFAULT current_timestamp()");
    }

    @Test
    void history_that_a_default_by_a_sequence_belongs_to_comes_back() {
        server.sql("mysql", """
                CREATE DATABASE past;
                CREATE SEQUENCE past.sq;
                CREATE TABLE past.t (id int PRIMARY KEY, n bigint DEFAULT nextval(past.sq)) WITH SYSTEM VERSIONING;
                INSERT INTO past.t (id) VALUES (1), (2);
                UPDATE past.t SET n = 77 WHERE id = 1;
                """);
        try (BackupRun backup = backup("past")) {
            restored(backup.complete(), "past", "past_copy").close();
        }
        String history = "SELECT id, n, row_start, row_end FROM t FOR SYSTEM_TIME ALL ORDER BY id, row_start";
        assertThat(server.sql("past_copy", history)).isEqualTo(server.sql("past", history)).hasLineCount(3);
        assertThat(text.definitions("past_copy")).isEqualTo(text.definitions("past").replace("`past`", "`past_copy`"));
    }

    @Test
    void definers_of_what_was_made_with_ansi_quotes_or_in_the_oracle_mode_are_removed_too() {
        server.sql("mysql", """
                CREATE DATABASE quoting; CREATE USER other@localhost;
                CREATE TABLE quoting.t (id int);
                DELIMITER //
                SET SESSION sql_mode = 'ANSI_QUOTES'//
                CREATE DEFINER = other@localhost PROCEDURE quoting.p() SELECT 1//
                CREATE DEFINER = other@localhost TRIGGER quoting.tr BEFORE INSERT ON quoting.t FOR EACH ROW SET @a = 1//
                SET SESSION sql_mode = 'ORACLE'//
                CREATE DEFINER = other@localhost PACKAGE quoting.k AS FUNCTION f RETURN INT; END//
                CREATE DEFINER = other@localhost PACKAGE BODY quoting.k AS FUNCTION f RETURN INT AS BEGIN RETURN 1; END; END//
                """);
        try (BackupRun backup = backup("quoting");
                MysqlRestoreRun restore = new MysqlRestoreRun(
                        new MariadbEngine(), endpoint(), backup.complete(),
                        new RestoreSpec(
                                Map.of("quoting", "quoting_copy"), false, Set.of(), RestoreSpec.Globals.NONE, false, true),
                        false).complete()) {
            assertThat(restore.warnings()).isEmpty();
        }
        String definers = "SELECT count(*), max(definer) FROM (SELECT definer FROM information_schema.routines"
                + " WHERE routine_schema = DATABASE() UNION ALL SELECT definer FROM information_schema.triggers"
                + " WHERE trigger_schema = DATABASE()) d WHERE definer LIKE 'other@%'";
        assertThat(server.sql("quoting", definers)).isEqualTo("4\tother@localhost\n");
        assertThat(server.sql("quoting_copy", definers)).isEqualTo("0\tNULL\n");
    }

    @Test
    void a_table_of_an_engine_that_the_target_lacks_is_named() {
        server.sql("mysql", """
                INSTALL SONAME 'ha_archive';
                CREATE DATABASE kept; CREATE TABLE kept.t (id int) ENGINE = ARCHIVE; INSERT INTO kept.t VALUES (1), (2);
                """);
        try (BackupRun backup = backup("kept")) {
            BlobSetReader set = backup.complete();
            server.sql("mysql", "SET lock_wait_timeout = 5; DROP DATABASE kept; UNINSTALL SONAME 'ha_archive'");
            try (MysqlRestoreRun restore = restored(set, "kept", "kept")) {
                assertThat(restore.warnings()).anyMatch(warning -> warning.contains("table \"t\"") && warning.contains("ARCHIVE"));
            }
        }
        assertThat(server.sql("kept", "SELECT count(*) FROM t")).isEqualTo("2\n");
    }

    /** What is committed in the databases that it leaves out moves neither its position nor its GTIDs. */
    @Test
    void a_binary_log_that_leaves_databases_out_proves_nothing() {
        try (MysqlInstance filtered = MysqlInstance.start(Map.of("log-bin", "binlog", "binlog-ignore-db", "unlogged"))) {
            filtered.sql("mysql", """
                    CREATE DATABASE unlogged;
                    CREATE USER humble@'127.0.0.1' IDENTIFIED BY 'humble';
                    GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, BINLOG MONITOR ON *.* TO humble@'127.0.0.1';
                    """);
            Endpoint humble = new TestServer(new MariadbEngine(), filtered).account("humble", Map.of());
            try (BackupRun backup = new BackupRun(
                    new MariadbEngine(), humble, BackupRun.spec(1 << 16, "unlogged"), directory, 1)) {
                assertThatThrownBy(() -> backup.backup().preflight(backup)).hasMessageContainingAll(
                        "DATABASE_PRIVILEGE_MISSING", "RELOAD", "binlog_ignore_db", "unlogged");
                assertThat(backup.execute().problems().values()).singleElement().satisfies(problem -> {
                    assertThat(problem.code()).isEqualTo(ErrorCode.DATABASE_PRIVILEGE_MISSING);
                    assertThat(problem.cause()).contains("RELOAD", "binlog_ignore_db", "unlogged");
                });
            }
        }
    }

    @Test
    void tables_versioned_by_transactions_have_their_rows_whatever_time_all_sessions_are_to_see() {
        server.sql("mysql", """
                CREATE DATABASE asof;
                CREATE TABLE asof.t (id int PRIMARY KEY, a bigint unsigned GENERATED ALWAYS AS ROW START,
                    b bigint unsigned GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (a, b)) WITH SYSTEM VERSIONING;
                INSERT INTO asof.t (id) VALUES (1), (2);
                SET GLOBAL system_versioning_asof = '2020-01-01';
                """);
        try (BackupRun backup = backup("asof"); MysqlRestoreRun restore = restored(backup.complete(), "asof", "asof_copy")) {
            assertThat(restore.differences()).isEmpty();
        } finally {
            server.sql("mysql", "SET GLOBAL system_versioning_asof = DEFAULT");
        }
        assertThat(server.sql("asof_copy", "SELECT count(*) FROM t")).isEqualTo("2\n");
    }

    /** They are rolled back with the rows, or say of rows that are not there that they were loaded. */
    @Test
    void a_server_that_makes_markers_of_an_engine_without_transactions_is_refused() throws IOException {
        server.sql("mysql", "CREATE DATABASE enforced; CREATE TABLE enforced.t (id int PRIMARY KEY) ENGINE = InnoDB; INSERT INTO enforced.t VALUES (1);"
                + " CREATE DATABASE into_enforced; CREATE TABLE into_enforced.t LIKE enforced.t");
        Selection rows = new Selection(Selection.Sections.DATA, List.of(), List.of(), List.of(), Optional.empty());
        try (BackupRun backup = new BackupRun(new MariadbEngine(), endpoint(), BackupRun.spec(rows, "enforced"), directory, 1);
                MysqlRestoreRun restore =
                        new MysqlRestoreRun(new MariadbEngine(), endpoint(), backup.complete(), "enforced", "into_enforced", false)) {
            server.sql("mysql", "SET GLOBAL enforce_storage_engine = Aria");
            restore.attempt();
            assertThat(restore.problems().values()).singleElement().satisfies(problem -> {
                assertThat(problem.code()).isEqualTo(ErrorCode.DATABASE_WRONG);
                assertThat(problem.remedy()).contains("enforce_storage_engine");
            });
            assertThat(server.sql("mysql", "SHOW DATABASES LIKE '" + restore.temporary() + "'")).isEmpty();
            server.sql("mysql", "SET GLOBAL enforce_storage_engine = NULL");
            assertThat(restore.goOn().differences()).isEmpty();
        } finally {
            server.sql("mysql", "SET GLOBAL enforce_storage_engine = NULL");
        }
    }

    /** Somebody renames table a, and holds it for himself alone while he waits for table z, which another one reads. */
    private static final class Renaming implements AutoCloseable {
        private final Session reader = Session.open(endpoint(), "renamed", "test");
        private final CompletableFuture<Void> given;

        Renaming() {
            reader.sql().run("START TRANSACTION");
            reader.sql().number("SELECT count(*) FROM z");
            given = CompletableFuture.runAsync(() -> {
                try (Session renaming = Session.open(endpoint(), "renamed", "test")) {
                    renaming.sql().run("SET SESSION lock_wait_timeout = 4");
                    assertThatThrownBy(() -> renaming.sql().run("RENAME TABLE a TO a_old, z TO z_old")).hasMessageContaining("1205");
                }
            });
            while (!reader.sql().truth("SELECT count(*) FROM information_schema.processlist WHERE info LIKE 'RENAME TABLE %'"
                    + " AND state = 'Waiting for table metadata lock'") && !given.isDone()) {
                Thread.onSpinWait();
            }
        }

        @Override
        public void close() {
            given.join();
            reader.close();
        }
    }

    @Test
    void triggers_are_not_left_out_because_somebody_renames_their_table_when_they_are_listed() throws IOException {
        server.sql("mysql", """
                CREATE DATABASE renamed; USE renamed; CREATE SEQUENCE held; CREATE TABLE z (id int PRIMARY KEY); CREATE TABLE left_out (id int);
                CREATE TABLE a (id int PRIMARY KEY, n int); CREATE TRIGGER seven BEFORE INSERT ON a FOR EACH ROW SET NEW.n = 7;
                INSERT INTO a (id) VALUES (1);
                CREATE FUNCTION warned() RETURNS int DETERMINISTIC RETURN (SELECT count(*) FROM left_out);
                """);
        Selection most = new Selection(
                Selection.Sections.ALL, List.of(), List.of("left_out"), List.of(), Optional.empty());
        AtomicReference<Renaming> renaming = new AtomicReference<>();
        try (BackupRun backup = new BackupRun(new MariadbEngine(), endpoint(), BackupRun.spec(most, "renamed"), directory, 1)) {
            // of the function, that is: routines come before triggers. A view of the table would wait for the end
            backup.onWarning(warning -> {
                if (warning.contains("\"warned\"")) {
                    renaming.set(new Renaming());
                }
            });
            BlobSetReader set = backup.complete();
            renaming.get().close();
            new TestServer(new MariadbEngine(), server).restore(set, "renamed", "renamed_copy");
        }
        assertThat(server.sql("renamed_copy", "INSERT INTO a (id) VALUES (2); SELECT n FROM a")).isEqualTo("7\n7\n");
    }

    @Test
    void what_a_list_leaves_out_is_an_error() {
        server.sql("mysql", "CREATE DATABASE IF NOT EXISTS renamed; CREATE TABLE IF NOT EXISTS renamed.z (id int PRIMARY KEY);"
                + " CREATE TABLE IF NOT EXISTS renamed.a (id int PRIMARY KEY, n int)");
        String columns = "SELECT column_name FROM information_schema.columns WHERE table_schema = ? AND table_name IN ('a', 'z')";
        try (Session session = Session.open(endpoint(), "renamed", "test")) {
            session.sql().run("START TRANSACTION");
            session.sql().number("SELECT count(*) FROM z");
            assertThat(session.sql().listAll(columns, row -> row.getString(1), "renamed")).hasSize(3);
            try (Renaming renaming = new Renaming()) {
                assertThat(session.sql().list(columns, row -> row.getString(1), "renamed")).hasSize(1);
                assertThatThrownBy(() -> session.sql().listAll(columns, row -> row.getString(1), "renamed"))
                        .hasMessageContainingAll("DATABASE_TABLE_LOCKED", "1684");
            }
        }
    }

    @Test
    void a_database_whose_directory_the_server_may_not_read_is_not_left_out_without_a_word() throws IOException {
        server.sql("mysql", "CREATE DATABASE `un read`; CREATE TABLE `un read`.t (id int PRIMARY KEY); CREATE DATABASE `re ad`; CREATE TABLE `re ad`.t (id int PRIMARY KEY)");
        Path files = server.dataDirectory().resolve("un@0020read");
        Set<PosixFilePermission> before = Files.getPosixFilePermissions(files);
        Files.setPosixFilePermissions(files, Set.of());
        try (BackupRun backup = backup()) {
            backup.backup().preflight(backup);
            assertThat(backup.warnings()).filteredOn(warning -> warning.contains("does not list")).singleElement().asString()
                    .contains("of 1 databases", "backup: un read.");
        } finally {
            Files.setPosixFilePermissions(files, before);
        }
    }

    @Test
    void texts_that_are_in_another_order_in_their_key_are_in_the_set() throws IOException {
        server.sql("mysql", "CREATE DATABASE unpadded; USE unpadded; CREATE TABLE t (c char(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PRIMARY KEY, v char(200));"
                + " CREATE TABLE u (c varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PRIMARY KEY, v char(200));"
                + " INSERT INTO t SELECT concat(lpad(seq DIV 2, 5, '0'), if(seq % 2, '\\t', '')), sha2(seq, 512) FROM seq_0_to_3999; INSERT INTO u SELECT * FROM t; ANALYZE TABLE t, u");
        try (BackupRun backup = backup("unpadded")) {
            BlobSetReader set = backup.complete();
            assertThat(set.database(set.manifest().databases().get(0)).tables()).hasSize(2)
                    .allSatisfy(table -> assertThat(table.content().rows()).as(table.name()).isEqualTo(4000))
                    .anySatisfy(table -> assertThat(table.parts()).as(table.name()).hasSizeGreaterThan(3));
        }
    }

    @Test
    void directories_that_are_no_databases_are_in_no_backup_of_a_whole_server() throws IOException {
        Path lost = Files.createDirectory(server.dataDirectory().resolve("lost+found"));
        Path copied = Files.createDirectory(server.dataDirectory().resolve("cop-ied"));
        // as the server's own ones, so that it may write into them
        UserPrincipal owner = Files.getOwner(server.dataDirectory());
        Files.setOwner(copied, owner);
        try (BackupRun backup = backup()) {
            assertThat(server.sql("mysql", "CREATE TABLE `#mysql50#cop-ied`.t (id int PRIMARY KEY); " + DATABASES))
                    .contains("#mysql50#lost+found\n", "#mysql50#cop-ied\n");
            assertThat(backup.backup().plan(backup)).extracting(ItemDraft::database).contains("#mysql50#cop-ied").doesNotContain("#mysql50#lost+found");
            backup.backup().preflight(backup);
            assertThat(backup.warnings()).noneMatch(warning -> warning.contains("does not list"));
            Set<PosixFilePermission> before = Files.getPosixFilePermissions(copied);
            Files.setPosixFilePermissions(copied, Set.of());
            backup.backup().preflight(backup);
            assertThat(backup.warnings()).anyMatch(warning -> warning.contains("does not list") && warning.contains("backup: cop-ied."));
            Files.setPosixFilePermissions(copied, before);
        } finally {
            server.sql("mysql", "DROP TABLE `#mysql50#cop-ied`.t");
            Files.delete(lost);
        }
    }

    @Test
    void a_routine_is_not_left_out_as_broken_because_somebody_has_ended_the_question_for_it() {
        server.sql("mysql", """
                CREATE DATABASE ended; USE ended; CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE left_out (id int);
                CREATE FUNCTION first() RETURNS int DETERMINISTIC RETURN (SELECT count(*) FROM left_out);
                CREATE FUNCTION second() RETURNS int DETERMINISTIC RETURN 2;
                """);
        Selection most = new Selection(Selection.Sections.ALL, List.of(), List.of("left_out"), List.of(), Optional.empty());
        AtomicReference<CompletableFuture<Void>> ending = new AtomicReference<>();
        try (BackupRun backup = new BackupRun(new MariadbEngine(), endpoint(), BackupRun.spec(most, "ended"), directory, 1)) {
            backup.onWarning(warning -> {
                if (warning.contains("\"first\"")) {
                    Session holding = Session.open(endpoint(), "", "test");
                    holding.sql().run("LOCK TABLES mysql.proc WRITE");
                    ending.set(CompletableFuture.runAsync(() -> end("SHOW CREATE FUNCTION `second`")).whenComplete((any, failure) -> holding.close()));
                }
            });
            backup.execute();
            ending.get().join();
            assertThat(backup.problems().values()).singleElement().asString().contains("SHOW CREATE FUNCTION `second`", "1317");
            assertThat(backup.warnings()).noneMatch(warning -> warning.contains("broken"));
        }
    }

    /** Ends a statement that waits for a lock. */
    private static void end(String statement) {
        try (Session watching = Session.open(endpoint(), "", "test")) {
            AtomicLong waiting = new AtomicLong();
            TestServer.await(statement + " waits", () -> {
                watching.sql().first(
                        "SELECT id FROM information_schema.processlist WHERE info = ? AND state = 'Waiting for table metadata lock'",
                        row -> row.getLong(1), statement).ifPresent(waiting::set);
                return waiting.get() != 0;
            });
            watching.sql().run("KILL QUERY " + waiting.get());
        }
    }
}
