package io.dbbackup.model.manifest;

import java.time.Instant;
import java.util.List;

/**
 * Who a key of a set is wrapped for since some instant; a blob of its own beside the manifest, so that recipients can be
 * added where nothing can be overwritten. Not secret.
 *
 * @param format always {@value #FORMAT}
 * @param version version of this document's format
 * @param set the set
 * @param key id of the key, derived from it
 * @param number 1 for the document that the backup wrote; the highest counts
 */
public record KeyDocument(
        String format,
        int version,
        String set,
        String key,
        int number,
        Instant writtenAt,
        List<WrappedKey> recipients) {
    public static final String FORMAT = "dbbackup-keys";
    public static final int VERSION = 1;
    /** Directory of these documents in a set. */
    public static final String DIRECTORY = "keys/";

    public KeyDocument {
        recipients = List.copyOf(recipients);
    }

    public String blobName() {
        return blobName(key, number);
    }

    public static String blobName(String key, int number) {
        return "%s%s-%04d.json".formatted(DIRECTORY, key, number);
    }
}
