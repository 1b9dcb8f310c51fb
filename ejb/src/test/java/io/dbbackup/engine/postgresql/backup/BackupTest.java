package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.postgresql.CopyFormat;
import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.engine.postgresql.DatabaseProperties;
import io.dbbackup.engine.postgresql.PostgresEngine;
import io.dbbackup.engine.postgresql.TableProperties;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.model.Json;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.model.manifest.PartManifest;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.pipeline.Bundle;
import io.dbbackup.pipeline.RowScanner;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.throwaway.PostgresInstance;
import io.dbbackup.throwaway.SampleCluster;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole cluster with every awkward kind of object. */
class BackupTest {
    private static PostgresInstance server;
    private static BackupRun run;
    private static BlobSetReader set;

    @TempDir
    private static Path directory;

    @BeforeAll
    static void back_up_the_sample_cluster() {
        server = PostgresInstance.builder().start();
        SampleCluster.on(server).everything();
        run = new BackupRun(BackupRun.endpoint(server), BackupRun.spec(2 << 20), directory, 3);
        set = run.complete();
    }

    @AfterAll
    static void end() {
        run.close();
        server.close();
    }

    @Test
    void every_database_is_in_the_set_and_nothing_is_held_afterwards() {
        assertThat(set.manifest().databases()).extracting(DatabaseEntry::name).contains(
                "shop", "warehouse", "Ünïcode db-1", "a=b", "-dash", "empty", "latin1", "raw bytes");
        assertThat(run.held()).isEmpty();
        assertThat(run.warnings()).isEmpty();
    }

    @Test
    void stored_bytes_give_the_fingerprints_of_the_manifest() {
        for (DatabaseEntry entry : set.manifest().databases()) {
            DatabaseManifest database = set.database(entry);
            Map<String, Fingerprint> found = new HashMap<>();
            database.blobs().forEach(blob -> {
                if (blob.name().contains("/bundle-")) {
                    Map<String, String> formats = new HashMap<>();
                    parts(database).forEach(part -> formats.put(part.blob() + "!" + part.member(), part.format()));
                    Bundle.read(set.open(blob), (member, in) -> {
                        String key = blob.name() + "!" + member;
                        found.put(key, scan(formats.get(key), in));
                    });
                } else if (!blob.name().equals(database.schemaBlob())) {
                    String format = parts(database).filter(part -> part.blob().equals(blob.name()))
                            .findFirst().orElseThrow().format();
                    found.put(blob.name() + "!", scan(format, set.open(blob)));
                }
            });
            parts(database).forEach(part ->
                    assertThat(found.remove(part.blob() + "!" + part.member())).isEqualTo(part.content()));
            assertThat(found).isEmpty();
        }
    }

    @Test
    void the_read_statement_gives_the_fingerprint_of_the_manifest_again() throws Exception {
        for (DatabaseEntry entry : set.manifest().databases()) {
            try (SnapshotSession session = SnapshotSession.open(run.source(), entry.name());
                    SnapshotReader reader = session.borrow()) {
                for (TableManifest table : set.database(entry).tables()) {
                    try (CopyOutSource copy = new CopyOutSource(
                            reader, table.readStatement(), CopyFormat.of(table.parts().get(0).format()), List.of(),
                            run.cancellation())) {
                        assertThat(scan(table.parts().get(0).format(), copy.stream()))
                                .as(entry.name() + ": " + table.name())
                                .isEqualTo(table.content());
                    }
                }
            }
        }
    }

    @Test
    void large_tables_are_split_and_small_ones_bundled() {
        DatabaseManifest shop = database("shop");
        TableManifest orders = table(shop, "orders");
        assertThat(orders.parts()).hasSizeGreaterThan(3).allSatisfy(part -> assertThat(part.member()).isEmpty());
        assertThat(orders.content().rows())
                .isEqualTo(Long.parseLong(server.psql("shop", "SELECT count(*) FROM ONLY orders").strip()));
        DatabaseManifest many = database("many tables");
        assertThat(many.tables()).hasSizeGreaterThanOrEqualTo(200);
        assertThat(many.blobs()).hasSizeLessThan(10);
    }

    @Test
    void indexes_that_sort_by_a_language_or_are_no_b_trees_are_known_to_be_slow() throws Exception {
        Map<String, Boolean> slow = new HashMap<>();
        for (DatabaseEntry entry : set.manifest().databases()) {
            for (TableManifest table : set.database(entry).tables()) {
                Json.MAPPER.treeToValue(table.properties(), TableProperties.class).indexes().forEach(index -> slow.put(index.name(), index.slow()));
            }
        }
        assertThat(slow).containsEntry("orders_by_customer", false).containsEntry("collated_t_idx", false)
                .containsEntry("searched_v_idx", true)
                .containsEntry("rates_pkey", true);
    }

    @Test
    void the_archive_of_definitions_opens_with_pg_restore_and_has_all_data_but_rows_of_tables() throws Exception {
        for (DatabaseEntry entry : set.manifest().databases()) {
            List<String> toc = toc(set.database(entry));
            assertThat(toc).as(entry.name()).noneMatch(line -> line.contains(" TABLE DATA "));
            assertThat(toc.stream().filter(line -> line.contains(" SEQUENCE SET ")).count())
                    .as("sequences of " + entry.name())
                    .isEqualTo(count(entry.name(), "SELECT count(*) FROM pg_class WHERE relkind = 'S'"));
            assertThat(toc.stream().filter(line -> line.contains(" MATERIALIZED VIEW DATA ")).count())
                    .as("materialized views of " + entry.name())
                    .isEqualTo(count(
                            entry.name(), "SELECT count(*) FROM pg_class WHERE relkind = 'm' AND relispopulated"));
            assertThat(toc.stream().filter(line -> line.contains(" BLOB ")).count())
                    .as("large objects of " + entry.name())
                    .isEqualTo(count(entry.name(), "SELECT count(*) FROM pg_largeobject_metadata"));
        }
    }

    @Test
    void a_part_loads_into_an_empty_copy_of_its_table_with_psql_alone() throws Exception {
        DatabaseManifest shop = database("shop");
        TableManifest orders = table(shop, "orders");
        server.psql("postgres", "CREATE DATABASE alone");
        Path definitions = decoded(shop, shop.schemaBlob());
        server.endpoint().tool("pg_restore", List.of("--dbname=" + server.conninfo("alone"), "--section=pre-data",
                "--no-owner", "--no-privileges", definitions.toString()));
        for (PartManifest part : orders.parts()) {
            Path rows = decoded(shop, part.blob());
            server.psql("alone", "\\copy" + part.loadStatement().substring("COPY".length())
                    .replace("FROM STDIN", "FROM '" + rows + "'"));
        }
        assertThat(count("alone", "SELECT count(*) FROM ONLY " + orders.schema() + ".orders"))
                .isEqualTo(orders.content().rows());
        server.psql("postgres", "DROP DATABASE alone");
    }

    @Test
    void settings_and_privileges_of_the_database_itself_are_in_its_manifest() {
        DatabaseProperties properties =
                Json.MAPPER.convertValue(database("Search Path").properties(), DatabaseProperties.class);
        assertThat(properties.settings()).anySatisfy(setting -> assertThat(setting.name()).isEqualTo("search_path"));
        assertThat(Json.MAPPER.convertValue(database("latin1").properties(), DatabaseProperties.class).encoding())
                .isEqualTo("LATIN1");
    }

    private static List<String> toc(DatabaseManifest database) throws IOException {
        return server.endpoint()
                .tool("pg_restore", List.of("--list", decoded(database, database.schemaBlob()).toString()))
                .lines()
                .filter(line -> !line.startsWith(";"))
                .toList();
    }

    /** A blob as any zstd would decode it; a name that the server's unprivileged user can read. */
    private static Path decoded(DatabaseManifest database, String blob) throws IOException {
        Path file = Files.createTempFile(directory, "blob", "");
        try (InputStream in = set.open(database.blobs().stream()
                .filter(ref -> ref.name().equals(blob)).findFirst().orElseThrow())) {
            Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
        }
        return file;
    }

    private static long count(String database, String query) {
        return Long.parseLong(server.psql(database, query).strip());
    }

    private static java.util.stream.Stream<PartManifest> parts(DatabaseManifest database) {
        return database.tables().stream().flatMap(table -> table.parts().stream());
    }

    private static DatabaseManifest database(String name) {
        return set.database(set.manifest().databases().stream()
                .filter(entry -> entry.name().equals(name)).findFirst().orElseThrow());
    }

    private static TableManifest table(DatabaseManifest database, String name) {
        return database.tables().stream().filter(table -> table.name().equals(name)).findFirst().orElseThrow();
    }

    static Fingerprint scan(String format, InputStream in) {
        RowScanner scanner = new PostgresEngine().rowScanner(format);
        byte[] buffer = new byte[65536];
        try (in) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                scanner.accept(buffer, 0, n);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return scanner.result();
    }
}
