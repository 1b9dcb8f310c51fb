package io.dbbackup.service.set;

import io.dbbackup.crypto.Envelope;
import io.dbbackup.crypto.SetKey;
import io.dbbackup.crypto.WrappingKey;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.Json;
import io.dbbackup.model.StageDescriptor;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.model.manifest.KeyDocument;
import io.dbbackup.model.manifest.PartManifest;
import io.dbbackup.model.manifest.SetHeader;
import io.dbbackup.model.manifest.StoredBlob;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.pipeline.Blobs;
import io.dbbackup.pipeline.Codecs;
import io.dbbackup.pipeline.Sha256Probe;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.Cancellation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Writes an encrypted set with what a clear set holds. Also wrote the golden set of version 2, out of that of version 1; as
 * there, never run it to make a test pass.
 */
final class EncryptedGoldenSetGenerator {
    private final BlobSetReader clear;
    private final BlobStore store;
    private final String prefix;
    private final BlobSetWriter writer;

    private EncryptedGoldenSetGenerator(BlobSetReader clear, BlobStore store, String prefix, List<WrappingKey> recipients) {
        this.clear = clear;
        this.store = store;
        this.prefix = prefix;
        SetKey key = SetKey.random();
        String set = clear.manifest().set();
        this.writer = new BlobSetWriter(
                store, prefix, Codecs.standard(), OptionalInt.empty(), new Cancellation(),
                Optional.of(new BlobSetWriter.Encryption(set, key, Envelope.wrap(key, set, recipients))));
    }

    static void write(BlobSetReader clear, BlobStore store, String prefix, List<WrappingKey> recipients) throws IOException {
        new EncryptedGoldenSetGenerator(clear, store, prefix, recipients).write();
    }

    private void write() throws IOException {
        BackupManifest from = clear.manifest();
        BlobSetWriter.Encryption encryption = writer.encryption().orElseThrow();
        KeyDocument document = new KeyDocument(
                KeyDocument.FORMAT, KeyDocument.VERSION, from.set(), encryption.section().key(), 1, from.startedAt(),
                encryption.section().recipients());
        writer.writeClear(document.blobName(), (Json.write(document) + "\n").getBytes(StandardCharsets.UTF_8));
        BlobRef globals = copy(from.globals().orElseThrow());
        DatabaseEntry entry = from.databases().get(0);
        DatabaseManifest database = clear.database(entry);
        List<BlobRef> blobs = new java.util.ArrayList<>();
        for (BlobRef blob : database.blobs()) {
            blobs.add(copy(blob));
        }
        BlobRef stored = writer.writeJson("databases/0001-shop/database.json", new DatabaseManifest(
                database.name(), database.snapshotAt(), database.position(), database.properties(), blobs,
                database.schemaBlob() + ".enc", database.tables().stream().map(this::renamed).toList()));
        BackupManifest manifest = new BackupManifest(
                from.format(), SetHeader.VERSION, from.set(), from.source(), from.run(), from.product(), from.startedAt(),
                from.sealedAt(), from.zone(), from.server(), from.consistency(), from.complete(), Optional.of(globals),
                List.of(new DatabaseEntry(
                        entry.name(), stored, entry.snapshotAt(), entry.position(), entry.tables(), entry.rows(),
                        entry.plainBytes(),
                        blobs.stream().mapToLong(BlobRef::storedBytes).sum() + stored.storedBytes())),
                from.missing());
        blobs.add(stored);
        List<StoredBlob> inventory = blobs.stream().map(StoredBlob::of).toList();
        byte[] lines = Inventory.write(inventory);
        String name = "databases/0001-shop/stored.jsonl";
        writer.writeClear(name, lines);
        SetHeader header = SetHeader.of(
                manifest,
                List.of(new SetHeader.Database(
                        entry.name(), new StoredBlob(name, lines.length, Sha256Probe.of(lines)), inventory.size(),
                        inventory.stream().mapToLong(StoredBlob::storedBytes).sum())),
                new SetHeader.Encryption(
                        StageDescriptor.ENCRYPTION, encryption.section().key(), List.of(encryption.section())));
        writer.seal(header, manifest);
    }

    private TableManifest renamed(TableManifest table) {
        return new TableManifest(
                table.schema(), table.name(), table.content(), table.readStatement(), table.properties(),
                table.parts().stream()
                        .map(part -> new PartManifest(
                                part.blob() + ".enc", part.member(), part.format(), part.loadStatement(), part.plainBytes(),
                                part.content()))
                        .toList());
    }

    private BlobRef copy(BlobRef blob) throws IOException {
        try (InputStream in = clear.open(blob)) {
            byte[] plain = in.readAllBytes();
            return writer.write(
                    blob.name().replaceAll("\\.zst$", ""), Blobs.source(plain), List.of(),
                    OptionalLong.of(plain.length), more -> {});
        }
    }
}
