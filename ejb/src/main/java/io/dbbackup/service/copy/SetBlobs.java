package io.dbbackup.service.copy;

import io.dbbackup.crypto.SetKeys;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.model.manifest.SetHeader;
import io.dbbackup.model.manifest.StoredBlob;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.service.set.ManifestFile;
import io.dbbackup.spi.BlobStore;
import java.util.function.Consumer;

/**
 * The blobs of a set with the digests that its manifest vouches for: all but the manifest itself and key documents. Needs
 * no key of an encrypted set, whose inventories are clear. Holds one database's list at a time.
 */
final class SetBlobs {
    private SetBlobs() {}

    /**
     * @param file the manifest in that store
     * @throws BackupException BLOB_MISSING, BLOB_DIGEST_MISMATCH, MANIFEST_INVALID, or of the store
     */
    static void each(BlobStore store, String prefix, ManifestFile file, Consumer<StoredBlob> each) {
        if (file.encrypted()) {
            file.header().globals().ifPresent(each);
            for (SetHeader.Database database : file.header().databases()) {
                each.accept(database.inventory());
                BlobSetReader.inventory(store, prefix, database).forEach(each);
            }
            return;
        }
        BackupManifest manifest = file.manifest(SetKeys.NONE);
        BlobSetReader reader = BlobSetReader.of(store, prefix, manifest);
        manifest.globals().map(StoredBlob::of).ifPresent(each);
        for (DatabaseEntry entry : manifest.databases()) {
            each.accept(StoredBlob.of(entry.manifest()));
            for (BlobRef blob : reader.database(entry).blobs()) {
                each.accept(StoredBlob.of(blob));
            }
        }
    }
}
