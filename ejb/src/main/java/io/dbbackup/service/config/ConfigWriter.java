package io.dbbackup.service.config;

import io.dbbackup.model.ChannelConfig;
import io.dbbackup.model.KeyConfig;
import io.dbbackup.model.PolicyConfig;
import io.dbbackup.model.RetentionPolicy;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.model.StoreConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/** Writes the configuration under the keys of the file: what it writes can be applied again and changes nothing. */
final class ConfigWriter {
    private ConfigWriter() {}

    static Map<String, Object> tree(ConfigFile file) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("sources", file.sources().stream().map(ConfigWriter::source).toList());
        tree.put("stores", file.stores().stream().map(ConfigWriter::store).toList());
        if (!file.keys().isEmpty()) {
            tree.put("keys", file.keys().stream().map(ConfigWriter::key).toList());
        }
        if (file.requireEncryption().orElse(false)) {
            tree.put("require_encryption", true);
        }
        file.workers().filter(workers -> workers > 0).ifPresent(workers -> tree.put("limits", Map.of("workers", workers)));
        tree.put("policies", file.policies().stream().map(ConfigWriter::policy).toList());
        tree.put("notifications", file.notifications().stream().map(ConfigWriter::channel).toList());
        return tree;
    }

    static String yaml(ConfigFile file) {
        DumpSettings settings = DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).setWidth(120).build();
        return new Dump(settings).dumpToString(tree(file));
    }

    private static Map<String, Object> source(SourceConfig source) {
        Map<String, Object> item = new LinkedHashMap<>();
        item.put("name", source.name());
        item.put("engine", source.engine());
        item.put("host", source.host());
        item.put("port", source.port());
        item.put("user", source.user());
        source.password().map(ref -> SecretKeys.write("password", ref)).ifPresent(e -> item.put(e.getKey(), e.getValue()));
        if (!source.maintenanceDatabase().isEmpty()) {
            item.put("database", source.maintenanceDatabase());
        }
        source.zone().ifPresent(zone -> item.put("timezone", zone));
        if (source.requireEncryption()) {
            item.put("require_encryption", true);
        }
        source.maxConnections().ifPresent(most -> item.put("max_connections", most));
        BandwidthSection.write(item, source.bandwidth());
        if (!source.options().isEmpty()) {
            item.put("options", new java.util.TreeMap<>(source.options()));
        }
        return item;
    }

    private static Map<String, Object> store(StoreConfig store) {
        Map<String, Object> item = new LinkedHashMap<>();
        item.put("name", store.name());
        item.put("type", store.type());
        BandwidthSection.write(item, store.bandwidth());
        item.putAll(SettingsSection.write(store.settings()));
        return item;
    }

    private static Map<String, Object> key(KeyConfig key) {
        Map<String, Object> item = new LinkedHashMap<>();
        item.put("name", key.name());
        item.put("type", key.type());
        key.file().ifPresent(file -> item.put("file", file));
        key.passphrase().map(ref -> SecretKeys.write("passphrase", ref)).ifPresent(e -> item.put(e.getKey(), e.getValue()));
        key.publicKeyFile().ifPresent(file -> item.put("public_key_file", file));
        key.privateKeyFile().ifPresent(file -> item.put("private_key_file", file));
        return item;
    }

    private static Map<String, Object> policy(PolicyConfig policy) {
        Map<String, Object> item = new LinkedHashMap<>();
        item.put("name", policy.name());
        item.put("source", policy.source());
        if (policy.copies().isEmpty()) {
            item.put("store", policy.store());
        } else {
            item.put("stores", policy.stores());
        }
        putUnlessEmpty(item, "databases", policy.databases());
        putUnlessEmpty(item, "exclude", policy.excludedDatabases());
        SelectionSection.write(item, policy.selection());
        Map<String, Object> compression = new LinkedHashMap<>();
        compression.put("codec", policy.codec());
        if (!policy.codec().equals("none")) {
            compression.put("level", policy.level());
        }
        item.put("compression", compression);
        item.put("part_size", Quantities.bytes(policy.partBytes()));
        item.put("workers", policy.workers());
        item.put("role_passwords", policy.rolePasswords());
        item.put("on_error", policy.continueOnError() ? "continue" : "stop");
        policy.reuseWithin().ifPresent(age -> {
            item.put("reuse_parts", true);
            item.put("reuse_within", Quantities.duration(age));
        });
        putUnlessEmpty(item, "encrypt", policy.encrypt());
        if (!policy.hooks().isEmpty()) {
            item.put("hooks", HooksSection.write(policy.hooks()));
        }
        policy.retention().ifPresent(retention -> item.put("retention", retention(retention)));
        if (!policy.retentionByStore().isEmpty()) {
            Map<String, Object> rules = new TreeMap<>();
            policy.retentionByStore().forEach((store, rule) -> rules.put(store, retention(rule)));
            item.put("retention_by_store", rules);
        }
        return item;
    }

    private static Map<String, Object> retention(RetentionPolicy retention) {
        Map<String, Object> item = new LinkedHashMap<>();
        item.put("last", retention.last());
        item.put("daily", retention.daily());
        item.put("weekly", retention.weekly());
        item.put("monthly", retention.monthly());
        item.put("yearly", retention.yearly());
        item.put("min_count", retention.minCount());
        retention.maxAge().ifPresent(age -> item.put("max_age", Quantities.duration(age)));
        return item;
    }

    private static Map<String, Object> channel(ChannelConfig channel) {
        Map<String, Object> item = new LinkedHashMap<>();
        item.put("name", channel.name());
        item.put("type", channel.type());
        item.put("when", channel.when().name().toLowerCase(Locale.ROOT));
        item.putAll(SettingsSection.write(channel.settings()));
        return item;
    }

    private static void putUnlessEmpty(Map<String, Object> item, String key, List<String> values) {
        if (!values.isEmpty()) {
            item.put(key, values);
        }
    }
}
