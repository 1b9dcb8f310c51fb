package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.RestoreSpec;
import io.dbbackup.throwaway.MysqlInstance;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** History of system-versioned tables of MariaDB. */
class MariadbHistoryTest {
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

    @Test
    void history_by_transactions_is_left_out_with_a_warning_and_the_current_rows_come_back() {
        server.sql("mysql", """
                CREATE DATABASE numbered; USE numbered;
                CREATE TABLE t (id int PRIMARY KEY, v int, `s bigint` bigint unsigned GENERATED ALWAYS AS ROW START,
                    e bigint unsigned GENERATED ALWAYS AS ROW END INVISIBLE, PERIOD FOR SYSTEM_TIME (`s bigint`, e)) WITH SYSTEM VERSIONING;
                INSERT INTO t (id, v) VALUES (1, 1), (2, 2), (3, 3); UPDATE t SET v = 4 WHERE id = 1; DELETE FROM t WHERE id = 3;
                CREATE TABLE timed (id int PRIMARY KEY, `v bigint` bigint) WITH SYSTEM VERSIONING;
                INSERT INTO timed VALUES (1, 1); UPDATE timed SET `v bigint` = 2;
                """);
        try (BackupRun backup = server.backup(directory, 1, "numbered")) {
            BlobSetReader set = backup.complete();
            assertThat(backup.warnings()).singleElement().asString().contains("\"numbered\"", "of 1 table ", "BIGINT UNSIGNED", ": t.");
            server.restore(set, "numbered", "numbered_copy");
        }
        String rows = "SELECT id, v FROM t ORDER BY id; SELECT *, row_start FROM timed FOR SYSTEM_TIME ALL ORDER BY row_start";
        assertThat(server.sql("numbered_copy", rows)).isEqualTo(server.sql("numbered", rows)).startsWith("1\t4\n2\t2\n1\t1").hasLineCount(4);
        assertThat(server.text().definitions("numbered_copy")).isEqualTo(server.text().definitions("numbered"));
    }

    @Test
    void rows_alone_replace_those_of_a_table_with_history_by_transactions() {
        server.sql("mysql", """
                CREATE DATABASE alone; USE alone;
                CREATE TABLE t (id int PRIMARY KEY, s bigint unsigned GENERATED ALWAYS AS ROW START,
                    e bigint unsigned GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (s, e)) WITH SYSTEM VERSIONING;
                INSERT INTO t (id) VALUES (1), (2);
                """);
        try (BackupRun backup = server.rowsOf(directory, "alone")) {
            BlobSetReader set = backup.complete();
            server.sql("alone", "DELETE FROM t WHERE id = 2; INSERT INTO t (id) VALUES (7)");
            RestoreSpec spec = new RestoreSpec(Map.of("alone", "alone"), true, Set.of("alone"), RestoreSpec.Globals.NONE, true, true);
            try (MysqlRestoreRun restore = new MysqlRestoreRun(server.engine(), server.endpoint(), set, spec, true).complete()) {
                assertThat(restore.differences()).isEmpty();
            }
        }
        assertThat(server.sql("alone", "SELECT id FROM t ORDER BY id; SELECT count(*) FROM t FOR SYSTEM_TIME ALL")).isEqualTo("1\n2\n2\n");
    }

    @Test
    void history_in_partitions_of_so_many_rows_is_spread_over_them_again() {
        String partitions = "(PARTITION p0 HISTORY, PARTITION p1 HISTORY, PARTITION p2 HISTORY, PARTITION pn CURRENT)";
        server.sql("mysql", """
                CREATE DATABASE spread; USE spread;
                CREATE TABLE plain (id int PRIMARY KEY, v int, word enum('a', 'b')) COMMENT 'x\\n PARTITION BY SYSTEM_TIME LIMIT 5'
                    WITH SYSTEM VERSIONING PARTITION BY SYSTEM_TIME LIMIT 3 %1$s;
                CREATE TABLE divided (id int PRIMARY KEY, v int)
                    WITH SYSTEM VERSIONING PARTITION BY SYSTEM_TIME LIMIT 3 SUBPARTITION BY KEY (id) SUBPARTITIONS 2 %1$s;
                CREATE TABLE overfull (id int PRIMARY KEY, v int) ENGINE = Aria
                    WITH SYSTEM VERSIONING PARTITION BY SYSTEM_TIME LIMIT 2 %1$s;
                CREATE TABLE growing (id int PRIMARY KEY, v int, `e nd` timestamp(6) GENERATED ALWAYS AS ROW END,
                    s timestamp(6) GENERATED ALWAYS AS ROW START, PERIOD FOR SYSTEM_TIME (s, `e nd`))
                    WITH SYSTEM VERSIONING PARTITION BY SYSTEM_TIME LIMIT 3 AUTO;
                DELIMITER //
                CREATE PROCEDURE fill(t varchar(20)) BEGIN
                    EXECUTE IMMEDIATE concat('INSERT INTO ', t, ' (id, v) VALUES (1, 0), (2, -1)');
                    FOR i IN 1 .. 8 DO
                        EXECUTE IMMEDIATE concat('UPDATE ', t, ' SET v = ', i, ' WHERE id = 1');
                    END FOR;
                END//
                DELIMITER ;
                CALL fill('plain'); CALL fill('divided'); CALL fill('overfull'); CALL fill('growing');
                """.formatted(partitions));
        String where = "plain divided overfull".transform(names -> {
            StringBuilder query = new StringBuilder();
            for (String table : names.split(" ")) {
                for (String partition : List.of("p0", "p1", "p2", "pn")) {
                    query.append("SELECT '%1$s %2$s', id, v FROM %1$s PARTITION (%2$s) ORDER BY v;".formatted(table, partition));
                }
            }
            return query.append("SELECT 'growing', id, v FROM growing PARTITION (p0) ORDER BY v;"
                    + " SELECT 'growing', id, v, `e nd`, s FROM growing FOR SYSTEM_TIME ALL ORDER BY v").toString();
        });
        String original = server.sql("spread", where);
        assertThat(original).contains("plain p1\t1\t3\n", "divided p2\t1\t7\n", "overfull p2\t1\t7\n", "growing\t1\t2\ngrowing\t2\t-1\t");
        try (BackupRun backup = server.backup(directory, 1, "spread")) {
            BlobSetReader set = backup.complete();
            try (MysqlRestoreRun restore = server.restoring(set, "spread", "spread_copy", true).complete()) {
                assertThat(restore.differences()).isEmpty();
                assertThat(restore.warnings()).isEmpty();
            }
            server.sql("mysql", """
                    CREATE USER few@'127.0.0.1' IDENTIFIED BY 'few';
                    GRANT SELECT, INSERT, CREATE, DROP, ALTER, INDEX, CREATE ROUTINE, ALTER ROUTINE, LOCK TABLES, SET USER ON *.* TO few@'127.0.0.1'
                    """);
            try (MysqlRestoreRun restore =
                    new MysqlRestoreRun(server.engine(), server.account("few", Map.of()), set, "spread", "spread_few", false)) {
                assertThatThrownBy(restore::complete).hasMessageContainingAll("DATABASE_PRIVILEGE_MISSING", "lacks DELETE, UPDATE on `dbbackup\\_restoring\\_%`.* for this restore");
            }
        }
        assertThat(server.sql("spread_copy", where)).isEqualTo(original);
        assertThat(server.text().definitions("spread_copy")).isEqualTo(server.text().definitions("spread"));
    }
}
