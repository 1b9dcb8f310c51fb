package io.dbbackup.engine.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.ServerFacts;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.throwaway.PostgresInstance;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveCheckTest {
    @TempDir
    private Path directory;

    private static void check(int major, InputStream in) throws IOException {
        new PostgresEngine().checkDefinitions(
                new ServerFacts("postgresql", major + ".1", major, "", "UTC", Map.of()), in, new Cancellation());
    }

    @Test
    void an_archive_is_read_to_its_end_and_half_an_archive_is_noticed() throws IOException {
        byte[] archive;
        int major;
        try (PostgresInstance server = PostgresInstance.builder().start()) {
            major = server.majorVersion();
            server.psql("postgres", """
                    CREATE TABLE t AS SELECT 1 AS one;
                    SELECT count(lo_from_bytea(0, decode(repeat('ab', 200000), 'hex'))) FROM generate_series(1, 10);
                    """);
            Path file = directory.resolve("dump");
            server.endpoint().tool("pg_dump", List.of(
                    "--format=custom", "--compress=0", "--file=" + file, "--dbname=" + server.conninfo("postgres")));
            archive = Files.readAllBytes(file);
        }
        ByteArrayInputStream whole = new ByteArrayInputStream(archive);
        assertThatCode(() -> check(major, whole)).doesNotThrowAnyException();
        assertThat(whole.available()).isZero();
        refused(major, Arrays.copyOf(archive, archive.length / 2));
        refused(major, "not an archive at all".repeat(100_000).getBytes());
        refused(major, new byte[0]);
    }

    private static void refused(int major, byte[] bytes) {
        ByteArrayInputStream in = new ByteArrayInputStream(bytes);
        assertThatThrownBy(() -> check(major, in))
                .isInstanceOfSatisfying(BackupException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.BLOB_UNDECODABLE);
                    assertThat(e.problem().cause()).contains("pg_restore");
                });
        // the digests are checked behind the last byte
        assertThat(in.available()).isZero();
    }

    @Test
    void without_programs_that_know_the_version_the_bytes_are_read_all_the_same() throws IOException {
        ByteArrayInputStream in = new ByteArrayInputStream(new byte[1000]);
        check(97, in);
        assertThat(in.available()).isZero();
    }
}
