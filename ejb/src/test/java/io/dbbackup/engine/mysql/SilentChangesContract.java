package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.manifest.PartManifest;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.RestoreSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What others do meanwhile, or have set for all sessions, without that the server would say it. */
abstract class SilentChangesContract extends RangesContract {
    private boolean ofMariadb() {
        return server().engine().type().equals("mariadb");
    }

    final BackupRun rowsAlone(String database) throws IOException {
        return server().rowsOf(Files.createDirectory(directory().resolve("rows_" + database)), database);
    }

    /** Copies a tablespace and what is needed to import it, as the server's user has it. */
    private static void copy(Path from, Path to) throws IOException {
        for (String file : List.of("t.ibd", "t.cfg")) {
            Files.copy(from.resolve(file), to.resolve(file));
            Files.setOwner(to.resolve(file), Files.getOwner(from));
        }
    }

    private void importOld(String database, Path old) {
        try (Session session = Session.open(server().endpoint(), database, "test")) {
            session.sql().run("ALTER TABLE t DISCARD TABLESPACE");
            Path directory = server().instance().dataDirectory().resolve(database);
            Files.deleteIfExists(directory.resolve("t.cfg"));
            copy(old, directory);
            session.sql().run("ALTER TABLE t IMPORT TABLESPACE");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a_tablespace_that_is_imported_after_the_snapshot_makes_its_database_start_again() throws IOException {
        // the largest is opened first: one import comes before the definitions are read, the other one after that
        server().sql("mysql", """
                CREATE DATABASE import_first; CREATE TABLE import_first.b (id int PRIMARY KEY, v longblob) ENGINE = InnoDB;
                INSERT INTO import_first.b VALUES (1, repeat('x', 1000000)); ANALYZE TABLE import_first.b;
                """);
        List<String> databases = List.of("import_late", "import_now");
        for (String database : databases) {
            server().sql("mysql", """
                    CREATE DATABASE %1$s; CREATE TABLE %1$s.t (id int PRIMARY KEY, v varchar(20)) ENGINE = InnoDB;
                    INSERT INTO %1$s.t VALUES (1, 'old'), (2, 'old'), (3, 'old');
                    """.formatted(database));
            try (Session session = Session.open(server().endpoint(), database, "test")) {
                session.sql().run("FLUSH TABLES t FOR EXPORT");
                Path old = Files.createDirectory(directory().resolve(database));
                Files.setOwner(old, Files.getOwner(server().instance().dataDirectory()));
                copy(server().instance().dataDirectory().resolve(database), old);
                session.sql().run("UNLOCK TABLES");
            }
            server().sql(database, "UPDATE t SET v = 'at the snapshot'; INSERT INTO t VALUES (4, 'at the snapshot')");
        }
        List<String> opened = new ArrayList<>();
        try (BackupRun backup = server().backup(directory(), 1, "import_first", "import_late", "import_now")) {
            backup.onDone((item, result) -> {
                if (item.kind().equals("mysql.open")) {
                    if (!opened.contains(item.database()) && !item.database().equals("import_late")) {
                        String changed = item.database().equals("import_now") ? "import_now" : "import_late";
                        importOld(changed, directory().resolve(changed));
                    }
                    opened.add(item.database());
                }
            });
            BlobSetReader set = backup.complete();
            // one is lost before it is open
            assertThat(opened).containsExactlyInAnyOrder("import_first", "import_late", "import_now", "import_now");
            assertThat(backup.databases().stream().map(each -> each.snapshotAt()).distinct()).hasSize(3);
            databases.forEach(each -> server().restore(set, each, each + "_copy"));
        }
        databases.forEach(each -> server().requireEqual(each + "_copy", each));
    }

    @Test
    void who_may_not_see_whether_partitions_were_exchanged_is_told_when_somebody_has_altered_tables() throws IOException {
        server().sql("mysql", """
                CREATE DATABASE blind; USE blind;
                CREATE TABLE t (id int PRIMARY KEY) ENGINE = InnoDB;
                CREATE TABLE p (id int PRIMARY KEY) ENGINE = InnoDB
                    PARTITION BY RANGE (id) (PARTITION low VALUES LESS THAN (100), PARTITION high VALUES LESS THAN (1000));
                INSERT INTO p VALUES (1), (2), (200); INSERT INTO t VALUES (10), (11), (12);
                CREATE USER unseeing@'127.0.0.1' IDENTIFIED BY 'unseeing';
                GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, RELOAD, %s ON *.* TO unseeing@'127.0.0.1';
                """.formatted(ofMariadb() ? "BINLOG MONITOR, BINLOG ADMIN" : "REPLICATION CLIENT, BACKUP_ADMIN"));
        for (boolean exchanged : new boolean[] {false, true}) {
            // one worker: what is done between two items is done before the next one
            try (BackupRun backup = new BackupRun(
                    server().engine(), server().account("unseeing", Map.of()), BackupRun.spec(TestServer.PART_BYTES, "blind"),
                    Files.createDirectory(directory().resolve("blind_" + exchanged)), 1)) {
                backup.onDone((item, result) -> {
                    if (exchanged && Set.of("mysql.bundle", "mysql.part").contains(item.kind())) {
                        server().sql("blind", "ALTER TABLE p EXCHANGE PARTITION low WITH TABLE t");
                    }
                });
                backup.complete();
                assertThat(backup.warnings().stream().filter(warning -> warning.contains("GRANT PROCESS ON *.*"))).hasSize(exchanged ? 1 : 0);
            }
        }
    }

    @Test
    void sessions_read_what_they_are_to_read_and_check_keys_whatever_is_set_for_all() {
        String joinSize = server().sql("mysql", "SELECT @@global.max_join_size").strip();
        server().sql("mysql", "SET GLOBAL max_join_size = 1; SET GLOBAL group_concat_max_len = 4; SET GLOBAL foreign_key_checks = 0;"
                + " SET GLOBAL unique_checks = 0; SET GLOBAL sql_buffer_result = 1");
        try (Session session = Session.open(server().endpoint(), "helper", "test")) {
            assertThat(session.sql().number("SELECT @@foreign_key_checks * 100 + @@unique_checks * 10 + @@sql_buffer_result")).isEqualTo(110);
            assertThat(session.sql().text("SELECT group_concat(seq) FROM n WHERE seq BETWEEN 10 AND 12")).hasSize(8);
            assertThat(session.sql().number("SELECT count(*) FROM n a JOIN n b ON a.seq = b.seq")).isPositive();
        } finally {
            server().sql("mysql", "SET GLOBAL max_join_size = " + joinSize + "; SET GLOBAL group_concat_max_len = 1024;"
                    + " SET GLOBAL foreign_key_checks = 1; SET GLOBAL unique_checks = 1; SET GLOBAL sql_buffer_result = 0");
        }
    }

    @Test
    void a_commit_begins_no_transaction_whatever_is_set_for_all() {
        server().sql("mysql", "CREATE DATABASE chained; CREATE TABLE chained.t (id int PRIMARY KEY) ENGINE = InnoDB; SET GLOBAL completion_type = 'CHAIN'");
        try (Session session = Session.open(server().endpoint(), "chained", "test")) {
            session.sql().run("START TRANSACTION");
            session.sql().number("SELECT count(*) FROM t");
            session.sql().run("COMMIT");
            session.sql().number("SELECT count(*) FROM t");
            server().sql("chained", "SET SESSION completion_type = 0; INSERT INTO t VALUES (1)");
            assertThat(session.sql().number("SELECT count(*) FROM t")).isEqualTo(1);
        } finally {
            server().sql("mysql", "SET GLOBAL completion_type = 'NO_CHAIN'");
        }
    }

    @Test
    void rows_that_others_write_into_a_table_without_transactions_after_an_interrupted_load_stay() throws IOException {
        String table = "CREATE TABLE t (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, v char(150) CHARACTER SET latin1) ENGINE = MyISAM";
        server().sql("mysql", "CREATE DATABASE mine; CREATE DATABASE theirs; USE mine; " + table + "; INSERT INTO t (v) SELECT 'x' FROM helper.n"
                + " WHERE seq BETWEEN 1 AND 5000; USE theirs; " + table);
        try (BackupRun backup = rowsAlone("mine")) {
            BlobSetReader set = backup.complete();
            PartManifest part = set.database(set.manifest().databases().get(0)).tables().get(0).parts().get(0);
            AtomicReference<Runnable> kill = new AtomicReference<>(() -> {
                throw new IllegalStateException("as when somebody unplugs it");
            });
            try (MysqlRestoreRun restore = new MysqlRestoreRun(
                    server().engine(), server().endpoint(), new KillingSet(set, part.blob(), part.plainBytes() / 2, kill), "mine", "theirs", false)) {
                restore.attempt();
                assertThat(restore.problems()).hasSize(1);
                server().sql("theirs", "INSERT INTO t VALUES (70000, 'theirs')");
                assertThatThrownBy(restore::goOn).hasMessageContaining("TABLE_NOT_EMPTY").hasMessageContaining("an interrupted attempt");
                assertThat(server().sql("theirs", "SELECT v FROM t WHERE id = 70000")).isEqualTo("theirs\n");
                server().sql("theirs", "TRUNCATE TABLE t");
                assertThat(restore.goOn().differences()).isEmpty();
            }
        }
        assertThat(server().sql("theirs", "SELECT count(*) FROM t")).isEqualTo("5000\n");
    }

    @Test
    void rows_alone_do_not_set_back_what_a_table_has_counted_up_to() throws IOException {
        String tables = "CREATE TABLE %s (id int AUTO_INCREMENT PRIMARY KEY, v int) ENGINE = InnoDB AUTO_INCREMENT = %d;";
        server().sql("mysql", "CREATE DATABASE counting; CREATE DATABASE counted_up; USE counting;" + tables.formatted("ahead", 10)
                + tables.formatted("behind", 700) + "INSERT INTO ahead VALUES (1, 1); INSERT INTO behind VALUES (1, 1); USE counted_up;"
                + tables.formatted("ahead", 5000) + tables.formatted("behind", 20));
        try (BackupRun backup = rowsAlone("counting");
                MysqlRestoreRun restore = server().restoring(backup.complete(), "counting", "counted_up", true).complete()) {
            assertThat(restore.differences()).isEmpty();
            assertThat(restore.warnings()).singleElement().asString().contains("\"ahead\"", "5000", "10");
        }
        assertThat(server().sql("counted_up", "INSERT INTO ahead (v) VALUES (2); SELECT last_insert_id(); INSERT INTO behind (v) VALUES (2);"
                + " SELECT last_insert_id()")).isEqualTo("5000\n700\n");
    }

    @Test
    void tables_that_are_emptied_for_rows_alone_go_on_counting_where_they_were_also_behind_a_kill_or_discard() throws IOException {
        String tables = "CREATE TABLE a_ahead (id int AUTO_INCREMENT PRIMARY KEY, v int) ENGINE = %2$s AUTO_INCREMENT = %1$d;"
                + " CREATE TABLE m_empty (id int AUTO_INCREMENT PRIMARY KEY, v int) ENGINE = %2$s AUTO_INCREMENT = %1$d;"
                + " CREATE TABLE z_last (id int AUTO_INCREMENT PRIMARY KEY, v int) ENGINE = %2$s AUTO_INCREMENT = %1$d;";
        server().sql("mysql", "CREATE USER frugal@'127.0.0.1' IDENTIFIED BY 'frugal';"
                + " GRANT SELECT, INSERT, DELETE, CREATE, DROP, ALTER, TRIGGER, SHOW DATABASES ON *.* TO frugal@'127.0.0.1'");
        for (String how : List.of("InnoDB", "MyISAM", "InnoDB discarded")) {
            // it may not change rows, which those without transactions take
            Endpoint account = how.startsWith("InnoDB") ? server().account("frugal", Map.of()) : server().endpoint();
            String engine = how.replaceFirst(" .*", "");
            String set = "emptied_of_" + how.replace(' ', '_');
            String target = "filled_of_" + how.replace(' ', '_');
            server().sql("mysql", "CREATE DATABASE " + set + "; CREATE DATABASE " + target + "; USE " + set + ";" + tables.formatted(10, engine)
                    + "INSERT INTO a_ahead VALUES (1, 1); INSERT INTO z_last VALUES (1, 1); USE " + target + ";" + tables.formatted(5000, engine)
                    + "INSERT INTO a_ahead (v) VALUES (1); INSERT INTO z_last (v) VALUES (1)");
            try (BackupRun backup = rowsAlone(set);
                    Session other = Session.open(server().endpoint(), target, "somebody else")) {
                BlobSetReader reader = backup.complete();
                server().sql("mysql", "SET GLOBAL lock_wait_timeout = 1");
                try (MysqlRestoreRun restore = server().replacing(account, reader, set, target)) {
                    other.sql().run("START TRANSACTION");
                    other.sql().number("SELECT count(*) FROM z_last");
                    restore.attempt();
                    // the first one is empty, and whoever emptied it has come no further
                    assertThat(restore.problems()).hasSize(1);
                    assertThat(server().sql(target, "SELECT (SELECT count(*) FROM a_ahead), (SELECT count(*) FROM z_last)")).isEqualTo("0\t1\n");
                    other.sql().run("ROLLBACK");
                    // the application goes on until the restart, also where there was nothing to empty
                    server().sql(target, "INSERT INTO m_empty (v) VALUES (2); INSERT INTO z_last (v) VALUES (2)");
                    if (how.equals(engine)) {
                        assertThat(restore.goOn().differences()).isEmpty();
                    } else {
                        server().engine().logicalRestore().discardRows(server().endpoint(), restore.run(), target);
                        assertThat(server().sql(target, "SELECT count(*) FROM z_last")).isEqualTo("2\n");
                    }
                    assertThat(restore.warnings()).hasSize(how.equals(engine) ? 3 : 0).allMatch(warning -> warning.contains("is beyond that of the set, 10"));
                } finally {
                    server().sql("mysql", "SET GLOBAL lock_wait_timeout = DEFAULT");
                }
            }
            assertThat(server().sql(target, "INSERT INTO a_ahead (v) VALUES (3); SELECT last_insert_id(); INSERT INTO m_empty (v) VALUES (3);"
                    + " SELECT last_insert_id(); INSERT INTO z_last (v) VALUES (3); SELECT last_insert_id()")).as(how).isEqualTo("5001\n5001\n5002\n");
        }
    }

    @Test
    void a_null_of_which_the_target_would_make_a_value_is_no_row_of_a_success() throws IOException {
        server().sql("mysql", """
                CREATE DATABASE nulls; CREATE DATABASE values_only;
                CREATE TABLE nulls.seen (id int PRIMARY KEY, at timestamp NULL) ENGINE = InnoDB;
                CREATE TABLE nulls.counted (id int PRIMARY KEY, n int) ENGINE = InnoDB;
                CREATE TABLE nulls.same (id int PRIMARY KEY, at timestamp NULL, n int) ENGINE = InnoDB;
                INSERT INTO nulls.seen VALUES (1, NULL), (2, '2026-01-01'); INSERT INTO nulls.counted VALUES (1, NULL), (2, 7);
                INSERT INTO nulls.same VALUES (1, NULL, NULL);
                CREATE TABLE values_only.seen (id int PRIMARY KEY, at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP) ENGINE = InnoDB;
                CREATE TABLE values_only.counted (id int PRIMARY KEY, n int AUTO_INCREMENT, KEY (n)) ENGINE = InnoDB;
                CREATE TABLE values_only.same LIKE nulls.same;
                """);
        try (BackupRun backup = rowsAlone("nulls")) {
            BlobSetReader set = backup.complete();
            assertThatThrownBy(() -> server().replacing(set, "nulls", "values_only").attempt()).hasMessageContaining("TABLE_MISMATCH")
                    .hasMessageContaining("column at of seen").hasMessageContaining("column n of counted")
                    .satisfies(refused -> assertThat(refused.getMessage()).doesNotContain("same"));
            for (TestServer.Loading way : TestServer.Loading.values()) {
                server().takes(way);
                try (MysqlRestoreRun restore = server().replacing(ChangedSet.withoutNullable(set), "nulls", "values_only")) {
                    restore.attempt();
                    assertThat(restore.problems()).as(way.name()).allSatisfy((key, problem) ->
                            assertThat(problem.code()).isEqualTo(ErrorCode.DATABASE_STATEMENT_FAILED));
                    if (restore.problems().isEmpty()) {
                        assertThat(restore.differences()).as(way.name()).hasSize(2);
                        assertThat(restore.warnings()).anyMatch(warning -> warning.contains("table seen of database \"values_only\""))
                                .anyMatch(warning -> warning.contains("table counted of database \"values_only\""))
                                .noneMatch(warning -> warning.contains("table same"));
                    }
                    server().engine().logicalRestore().discard(server().endpoint(), restore.run());
                }
            }
        } finally {
            server().takes(TestServer.Loading.MANY_AT_A_TIME);
        }
    }

    @Test
    void spaces_that_the_target_cuts_off_are_seen_also_where_it_generates_columns() throws IOException {
        server().sql("mysql", """
                CREATE DATABASE wide_texts; CREATE DATABASE narrow_texts;
                CREATE TABLE wide_texts.t (id int PRIMARY KEY, a varchar(20) CHARACTER SET utf8mb4, g int AS (length(a))) ENGINE = InnoDB;
                INSERT INTO wide_texts.t (id, a) VALUES (1, concat('abc', space(10))), (2, 'abc');
                CREATE TABLE narrow_texts.t (id int PRIMARY KEY, a varchar(5) CHARACTER SET utf8mb4, g int AS (length(a))) ENGINE = InnoDB;
                """);
        try (BackupRun backup = rowsAlone("wide_texts")) {
            BlobSetReader set = backup.complete();
            for (TestServer.Loading way : TestServer.Loading.values()) {
                server().takes(way);
                try (MysqlRestoreRun restore = server().replacing(set, "wide_texts", "narrow_texts")) {
                    assertThat(restore.complete().differences()).as(way.name()).hasSize(1);
                    assertThat(restore.warnings()).as(way.name()).anyMatch(warning -> warning.contains("table t of") && warning.contains("lose spaces"));
                }
            }
            server().sql("narrow_texts", "DROP TABLE t; CREATE TABLE t LIKE wide_texts.t");
            try (MysqlRestoreRun restore = server().replacing(set, "wide_texts", "narrow_texts").complete()) {
                assertThat(restore.differences()).isEmpty();
            }
        } finally {
            server().takes(TestServer.Loading.MANY_AT_A_TIME);
        }
    }

    @Test
    void tables_of_others_that_refer_to_a_database_that_is_replaced_are_named() throws IOException {
        server().sql("mysql", """
                CREATE DATABASE parents; CREATE DATABASE children;
                CREATE TABLE parents.p (id int PRIMARY KEY) ENGINE = InnoDB; INSERT INTO parents.p VALUES (1);
                CREATE TABLE children.`c c` (id int PRIMARY KEY, p int, FOREIGN KEY (p) REFERENCES parents.p (id)) ENGINE = InnoDB;
                """);
        try (BackupRun backup = server().backup(Files.createDirectory(directory().resolve("parents")), 1, "parents")) {
            BlobSetReader set = backup.complete();
            server().sql("mysql", "INSERT INTO parents.p VALUES (2); INSERT INTO children.`c c` VALUES (1, 2)");
            RestoreSpec spec = new RestoreSpec(
                    Map.of("parents", "parents"), true, Set.of("parents"), RestoreSpec.Globals.NONE, true, true);
            try (MysqlRestoreRun restore = new MysqlRestoreRun(server().engine(), server().endpoint(), set, spec, false).complete()) {
                assertThat(restore.differences()).isEmpty();
                assertThat(restore.warnings()).singleElement().asString().contains("`children`.`c c`");
            }
        }
        assertThat(server().sql("mysql", "SELECT (SELECT count(*) FROM parents.p), (SELECT count(*) FROM children.`c c`)")).isEqualTo("1\t1\n");
    }
}
