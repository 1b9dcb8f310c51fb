package io.dbbackup.service.set;

import io.dbbackup.crypto.Envelope;
import io.dbbackup.crypto.KeyBunch;
import io.dbbackup.crypto.SetKey;
import io.dbbackup.crypto.SetKeys;
import io.dbbackup.crypto.WrappingKey;
import io.dbbackup.model.Json;
import io.dbbackup.model.manifest.KeyDocument;
import io.dbbackup.model.manifest.KeySection;
import io.dbbackup.pipeline.Codecs;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.Cancellation;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Wraps the keys of a set for other recipients, in new key documents beside the manifest: no blob is read, written again or
 * overwritten, so that it works for sets of any size and in immutable stores. Who could open the set before still can,
 * because what is written stays.
 */
public final class KeyRotation {
    private KeyRotation() {}

    /**
     * @param atHand must open the set
     * @param recipients who shall be able to open it from now on
     * @return the documents that were written; none for a set that is not encrypted
     * @throws io.dbbackup.model.BackupException KEY_MISSING, KEY_WRONG, BLOB_EXISTS when somebody else rotates at the same
     *     time, or of the store
     */
    public static List<KeyDocument> rotate(
            BlobStore store, String prefix, KeyBunch atHand, List<WrappingKey> recipients, Instant now) {
        ManifestFile file = BlobSetReader.file(store, prefix, Optional.empty());
        if (!file.encrypted()) {
            return List.of();
        }
        SetKeys keys = SetUnlock.unlock(store, prefix, file, atHand);
        // the body authenticates the header before anybody else is let in
        file.manifest(keys);
        BlobSetWriter writer =
                new BlobSetWriter(store, prefix, Codecs.standard(), OptionalInt.empty(), new Cancellation());
        List<KeyDocument> written = new ArrayList<>();
        for (KeySection section : file.header().encryption().orElseThrow().keys()) {
            SetKey key = keys.get(section.key());
            String set = section.set().orElse(file.header().set());
            int number = 1 + KeyDocuments.newestFirst(store, prefix, key.id()).stream()
                    .mapToInt(KeyDocument::number)
                    .max()
                    .orElse(0);
            KeyDocument document = new KeyDocument(
                    KeyDocument.FORMAT, KeyDocument.VERSION, set, key.id(), number, now,
                    Envelope.wrap(key, set, recipients).recipients());
            writer.writeClear(document.blobName(), (Json.write(document) + "\n").getBytes(StandardCharsets.UTF_8));
            written.add(document);
        }
        return written;
    }
}
