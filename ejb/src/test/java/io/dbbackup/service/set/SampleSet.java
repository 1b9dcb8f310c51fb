package io.dbbackup.service.set;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.BackupSets;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.model.Json;
import io.dbbackup.model.ServerFacts;
import io.dbbackup.model.SetId;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.model.manifest.PartManifest;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.pipeline.Bundle;
import io.dbbackup.pipeline.ByteSource;
import io.dbbackup.pipeline.Codecs;
import io.dbbackup.pipeline.LineRows;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.Cancellation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Writes backup sets without a database: two databases, a table in two parts, a bundle of three small tables (one empty),
 * definitions and globals.
 */
public final class SampleSet {
    public static final String SOURCE = "shop-server";
    public static final ZoneId ZONE = ZoneId.of("Europe/Berlin");

    private final BlobStore store;
    private final Instant takenAt;
    private final UUID run;
    private boolean complete = true;
    private Optional<String> derivedFrom = Optional.empty();
    private Optional<String> policy = Optional.empty();
    private UnaryOperator<DatabaseManifest> change = UnaryOperator.identity();

    private SampleSet(BlobStore store, Instant takenAt, UUID run) {
        this.store = store;
        this.takenAt = takenAt;
        this.run = run;
    }

    public static SampleSet takenAt(BlobStore store, Instant takenAt) {
        return new SampleSet(store, takenAt, UUID.randomUUID());
    }

    public SampleSet incomplete() {
        complete = false;
        return this;
    }

    /** A set that was made of another one, such as by encrypting it. */
    public SampleSet madeOf(String set) {
        derivedFrom = Optional.of(set);
        return this;
    }

    public SampleSet policy(String name) {
        policy = Optional.of(name);
        return this;
    }

    /** Lies in the manifest of each database, with all digests right. */
    public SampleSet lying(UnaryOperator<DatabaseManifest> lie) {
        change = lie;
        return this;
    }

    public SetId id() {
        return SetId.of(takenAt, ZONE, run);
    }

    /** Writes, seals and enters it. */
    public BackupSetView seal(BackupSets sets) {
        BlobSetWriter writer = writer();
        BackupManifest manifest = write(writer);
        sets.enter(manifest, "store", policy, writer.seal(manifest).storedSha256());
        return sets.find(manifest.set()).orElseThrow();
    }

    /** Writes everything but the manifest, as a backup that is killed. */
    public String writeUnsealed() {
        write(writer());
        return BackupSetView.prefix(SOURCE, id().value());
    }

    /** Makes everything below a directory look as if it had been written at that instant. */
    public static void writtenAt(Path directory, Instant at) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.setLastModifiedTime(file, FileTime.from(at));
            }
        }
    }

    private BlobSetWriter writer() {
        return new BlobSetWriter(
                store,
                BackupSetView.prefix(SOURCE, id().value()),
                Codecs.standard(),
                OptionalInt.empty(),
                new Cancellation());
    }

    private BackupManifest write(BlobSetWriter writer) {
        BlobRef globals = blob(writer, "globals.sql", "CREATE ROLE shop;\n");
        return new BackupManifest(
                BackupManifest.FORMAT,
                BackupManifest.VERSION,
                id().value(),
                SOURCE,
                run,
                "dbbackup test",
                takenAt,
                takenAt,
                ZONE.getId(),
                new ServerFacts("test", "Test 15.1", 15, "7", ZONE.getId(), Map.of()),
                "per-database",
                complete,
                Optional.of(globals),
                List.of(database(writer, "crm"), database(writer, "shop")),
                List.of(),
                derivedFrom,
                Optional.empty(),
                false,
                Optional.empty());
    }

    private DatabaseEntry database(BlobSetWriter writer, String name) {
        List<BlobRef> blobs = new ArrayList<>();
        BlobRef schema = blob(writer, name + "/schema.dump", "definitions of " + name);
        String first = rows(name, 0, 700);
        String second = rows(name, 700, 1000);
        BlobRef part1 = blob(writer, name + "/data/orders-1.copy", first);
        BlobRef part2 = blob(writer, name + "/data/orders-2.copy", second);
        List<Bundle.Member> members = List.of(
                new Bundle.Member("1", bytes(rows(name + "-colour", 0, 3))),
                new Bundle.Member("2", new byte[0]),
                new Bundle.Member("3", bytes(rows(name + "-size", 0, 5))));
        BlobRef bundle = write(writer, name + "/data/bundle-1.tar", Bundle.of(members.iterator()));
        blobs.addAll(List.of(schema, part1, part2, bundle));
        DatabaseManifest manifest = change.apply(new DatabaseManifest(
                name,
                takenAt,
                "0/1",
                Json.MAPPER.createObjectNode(),
                blobs,
                schema.name(),
                List.of(
                        table("orders", part(part1, "", first), part(part2, "", second)),
                        table("colour", part(bundle, "1", rows(name + "-colour", 0, 3))),
                        table("nothing", part(bundle, "2", "")),
                        table("size", part(bundle, "3", rows(name + "-size", 0, 5))))));
        BlobRef stored = writer.writeJson(name + "/manifest.json", manifest);
        return new DatabaseEntry(
                name,
                stored,
                takenAt,
                "0/1",
                manifest.tables().size(),
                manifest.tables().stream().mapToLong(table -> table.content().rows()).sum(),
                manifest.blobs().stream().mapToLong(BlobRef::plainBytes).sum(),
                manifest.blobs().stream().mapToLong(BlobRef::storedBytes).sum() + stored.storedBytes());
    }

    private static TableManifest table(String name, PartManifest... parts) {
        Fingerprint content = Fingerprint.EMPTY;
        for (PartManifest part : parts) {
            content = content.plus(part.content());
        }
        return new TableManifest(
                "public", name, content, "COPY " + name, Json.MAPPER.createObjectNode(), List.of(parts));
    }

    private static PartManifest part(BlobRef blob, String member, String rows) {
        LineRows scanner = new LineRows();
        scanner.accept(bytes(rows), 0, bytes(rows).length);
        return new PartManifest(
                blob.name(), member, "test-lines", "COPY FROM", bytes(rows).length, scanner.result());
    }

    private static String rows(String name, int from, int to) {
        StringBuilder rows = new StringBuilder();
        for (int i = from; i < to; i++) {
            rows.append(name).append('\t').append(i).append('\t').append(Integer.toHexString(i * 7919)).append('\n');
        }
        return rows.toString();
    }

    private static BlobRef blob(BlobSetWriter writer, String name, String text) {
        return write(writer, name, new BytesSource(bytes(text)));
    }

    private static BlobRef write(BlobSetWriter writer, String name, ByteSource source) {
        return writer.write(name, source, List.of(), OptionalLong.empty(), more -> {});
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
