package io.dbbackup.service.set;

import io.dbbackup.engine.postgresql.PgBinaryRows;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.model.Json;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.model.manifest.PartManifest;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.pipeline.Blobs;
import io.dbbackup.pipeline.Bundle;
import io.dbbackup.pipeline.Codecs;
import io.dbbackup.pipeline.LineRows;
import io.dbbackup.pipeline.RowScanner;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.store.file.FileStoreProvider;
import io.dbbackup.throwaway.PostgresInstance;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.postgresql.PGConnection;

/**
 * Writes the golden set of the current format version; run by hand when the version changes, never to make a test pass:
 * the set in {@code src/test/resources/golden} stands for all sets that are already out there.
 *
 * <p>Arguments: the directory of the store to write. Needs a PostgreSQL server's binaries.
 */
final class GoldenSetGenerator {
    private static final Instant SNAPSHOT = Instant.parse("2026-11-20T23:32:00.750Z");
    private static final String POSITION = "0/1A2B3C8";
    private static final String DATABASE = "databases/0001-shop/";
    private static final String SCRIPT = """
            CREATE ROLE clerk LOGIN PASSWORD NULL;
            CREATE DATABASE shop;
            \\connect shop
            CREATE TYPE state AS ENUM ('open', 'paid');
            CREATE TABLE colour (name text PRIMARY KEY);
            CREATE TABLE nothing (id int);
            CREATE TABLE orders (id bigserial PRIMARY KEY, state state NOT NULL, note text);
            CREATE TABLE photos (id int PRIMARY KEY, bytes bytea);
            INSERT INTO colour VALUES ('rot'), ('grün');
            INSERT INTO orders (state, note) VALUES
                ('open', 'two'||chr(10)||'lines'), ('paid', NULL), ('paid', ''), ('open', 'a'||chr(9)||'tab and a \\ '),
                ('paid', 'Zürich');
            INSERT INTO photos VALUES (1, '\\x00ff0a'), (2, NULL), (3, '\\x');
            CREATE INDEX orders_state ON orders (state);
            GRANT SELECT ON orders TO clerk;
            """;

    private final BlobSetWriter writer;
    private final PGConnection shop;
    private final List<BlobRef> blobs = new ArrayList<>();
    private final List<TableManifest> tables = new ArrayList<>();

    private GoldenSetGenerator(BlobStore store, PGConnection shop) {
        this.shop = shop;
        this.writer = new BlobSetWriter(
                store,
                "orders/" + Manifests.SET + "/",
                Codecs.standard(),
                OptionalInt.empty(),
                new Cancellation());
    }

    public static void main(String[] arguments) throws Exception {
        BlobStore store = new FileStoreProvider().open(Map.of("path", arguments[0]), secret -> Optional.empty());
        Path temp = Files.createTempDirectory("golden");
        try (PostgresInstance server = PostgresInstance.builder().start()) {
            server.psql("postgres", SCRIPT);
            server.endpoint().tool("pg_dumpall", List.of(
                    "--globals-only", "--no-role-passwords", "-d", server.conninfo("postgres"), "-f", temp.resolve("globals").toString()));
            server.endpoint().tool("pg_dump", List.of(
                    "-Fc", "-Z0", "--exclude-table-data=public.colour", "--exclude-table-data=public.nothing",
                    "--exclude-table-data=public.orders", "--exclude-table-data=public.photos",
                    "-d", server.conninfo("shop"),
                    "-f", temp.resolve("schema").toString()));
            try (Connection connection = DriverManager.getConnection(
                    server.jdbcUrl("shop"), server.user(), server.password())) {
                new GoldenSetGenerator(store, connection.unwrap(PGConnection.class))
                        .write(Files.readAllBytes(temp.resolve("globals")), Files.readAllBytes(temp.resolve("schema")));
            }
        }
    }

    private void write(byte[] globals, byte[] schema) throws Exception {
        BlobRef globalsBlob = store("globals.sql", globals);
        BlobRef schemaBlob = store(DATABASE + "schema.dump", schema);
        blobs.add(schemaBlob);
        bundle("colour", "nothing");
        String text = " (FORMAT text, ENCODING 'UTF8')";
        String columns = "\"id\", \"state\", \"note\"";
        String select = "COPY (SELECT " + columns + " FROM ONLY \"public\".\"orders\" WHERE ctid ";
        List<PartManifest> parts = List.of(
                part("orders-16400-0001.copy", select + "< '(0,4)') TO STDOUT" + text,
                        "COPY \"public\".\"orders\" (" + columns + ") FROM STDIN" + text, "pgcopy-text"),
                part("orders-16400-0002.copy", select + ">= '(0,4)') TO STDOUT" + text,
                        "COPY \"public\".\"orders\" (" + columns + ") FROM STDIN" + text, "pgcopy-text"));
        table("orders", "COPY \"public\".\"orders\" (" + columns + ") TO STDOUT" + text, parts);
        String photos = "COPY \"public\".\"photos\" (\"id\", \"bytes\") %s (FORMAT binary)";
        table("photos", photos.formatted("TO STDOUT"), List.of(part(
                "photos-16410-0001.copy", photos.formatted("TO STDOUT"), photos.formatted("FROM STDIN"),
                "pgcopy-binary")));
        DatabaseEntry entry = database(schemaBlob.name());
        BackupManifest manifest = Manifests.of(BackupManifest.VERSION, Optional.of(globalsBlob), List.of(entry));
        writer.seal(manifest);
    }

    private DatabaseEntry database(String schemaBlob) {
        DatabaseManifest manifest = new DatabaseManifest(
                "shop",
                SNAPSHOT,
                POSITION,
                Json.MAPPER.valueToTree(Map.of("encoding", "UTF8", "owner", "postgres")),
                blobs,
                schemaBlob,
                tables);
        BlobRef blob = writer.writeJson(DATABASE + "database.json", manifest);
        return new DatabaseEntry(
                "shop",
                blob,
                SNAPSHOT,
                POSITION,
                tables.size(),
                tables.stream().mapToLong(table -> table.content().rows()).sum(),
                blobs.stream().mapToLong(BlobRef::plainBytes).sum(),
                blobs.stream().mapToLong(BlobRef::storedBytes).sum() + blob.storedBytes());
    }

    private void bundle(String... names) throws Exception {
        List<Bundle.Member> members = new ArrayList<>();
        for (String name : names) {
            members.add(new Bundle.Member(name + "-16390.copy", copy("COPY \"public\".\"" + name + "\" TO STDOUT")));
        }
        BlobRef blob = writer.write(
                DATABASE + "data/bundle-0001.tar",
                Bundle.of(members.iterator()),
                List.of(),
                OptionalLong.empty(),
                more -> {});
        blobs.add(blob);
        for (Bundle.Member member : members) {
            String table = member.name().replace("-16390.copy", "");
            String column = table.equals("colour") ? " (\"name\")" : " (\"id\")";
            String options = " (FORMAT text, ENCODING 'UTF8')";
            table(table, "COPY \"public\".\"" + table + "\"" + column + " TO STDOUT" + options, List.of(new PartManifest(
                    blob.name(),
                    member.name(),
                    "pgcopy-text",
                    "COPY \"public\".\"" + table + "\"" + column + " FROM STDIN" + options,
                    member.bytes().length,
                    scan(new LineRows(), member.bytes()))));
        }
    }

    private PartManifest part(String name, String read, String load, String format) throws Exception {
        byte[] plain = copy(read);
        BlobRef blob = store(DATABASE + "data/" + name, plain);
        blobs.add(blob);
        RowScanner scanner = format.equals("pgcopy-text") ? new LineRows() : new PgBinaryRows();
        return new PartManifest(blob.name(), "", format, load, plain.length, scan(scanner, plain));
    }

    private void table(String name, String read, List<PartManifest> parts) {
        Fingerprint content = parts.stream().map(PartManifest::content).reduce(Fingerprint.EMPTY, Fingerprint::plus);
        tables.add(new TableManifest("public", name, content, read, Json.MAPPER.createObjectNode(), parts));
    }

    private BlobRef store(String name, byte[] bytes) {
        return writer.write(name, Blobs.source(bytes), List.of(), OptionalLong.of(bytes.length), more -> {});
    }

    private byte[] copy(String statement) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        shop.getCopyAPI().copyOut(statement, out);
        return out.toByteArray();
    }

    private static Fingerprint scan(RowScanner scanner, byte[] plain) {
        scanner.accept(plain, 0, plain.length);
        return scanner.result();
    }

}
