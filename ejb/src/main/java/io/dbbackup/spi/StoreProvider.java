package io.dbbackup.spi;

import io.dbbackup.model.SecretRef;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Opens stores of one type. Implemented by one {@code @ApplicationScoped} bean in the store's folder. */
public interface StoreProvider {
    /** The {@code type} in the configuration, for example {@code file}. */
    String type();

    /**
     * Checks settings without touching the store.
     *
     * @throws io.dbbackup.model.BackupException INVALID_CONFIGURATION naming the setting
     */
    void validate(Map<String, String> settings);

    /** Opens a store; settings whose name ends with {@code Secret} hold secret references. */
    BlobStore open(Map<String, String> settings, Function<SecretRef, Optional<String>> secrets);
}
