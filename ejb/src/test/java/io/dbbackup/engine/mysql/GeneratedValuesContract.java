package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.RestoreSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Generated columns whose expressions meet values that they cannot convert, as servers take them that are not strict. */
abstract class GeneratedValuesContract extends DefinitionBytesContract {
    private static final String TABLES = """
            DROP DATABASE IF EXISTS unclean; CREATE DATABASE unclean CHARACTER SET utf8mb4; USE unclean; SET sql_mode = '';
            CREATE TABLE kept (id int PRIMARY KEY, s varchar(20), n int AS (CAST(s AS SIGNED)) STORED);
            CREATE TABLE keyed (id int PRIMARY KEY, s varchar(20), n int AS (CAST(s AS SIGNED)) VIRTUAL, KEY (n), UNIQUE KEY (s));
            CREATE TABLE old (id int, s varchar(20), n int AS (CAST(s AS SIGNED)) STORED) ENGINE = MyISAM;
            CREATE TABLE other (id int PRIMARY KEY, s varchar(20));
            """;
    private static final String ROWS = "INSERT INTO kept (id, s) VALUES (1, 'abc'), (2, '12'), (3, '13x'), (4, NULL);"
            + " INSERT INTO keyed (id, s) SELECT id, s FROM kept; INSERT INTO old (id, s) SELECT id, s FROM kept;"
            + " INSERT INTO other SELECT id, s FROM kept;";

    private BackupRun backUpUnclean() throws IOException {
        server().sql("mysql", TABLES + ROWS);
        return server().backup(Files.createTempDirectory(directory(), "unclean"), 1, "unclean");
    }

    @Test
    void what_an_expression_cannot_convert_is_no_reason_to_refuse_a_row() throws IOException {
        try (BackupRun backup = backUpUnclean()) {
            BlobSetReader set = backup.complete();
            for (boolean twice : new boolean[] {false, true}) {
                restored(set, "unclean_loaded_" + twice, twice);
            }
            try {
                server().takes(TestServer.Loading.LOAD_DATA);
                restored(set, "unclean_by_load_data", false);
                server().takes(TestServer.Loading.INSERT);
                restored(set, "unclean_inserted", false);
            } finally {
                server().takes(TestServer.Loading.MANY_AT_A_TIME);
            }
        }
    }

    private void restored(BlobSetReader set, String name, boolean twice) {
        try (MysqlRestoreRun restore = server().restoring(set, "unclean", name, twice).complete()) {
            assertThat(restore.differences()).isEmpty();
        }
        for (String table : new String[] {"kept", "keyed", "old"}) {
            String rows = "SELECT id, s, n FROM " + table + " ORDER BY id";
            assertThat(server().sql(name, rows)).isEqualTo(server().sql("unclean", rows)).contains("13x\t13");
        }
        String byKey = "SELECT n, id FROM keyed FORCE INDEX (n) WHERE n > 0 ORDER BY n";
        assertThat(server().sql(name, byKey)).isEqualTo(server().sql("unclean", byKey)).isEqualTo("12\t2\n13\t3\n");
    }

    @Test
    void a_row_that_the_server_does_change_beside_a_generated_column_is_refused_all_the_same() throws IOException {
        try (BackupRun backup = backUpUnclean()) {
            BlobSetReader set = backup.complete();
            for (String table : new String[] {"kept", "old"}) {
                try (MysqlRestoreRun restore = server().restoring(set, "unclean", "unclean_cut_" + table, false)) {
                    restore.after("mysql.restore.schema", "unclean", () -> server().sql(
                                    restore.temporary(), "ALTER TABLE " + table + " MODIFY s varchar(2)"))
                            .attempt();
                    assertThat(restore.problems().values()).anySatisfy(problem -> {
                        assertThat(problem.code()).isEqualTo(ErrorCode.FINGERPRINT_MISMATCH);
                        assertThat(problem.cause()).contains("table " + table);
                    });
                    server().sql("mysql", "DROP DATABASE " + restore.temporary());
                }
            }
        }
    }

    /** Whoever uses the table would see such a row until all are in. */
    @Test
    void rows_alone_are_committed_into_the_table_of_somebody_else_only_as_they_are() throws IOException {
        server().sql("mysql", "DROP DATABASE IF EXISTS narrow; CREATE DATABASE narrow; USE narrow; SET sql_mode = '';"
                + " CREATE TABLE t (id int PRIMARY KEY, s varchar(9), n int AS (id + 1) STORED); INSERT INTO t (id, s) VALUES (1, 'abc')");
        try (BackupRun backup = server().rowsOf(Files.createTempDirectory(directory(), "narrow"), "narrow")) {
            BlobSetReader set = backup.complete();
            server().sql("narrow", "DELETE FROM t; ALTER TABLE t MODIFY s varchar(2)");
            RestoreSpec spec = new RestoreSpec(Map.of("narrow", "narrow"), false, Set.of(), RestoreSpec.Globals.NONE, true, true);
            try (MysqlRestoreRun restore = new MysqlRestoreRun(server().engine(), server().endpoint(), set, spec, false)) {
                restore.attempt();
                assertThat(restore.problems().values()).anySatisfy(
                        problem -> assertThat(problem.code()).isEqualTo(ErrorCode.DATABASE_STATEMENT_FAILED));
                assertThat(server().sql("narrow", "SELECT count(*) FROM t")).isEqualTo("0\n");
                server().sql("mysql", "DROP DATABASE " + restore.temporary());
            }
        }
    }
}
