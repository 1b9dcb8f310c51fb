package io.dbbackup.pipeline;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.StageDescriptor;
import java.io.IOException;
import java.io.InputStream;

/** Undoes the encryption of one blob: knows its name and finds its key. Thread-safe. */
@FunctionalInterface
public interface Decryption {
    /** For bytes that nobody encrypts: refuses with KEY_MISSING. */
    Decryption NONE = (stage, stored) -> {
        throw new BackupException(
                ErrorCode.KEY_MISSING,
                "the blob is encrypted (" + stage.type() + ") and no key is at hand",
                "Open the backup set with one of its keys.");
    };

    /**
     * The returned stream gives no byte that was not authenticated, and throws {@link NotAuthenticException} instead of
     * its end when the stored bytes are altered, reordered, truncated or those of another blob.
     *
     * @throws BackupException KEY_MISSING when the key that the stage names is not at hand
     */
    InputStream decrypt(StageDescriptor stage, InputStream stored) throws IOException;
}
