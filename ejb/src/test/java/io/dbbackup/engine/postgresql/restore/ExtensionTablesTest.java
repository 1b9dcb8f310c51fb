package io.dbbackup.engine.postgresql.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.engine.postgresql.PostgresVersions;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Selection;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.RestoreSpec;
import io.dbbackup.throwaway.ClusterComparison;
import io.dbbackup.throwaway.PostgresInstance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables that an extension brings and whose rows are the user's; 18 finds extensions in a directory of ours. */
class ExtensionTablesTest {
    private static final String SCRIPT = """
            CREATE TABLE a_child (id int PRIMARY KEY, zone int NOT NULL, ours boolean DEFAULT true);
            CREATE TABLE zone (id int PRIMARY KEY, name text);
            CREATE TABLE plain (id int);
            ALTER TABLE a_child ADD FOREIGN KEY (zone) REFERENCES zone;
            INSERT INTO zone VALUES (1, 'the extension''s own');
            INSERT INTO a_child VALUES (1, 1, false);
            INSERT INTO plain VALUES (1);
            SELECT pg_catalog.pg_extension_config_dump('zone', 'WHERE id > 1');
            SELECT pg_catalog.pg_extension_config_dump('a_child', 'WHERE ours');
            """;

    @TempDir
    private Path directory;

    private Path shared;

    @BeforeEach
    void write_the_extension() throws IOException {
        shared = Files.createTempDirectory(Path.of("/tmp"), "dbbackup-extension-test");
        Path extension = Files.createDirectory(shared.resolve("extension"));
        Files.writeString(extension.resolve("configured.control"), "default_version = '1.0'\nrelocatable = false\n");
        Files.writeString(extension.resolve("configured--1.0.sql"), SCRIPT);
        for (Path each : List.of(shared, extension)) {
            Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    @AfterEach
    void remove_the_extension() throws IOException {
        Path extension = shared.resolve("extension");
        Files.delete(extension.resolve("configured.control"));
        Files.delete(extension.resolve("configured--1.0.sql"));
        Files.delete(extension);
        Files.delete(shared);
    }

    @Test
    void rows_that_an_extension_calls_configuration_come_back_and_its_own_are_not_doubled() {
        try (PostgresInstance server = PostgresInstance.builder()
                .binaries(PostgresVersions.of(18))
                .setting("extension_control_path", "$system:" + shared)
                .start()) {
            server.psql("postgres", "CREATE DATABASE extended");
            server.psql("extended", """
                    CREATE EXTENSION configured;
                    INSERT INTO zone VALUES (2, 'the user''s');
                    INSERT INTO a_child VALUES (2, 2), (3, 1);
                    CREATE TABLE mine AS SELECT 1 AS one;
                    """);
            try (BackupRun run = new BackupRun(
                    PostgresVersions.endpoint(server), BackupRun.spec(1 << 20, "extended"), directory, 2)) {
                BlobSetReader set = run.complete();
                try (RestoreRun restore = new RestoreRun(
                        PostgresVersions.endpoint(server), set, RestoreRun.spec("extended", "again_extended"), 2)) {
                    restore.complete();
                    assertThat(restore.differences()).isEmpty();
                }
            }
            assertThat(ClusterComparison.between(server, server).database("extended", "again_extended").differences())
                    .isEmpty();
        }
    }

    @Test
    void replacing_rows_by_a_data_only_set_leaves_those_of_the_extension() {
        Selection data = new Selection(Selection.Sections.DATA, List.of(), List.of(), List.of(), Optional.empty());
        try (PostgresInstance server = PostgresInstance.builder()
                .binaries(PostgresVersions.of(18))
                .setting("extension_control_path", "$system:" + shared)
                .start()) {
            server.psql("postgres", "CREATE DATABASE extended");
            server.psql("extended", """
                    CREATE EXTENSION configured;
                    INSERT INTO zone VALUES (2, 'the user''s');
                    INSERT INTO a_child VALUES (2, 2), (3, 1);
                    CREATE TABLE mine AS SELECT 1 AS one;
                    """);
            server.psql("postgres", "CREATE DATABASE filled");
            server.psql("filled", "CREATE EXTENSION configured; CREATE TABLE mine (one int)");
            try (BackupRun run = new BackupRun(
                    PostgresVersions.endpoint(server), BackupRun.spec(data, "extended"), directory, 2)) {
                BlobSetReader set = run.complete();
                RestoreSpec spec = RestoreRun.spec("extended", "filled");
                restored(server, set, spec);
                server.psql("filled", """
                        INSERT INTO zone VALUES (3, 'of the target');
                        UPDATE a_child SET zone = 3 WHERE ours;
                        """);
                assertThatThrownBy(() -> restored(server, set, spec))
                        .isInstanceOfSatisfying(BackupException.class, e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.TABLE_NOT_EMPTY);
                            assertThat(e.problem().cause()).contains("public.zone", "public.a_child", "public.mine");
                        });
                RestoreSpec cleaning = RestoreRun.cleaning(spec, "filled");
                restored(server, set, cleaning);
                server.psql("filled", "ALTER EXTENSION configured ADD TABLE mine");
                assertThatThrownBy(() -> restored(server, set, cleaning)).as("rows that may be the extension's own")
                        .isInstanceOfSatisfying(BackupException.class, e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.TABLE_NOT_EMPTY);
                            assertThat(e.problem().cause()).contains("rows of extensions", "public.mine")
                                    .doesNotContain("zone");
                        });
            }
            for (String table : List.of("zone", "a_child", "mine")) {
                String all = "SELECT string_agg(t::text, ' ' ORDER BY t::text) FROM " + table + " t";
                assertThat(server.psql("filled", all)).isEqualTo(server.psql("extended", all));
            }
        }
    }

    private static void restored(PostgresInstance server, BlobSetReader set, RestoreSpec spec) {
        try (RestoreRun restore = new RestoreRun(PostgresVersions.endpoint(server), set, spec, 2)) {
            restore.complete();
            assertThat(restore.differences()).isEmpty();
        }
    }
}
