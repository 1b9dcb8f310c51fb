package io.dbbackup.model;

import java.util.Map;

/** A place for backup sets; settings whose name ends with {@code Secret} are secret references. */
public record StoreConfig(String name, String type, Map<String, String> settings) {
    public StoreConfig {
        settings = Map.copyOf(settings);
    }
}
