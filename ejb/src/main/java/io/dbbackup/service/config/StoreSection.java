package io.dbbackup.service.config;

import io.dbbackup.model.Bandwidth;
import io.dbbackup.model.StoreConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the section {@code stores}. */
final class StoreSection {
    private final Plugins plugins;
    private final ConfigErrors errors;
    private final Names names = new Names("store");

    StoreSection(Plugins plugins, ConfigErrors errors) {
        this.plugins = plugins;
        this.errors = errors;
    }

    StoreConfig read(YamlMapping item) {
        String name = names.read(item);
        Optional<String> type = item.requiredChoice("type", List.copyOf(plugins.stores()));
        Optional<Bandwidth> bandwidth = BandwidthSection.read(item);
        Map<String, String> settings = SettingsSection.read(item, List.of("name", "type", "bandwidth"));
        type.ifPresent(t -> errors.checked(item.node(), item.where(), () -> plugins.checkStore(t, settings)));
        item.finish();
        return new StoreConfig(name, type.orElse(""), settings, bandwidth);
    }
}
