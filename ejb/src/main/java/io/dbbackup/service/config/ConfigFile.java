package io.dbbackup.service.config;

import io.dbbackup.model.ChannelConfig;
import io.dbbackup.model.KeyConfig;
import io.dbbackup.model.PolicyConfig;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.model.StoreConfig;
import java.util.List;
import java.util.Optional;

/**
 * The content of a configuration file, or of the catalog. Immutable; holds references to secrets, never secrets.
 *
 * @param workers of all runs that may be at work at the same time on a server; 0: not limited
 */
public record ConfigFile(
        List<SourceConfig> sources,
        List<StoreConfig> stores,
        List<PolicyConfig> policies,
        List<ChannelConfig> notifications,
        List<KeyConfig> keys,
        Optional<Boolean> requireEncryption,
        Optional<Integer> workers) {
    public static final ConfigFile EMPTY =
            new ConfigFile(List.of(), List.of(), List.of(), List.of(), List.of(), Optional.empty(), Optional.empty());

    public ConfigFile {
        sources = List.copyOf(sources);
        stores = List.copyOf(stores);
        policies = List.copyOf(policies);
        notifications = List.copyOf(notifications);
        keys = List.copyOf(keys);
    }
}
