package io.dbbackup.service.backup;

import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.crypto.Envelope;
import io.dbbackup.crypto.SetKey;
import io.dbbackup.crypto.WrappingKey;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Json;
import io.dbbackup.model.StageDescriptor;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.model.manifest.KeyDocument;
import io.dbbackup.model.manifest.KeySection;
import io.dbbackup.model.manifest.SetHeader;
import io.dbbackup.model.manifest.StoredBlob;
import io.dbbackup.pipeline.Sha256Probe;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.service.set.BlobSetWriter;
import io.dbbackup.service.set.Inventory;
import io.dbbackup.service.set.KeyDocuments;
import io.dbbackup.spi.LogicalBackup;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * What a backup does differently when it is encrypted. The key of a set exists in clear only in the memory of the execution
 * that made it: an execution that follows a crash has a key of its own, and databases that were complete by then keep
 * theirs, which is in the store, wrapped. So nothing here reads what was encrypted.
 */
final class EncryptedSets {
    private EncryptedSets() {}

    /** A new key, wrapped; empty when there are no recipients. */
    static Optional<BlobSetWriter.Encryption> newKey(String set, List<WrappingKey> recipients) {
        if (recipients.isEmpty()) {
            return Optional.empty();
        }
        SetKey key = SetKey.random();
        return Optional.of(new BlobSetWriter.Encryption(set, key, Envelope.wrap(key, set, recipients)));
    }

    /** Stores the wrapped key before anything is encrypted with it. */
    static void publishKey(BlobSetWriter writer, Instant now) {
        writer.encryption().ifPresent(encryption -> {
            KeyDocument document = new KeyDocument(
                    KeyDocument.FORMAT, KeyDocument.VERSION, encryption.set(), encryption.section().key(), 1, now,
                    encryption.section().recipients());
            writer.writeClear(document.blobName(), (Json.write(document) + "\n").getBytes(StandardCharsets.UTF_8));
        });
    }

    /**
     * Checks the size of every blob, writes the inventories and makes the header.
     *
     * @param check compares a blob with the store and remembers its name
     * @param present says whether the store has a blob of that name
     */
    static SetHeader header(
            UUID run,
            BackupRunContext context,
            WorkQueue queue,
            BackupManifest manifest,
            Consumer<StoredBlob> check,
            Map<String, Long> present,
            Set<String> named) {
        BlobSetWriter.Encryption encryption = context.set().encryption().orElseThrow();
        Set<String> keys = new LinkedHashSet<>(List.of(encryption.section().key()));
        Consumer<BlobRef> look = blob -> {
            check.accept(StoredBlob.of(blob));
            blob.stages().stream()
                    .filter(stage -> stage.type().equals(StageDescriptor.ENCRYPTION))
                    .forEach(stage -> keys.add(stage.parameters().get("key")));
        };
        manifest.globals().ifPresent(look);
        List<SetHeader.Database> databases = new ArrayList<>();
        for (DatabaseEntry entry : manifest.databases()) {
            List<StoredBlob> blobs = new ArrayList<>();
            for (BlobRef blob : blobs(run, context, queue, entry.name())) {
                look.accept(blob);
                blobs.add(StoredBlob.of(blob));
            }
            StoredBlob inventory = inventory(context, entry, blobs, present);
            named.add(context.prefix() + inventory.name());
            databases.add(new SetHeader.Database(
                    entry.name(), inventory, blobs.size(), blobs.stream().mapToLong(StoredBlob::storedBytes).sum()));
        }
        List<KeySection> sections = keys.stream().map(key -> section(context, encryption, key)).toList();
        present.keySet().stream()
                .filter(name -> keys.stream().anyMatch(key ->
                        name.startsWith(context.prefix() + KeyDocument.DIRECTORY + key + "-")))
                .forEach(named::add);
        return SetHeader.of(manifest, databases, new SetHeader.Encryption(
                StageDescriptor.ENCRYPTION, encryption.section().key(), sections));
    }

    private static List<BlobRef> blobs(UUID run, BackupRunContext context, WorkQueue queue, String database) {
        LogicalBackup backup = context.engine().logicalBackup();
        List<BlobRef> blobs = new ArrayList<>();
        for (String kind : queue.kinds(run, database)) {
            queue.results(run, database, kind, item -> blobs.addAll(backup.blobsOf(kind, item)));
        }
        return blobs;
    }

    /** An earlier attempt to seal may have written it: the same blobs give the same bytes. */
    private static StoredBlob inventory(
            BackupRunContext context, DatabaseEntry entry, List<StoredBlob> blobs, Map<String, Long> present) {
        String manifest = entry.manifest().name();
        String name = manifest.substring(0, manifest.lastIndexOf('/') + 1) + "stored.jsonl";
        byte[] bytes = Inventory.write(blobs);
        StoredBlob inventory = new StoredBlob(name, bytes.length, Sha256Probe.of(bytes));
        if (present.containsKey(context.prefix() + name)) {
            BlobSetReader.inventory(
                    context.store(), context.prefix(), new SetHeader.Database(entry.name(), inventory, blobs.size(), 0));
        } else {
            context.set().writeClear(name, bytes);
        }
        return inventory;
    }

    private static KeySection section(BackupRunContext context, BlobSetWriter.Encryption encryption, String key) {
        if (key.equals(encryption.section().key())) {
            return encryption.section();
        }
        return KeyDocuments.newestFirst(context.store(), context.prefix(), key).stream()
                .findFirst()
                .map(document -> new KeySection(key, document.recipients()))
                .orElseThrow(() -> new BackupException(
                        ErrorCode.BLOB_MISSING,
                        "the wrapped key " + key + ", which an earlier execution of this run stored below "
                                + context.prefix() + KeyDocument.DIRECTORY + ", is gone",
                        "Find out who deleted it, then start a new backup."));
    }
}
