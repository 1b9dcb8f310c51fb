package io.dbbackup.engine.postgresql.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.throwaway.PostgresInstance;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Values at the limits of what PostgreSQL can copy; only in the full run, since they need gigabytes of memory. */
@EnabledIfSystemProperty(named = "dbbackup.tests", matches = "full")
class LargeValuesTest {
    private static final String MD5 = "SELECT id, length(b), md5(b) FROM big ORDER BY id";

    @TempDir
    private Path directory;

    @Test
    void values_that_pg_dump_cannot_dump_come_back_whole() {
        try (PostgresInstance server = PostgresInstance.builder().start()) {
            server.psql("postgres", "CREATE DATABASE large");
            server.psql("large", """
                    CREATE TABLE big (id int PRIMARY KEY, b bytea);
                    ALTER TABLE big ALTER b SET STORAGE EXTERNAL;
                    INSERT INTO big VALUES (1, convert_to(repeat('0123456789abcdef', 35 * 1024 * 1024), 'UTF8'));
                    INSERT INTO big VALUES (2, '\\x00');
                    """);
            try (BackupRun run = new BackupRun(
                    BackupRun.endpoint(server), BackupRun.spec(1 << 20, "large"), directory, 2)) {
                BlobSetReader set = run.complete();
                try (RestoreRun restore = new RestoreRun(
                        BackupRun.endpoint(server), set, RestoreRun.spec("large", "again"), 2)) {
                    restore.complete();
                    assertThat(restore.differences()).isEmpty();
                }
            }
            assertThat(server.psql("again", MD5)).contains("1|587202560|").isEqualTo(server.psql("large", MD5));
        }
    }

    @Test
    void a_value_whose_text_postgresql_cannot_form_is_refused_by_name() {
        try (PostgresInstance server = PostgresInstance.builder().start()) {
            server.psql("postgres", "CREATE DATABASE digits");
            server.psql("digits", """
                    CREATE TABLE beside AS SELECT 1 AS id;
                    CREATE TABLE "all digits" AS SELECT array_fill(1e131071, ARRAY[9000]) AS n;
                    """);
            try (BackupRun run = new BackupRun(
                    BackupRun.endpoint(server), BackupRun.spec(1 << 20, "digits"), directory, 1)) {
                run.backup().preflight(run);
                run.execute();
                assertThat(run.problems().values()).singleElement().satisfies(problem -> {
                    assertThat(problem.code()).isEqualTo(ErrorCode.ROW_TOO_LARGE);
                    assertThat(problem.cause()).contains("all digits");
                    assertThat(problem.remedy()).contains("1 GiB", "--exclude-table-data");
                });
            }
        }
    }
}
