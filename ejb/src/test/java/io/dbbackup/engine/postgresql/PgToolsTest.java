package io.dbbackup.engine.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.ServerFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PgToolsTest {
    private static final List<PgTools> INSTALLED =
            List.of(tools(13, 4), tools(15, 2), tools(15, 18), tools(17, 1), tools(18, 0));

    @TempDir
    private Path directory;

    private static PgTools tools(int major, int minor) {
        return new PgTools(Path.of("/nowhere/" + major), major, minor);
    }

    private static String chosen(List<PgTools> installed, int atLeast, int preferred) {
        return PgTools.choose(installed, atLeast, preferred).map(PgTools::version).orElse("none");
    }

    @Test
    void a_server_is_read_by_tools_of_its_own_version_or_else_by_the_next_newer_ones() {
        assertThat(chosen(INSTALLED, 15, 15)).isEqualTo("15.18");
        assertThat(chosen(INSTALLED, 14, 14)).isEqualTo("15.18");
        assertThat(chosen(INSTALLED, 16, 16)).isEqualTo("17.1");
        assertThat(chosen(INSTALLED, 19, 19)).isEqualTo("none");
    }

    @Test
    void a_server_is_written_by_its_own_tools_unless_newer_ones_wrote_the_archive() {
        assertThat(chosen(INSTALLED, 13, 17)).isEqualTo("17.1");
        assertThat(chosen(INSTALLED, 17, 15)).isEqualTo("17.1");
        assertThat(chosen(List.of(tools(13, 1), tools(15, 1)), 13, 18)).isEqualTo("15.1");
        assertThat(chosen(List.of(tools(13, 1), tools(15, 1)), 17, 18)).isEqualTo("none");
    }

    @Test
    void the_tools_that_wrote_an_archive_are_at_least_those_of_its_server() {
        assertThat(archiveMajor("17.2")).isEqualTo(17);
        assertThat(archiveMajor("13.1")).isEqualTo(14);
        assertThat(archiveMajor("")).isEqualTo(14);
    }

    private static int archiveMajor(String toolVersion) {
        return PgTools.archiveMajor(
                new ServerFacts("postgresql", "14.1", 14, "", "UTC", Map.of(PgTools.TOOL_VERSION, toolVersion)));
    }

    @Test
    void the_directory_of_a_source_is_the_only_one_looked_into_and_too_old_tools_are_refused_with_a_remedy()
            throws IOException {
        Path program = directory.resolve("pg_dump");
        Files.writeString(program, "#!/bin/sh\necho 'pg_dump (PostgreSQL) 14.9 (Somewhere 14.9-1)'\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        Endpoint endpoint = new Endpoint(
                "shop", "postgresql", "127.0.0.1", 1, "u", Optional::empty, "postgres",
                Map.of("toolDirectory", directory.toString()));
        assertThat(PgTools.find(endpoint, 13)).isEqualTo(new PgTools(directory, 14, 9));
        assertThatThrownBy(() -> PgTools.find(endpoint, 16))
                .isInstanceOfSatisfying(BackupException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.TOOL_TOO_OLD);
                    assertThat(e.problem().cause()).contains("14.9", directory.toString(), "the server is 16");
                    assertThat(e.problem().remedy()).contains("postgresql-client-16", "toolDirectory", "shop");
                });
        Files.delete(program);
        assertThatThrownBy(() -> PgTools.find(endpoint, 13))
                .isInstanceOfSatisfying(BackupException.class, e ->
                        assertThat(e.code()).isEqualTo(ErrorCode.TOOL_MISSING));
    }
}
