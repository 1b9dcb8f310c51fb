package io.dbbackup.spi;

import io.dbbackup.model.BlobRef;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.model.manifest.DatabaseManifest;
import java.io.InputStream;

/** Reads blobs of one sealed backup set. Thread-safe. */
public interface SetReader {
    BackupManifest manifest();

    /** Reads and checks the manifest of one database. */
    DatabaseManifest database(DatabaseEntry entry);

    /**
     * Opens the plain bytes of a blob. Reading to the end checks the size and SHA-256 of stored and plain bytes: the
     * read that would return the end of the stream throws {@code BackupException} (BLOB_SIZE_MISMATCH,
     * BLOB_DIGEST_MISMATCH, BLOB_UNDECODABLE) instead. A consumer must not commit before it saw the end.
     */
    InputStream open(BlobRef blob);
}
