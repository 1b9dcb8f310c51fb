package io.dbbackup.model;

import java.util.Map;

/**
 * One transformation that the stored bytes went through, in the order in which it was applied when writing. Decoding is
 * built from these, never from a file name.
 *
 * @param type for example {@code zstd}, {@code gzip}, {@code lz4}
 * @param parameters for example {@code level}; informative unless the stage needs them to decode
 */
public record StageDescriptor(String type, Map<String, String> parameters) {
    /** Type of the stage that encrypts; its parameter {@code key} names the key. */
    public static final String ENCRYPTION = "aes256-gcm-hkdf-64kb";

    public StageDescriptor {
        parameters = Map.copyOf(parameters);
    }
}
