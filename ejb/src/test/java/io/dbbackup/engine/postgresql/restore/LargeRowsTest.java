package io.dbbackup.engine.postgresql.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.engine.postgresql.PostgresEngine;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.model.manifest.PartManifest;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.pipeline.RowScanner;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.throwaway.PostgresInstance;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows that PostgreSQL holds and cannot copy; in a JVM of its own, whose heap is smaller than one of them. */
class LargeRowsTest {
    /** Beside the fingerprints, which say that all bytes are the same: lengths, ends, and what is not rows. */
    private static final String CONTENT = """
            SELECT id, octet_length(a), md5(left(a, 999)), octet_length(b), md5(substr(b, 365000000)), octet_length(c), right(c, 99), twice
            FROM "row" ORDER BY id;
            SELECT id, tags, length(v), md5(substr(v, 530000000)) FROM value ORDER BY id;
            SELECT attname, attstorage, attnotnull, attidentity, attgenerated FROM pg_attribute
            WHERE attrelid IN ('value'::regclass, '"row"'::regclass) AND attnum > 0 ORDER BY attrelid::regclass::text, attnum;
            """;

    @TempDir
    private Path directory;

    @Test
    void rows_that_copy_cannot_read_come_back_whole_with_a_small_heap() throws Exception {
        try (PostgresInstance server = PostgresInstance.builder().start()) {
            server.psql("postgres", """
                    CREATE DATABASE large;
                    -- a quicker compression, where the server has it
                    DO $$ BEGIN EXECUTE format('ALTER ROLE %I SET default_toast_compression = lz4', current_user);
                    EXCEPTION WHEN OTHERS THEN NULL; END $$;
                    """);
            server.psql("large", """
                    CREATE DOMAIN filled AS text NOT NULL CHECK (VALUE <> '');
                    CREATE TABLE "row" (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a text NOT NULL, b bytea NOT NULL,
                        c filled, twice int GENERATED ALWAYS AS (2 * octet_length(a)) STORED, CHECK (length(b) <> 7));
                    INSERT INTO "row" (a, b, c) VALUES ('small', '\\x01', 'c'),
                        (repeat('0123456789abcdef', 22 * 1024 * 1024), '', 'later'), ('after', '', 'c');
                    UPDATE "row" SET b = convert_to(repeat('Füllung ', 39 * 1024 * 1024), 'UTF8') WHERE id = 2;
                    UPDATE "row" SET c = repeat(E'line\\nfeed and back\\\\slash', 15 * 1024 * 1024) WHERE id = 2;
                    CREATE TABLE value (id int, tags text[], v bytea, small text);
                    ALTER TABLE value ALTER small SET STORAGE EXTERNAL;
                    INSERT INTO value VALUES (1, '{small}', '\\x01'),
                        (2, '{"ta\\"g",NULL}', convert_to(repeat('0123456789abcdef', 33600000), 'UTF8'));
                    """);
            assertThat(server.psql("large", "SELECT octet_length(a)::bigint + octet_length(b) + octet_length(c) > 1 << 30"
                    + " FROM \"row\" WHERE id = 2")).isEqualTo("t\n");

            inJvmOf512Megabytes(server);

            assertThat(server.psql("again", CONTENT)).isEqualTo(server.psql("large", CONTENT));
        }
    }

    private void inJvmOf512Megabytes(PostgresInstance server) throws Exception {
        Process jvm = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m", "-cp",
                        System.getProperty("java.class.path"), RoundTrip.class.getName(),
                        Integer.toString(server.port()), server.user(), directory.toString())
                .redirectErrorStream(true)
                .start();
        try (OutputStream input = jvm.getOutputStream()) {
            input.write(server.password().getBytes(StandardCharsets.UTF_8));
        }
        String said = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(jvm.waitFor()).as(said).isZero();
    }

    /** What the other JVM runs: backup, verification of the content, restore with comparison. */
    static final class RoundTrip {
        private RoundTrip() {}

        public static void main(String[] arguments) throws Exception {
            String password = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
            Endpoint server = new Endpoint(
                    "test", "postgresql", "127.0.0.1", Integer.parseInt(arguments[0]), arguments[1],
                    () -> Optional.of(password), "postgres", Map.of("sslmode", "disable"));
            try (BackupRun backup = new BackupRun(
                    server, BackupRun.spec(1 << 30, "large"), Path.of(arguments[2]), 2)) {
                BlobSetReader set = backup.complete();
                verify(set);
                try (RestoreRun restore = new RestoreRun(server, set, RestoreRun.spec("large", "again"), 2)) {
                    restore.executingTwice(item -> item.kind().equals(RestoreKind.DATA)).complete();
                    assertThat(restore.differences()).isEmpty();
                    assertThat(restore.tablesCompared()).isEqualTo(2);
                }
            }
        }

        private static void verify(BlobSetReader set) throws Exception {
            DatabaseManifest database = set.database(set.manifest().databases().get(0));
            for (TableManifest table : database.tables()) {
                List<PartManifest> parts = table.parts();
                assertThat(parts).as(table.name()).hasSize(2).last()
                        .satisfies(part -> assertThat(part.format()).endsWith("-sliced"))
                        .satisfies(part -> assertThat(part.content().rows()).isEqualTo(1));
                for (PartManifest part : parts) {
                    assertThat(scan(set, database, part).result()).as(part.blob()).isEqualTo(part.content());
                }
            }
        }

        private static RowScanner scan(BlobSetReader set, DatabaseManifest database, PartManifest part) throws Exception {
            RowScanner scanner = new PostgresEngine().rowScanner(part.format());
            byte[] buffer = new byte[1 << 16];
            try (InputStream plain = set.open(
                    database.blobs().stream().filter(blob -> blob.name().equals(part.blob())).findFirst().orElseThrow())) {
                for (int n = plain.read(buffer); n >= 0; n = plain.read(buffer)) {
                    scanner.accept(buffer, 0, n);
                }
            }
            return scanner;
        }
    }
}
