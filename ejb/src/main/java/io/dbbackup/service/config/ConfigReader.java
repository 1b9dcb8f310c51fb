package io.dbbackup.service.config;

import io.dbbackup.model.ChannelConfig;
import io.dbbackup.model.KeyConfig;
import io.dbbackup.model.PolicyConfig;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.model.StoreConfig;
import io.dbbackup.service.access.StorePlace;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads a configuration file (YAML 1.2) and checks it as a whole. Builds no objects that the file names. */
final class ConfigReader {
    static final int MAX_CHARACTERS = 1 << 20;

    private final Plugins plugins;

    ConfigReader(Plugins plugins) {
        this.plugins = plugins;
    }

    /**
     * Reads a file.
     *
     * @param existing what is already configured: policies may name its sources and stores
     * @throws InvalidConfigurationException with all errors
     */
    ConfigFile read(String yaml, ConfigFile existing) {
        ConfigErrors errors = new ConfigErrors();
        Optional<YamlMapping> root = compose(yaml, errors).flatMap(node -> YamlMapping.of(node, "", errors));
        ConfigFile file = root.map(top -> bind(top, existing, errors)).orElse(ConfigFile.EMPTY);
        errors.throwIfAny();
        return file;
    }

    private static Optional<Node> compose(String yaml, ConfigErrors errors) {
        try {
            LoadSettings settings = LoadSettings.builder().setLabel("configuration").setCodePointLimit(MAX_CHARACTERS).build();
            Optional<Node> node = new Compose(settings).composeString(yaml);
            if (node.isEmpty()) {
                errors.add(Optional.empty(), "", "the file is empty", "Give sources, stores, policies or notifications.");
            }
            return node;
        } catch (MarkedYamlEngineException e) {
            String what = e.getProblem() + (e.getContext() == null ? "" : " (" + e.getContext() + ")");
            errors.add(
                    e.getProblemMark().or(e::getContextMark),
                    "",
                    "not YAML: " + what,
                    "Check indentation (spaces only), colons and quotes.");
        } catch (YamlEngineException e) {
            errors.add(Optional.empty(), "", "not YAML: " + e.getMessage(), "Give one YAML document of at most 1 MiB.");
        }
        return Optional.empty();
    }

    private ConfigFile bind(YamlMapping top, ConfigFile existing, ConfigErrors errors) {
        SourceSection sourceSection = new SourceSection(plugins, errors);
        StoreSection storeSection = new StoreSection(plugins, errors);
        ChannelSection channelSection = new ChannelSection(plugins, errors);
        List<SourceConfig> sources = top.mappings("sources").stream().map(sourceSection::read).toList();
        List<YamlMapping> storeItems = top.mappings("stores");
        List<StoreConfig> stores = storeItems.stream().map(storeSection::read).toList();
        refuseTwins(storeItems, stores, existing, errors);
        KeySection keySection = new KeySection();
        List<KeyConfig> keys = top.mappings("keys").stream().map(keySection::read).toList();
        Optional<Boolean> requireEncryption = top.flag("require_encryption");
        PolicySection policySection = new PolicySection(
                names(existing.sources().stream().map(SourceConfig::name).toList(),
                        sources.stream().map(SourceConfig::name).toList()),
                names(existing.stores().stream().map(StoreConfig::name).toList(),
                        stores.stream().map(StoreConfig::name).toList()),
                names(existing.keys().stream().map(KeyConfig::name).toList(),
                        keys.stream().map(KeyConfig::name).toList()));
        List<PolicyConfig> policies = top.mappings("policies").stream().map(policySection::read).toList();
        List<ChannelConfig> channels = top.mappings("notifications").stream().map(channelSection::read).toList();
        Optional<Integer> workers = top.mapping("limits").flatMap(limits -> {
            Optional<Integer> most = limits.number("workers", 0, 10_000).map(Long::intValue);
            limits.finish();
            return most;
        });
        top.finish();
        return new ConfigFile(sources, stores, policies, channels, keys, requireEncryption, workers);
    }

    /** Two names of one place make one set look like two copies, and what expires under one name is gone under the other. */
    private static void refuseTwins(
            List<YamlMapping> items, List<StoreConfig> stores, ConfigFile existing, ConfigErrors errors) {
        if (errors.any()) {
            return;
        }
        List<String> given = stores.stream().map(StoreConfig::name).toList();
        List<StoreConfig> before = new ArrayList<>(
                existing.stores().stream().filter(store -> !given.contains(store.name())).toList());
        for (int i = 0; i < stores.size(); i++) {
            YamlMapping item = items.get(i);
            StorePlace.twin(stores.get(i), before).ifPresent(twin -> errors.add(
                    item.node(), item.where(), "the store \"" + twin.name() + "\" is at the same place already",
                    "Use that one, or give one of them another path, bucket or prefix."));
            before.add(stores.get(i));
        }
    }

    private static Collection<String> names(List<String> existing, List<String> given) {
        TreeSet<String> names = new TreeSet<>(existing);
        names.addAll(given);
        names.remove("");
        return names;
    }
}
