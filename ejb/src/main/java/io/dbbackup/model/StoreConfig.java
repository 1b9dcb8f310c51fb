package io.dbbackup.model;

import java.util.Map;
import java.util.Optional;

/**
 * A place for backup sets; settings whose name ends with {@code Secret} are secret references.
 *
 * @param bandwidth of everything that all runs together read from it and write to it
 */
public record StoreConfig(String name, String type, Map<String, String> settings, Optional<Bandwidth> bandwidth) {
    public StoreConfig {
        settings = Map.copyOf(settings);
        // a store that was configured before there were limits has none
        bandwidth = bandwidth == null ? Optional.empty() : bandwidth;
    }

    /** A store without limits. */
    public StoreConfig(String name, String type, Map<String, String> settings) {
        this(name, type, settings, Optional.empty());
    }
}
