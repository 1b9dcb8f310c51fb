package io.dbbackup.service.config;

import io.dbbackup.model.ChannelConfig;
import io.dbbackup.model.ChannelConfig.When;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads the section {@code notifications}. */
final class ChannelSection {
    private final Plugins plugins;
    private final ConfigErrors errors;
    private final Names names = new Names("notification");

    ChannelSection(Plugins plugins, ConfigErrors errors) {
        this.plugins = plugins;
        this.errors = errors;
    }

    ChannelConfig read(YamlMapping item) {
        String name = names.read(item);
        Optional<String> type = item.requiredChoice("type", List.copyOf(plugins.notifiers()));
        When when = item.choice("when", List.of("success", "failure", "always"))
                .map(w -> When.valueOf(w.toUpperCase(Locale.ROOT)))
                .orElse(When.FAILURE);
        Map<String, String> settings = SettingsSection.read(item, List.of("name", "type", "when"));
        type.ifPresent(t -> errors.checked(item.node(), item.where(), () -> plugins.checkNotifier(t, settings)));
        item.finish();
        return new ChannelConfig(name, type.orElse(""), when, settings);
    }
}
