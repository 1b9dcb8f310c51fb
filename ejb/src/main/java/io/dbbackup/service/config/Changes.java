package io.dbbackup.service.config;

import io.dbbackup.model.ChannelConfig;
import io.dbbackup.model.KeyConfig;
import io.dbbackup.model.PolicyConfig;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.model.StoreConfig;
import io.dbbackup.service.config.ApplyResult.Action;
import io.dbbackup.service.config.ApplyResult.Change;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** Compares a file with what is configured; sources, stores and keys come first, because policies refer to them. */
final class Changes {
    private final List<Change> changes = new ArrayList<>();
    private final boolean save;

    private Changes(boolean save) {
        this.save = save;
    }

    /** Says what would change, without doing it. */
    static ApplyResult between(ConfigFile existing, ConfigFile file) {
        return run(false, existing, file, s -> {}, s -> {}, p -> {}, c -> {}, k -> {});
    }

    static ApplyResult save(
            ConfigFile existing,
            ConfigFile file,
            Consumer<SourceConfig> sources,
            Consumer<StoreConfig> stores,
            Consumer<PolicyConfig> policies,
            Consumer<ChannelConfig> channels,
            Consumer<KeyConfig> keys) {
        return run(true, existing, file, sources, stores, policies, channels, keys);
    }

    private static ApplyResult run(
            boolean save,
            ConfigFile existing,
            ConfigFile file,
            Consumer<SourceConfig> sources,
            Consumer<StoreConfig> stores,
            Consumer<PolicyConfig> policies,
            Consumer<ChannelConfig> channels,
            Consumer<KeyConfig> keys) {
        Changes changes = new Changes(save);
        changes.section("source", existing.sources(), file.sources(), SourceConfig::name, sources);
        changes.section("store", existing.stores(), file.stores(), StoreConfig::name, stores);
        changes.section("key", existing.keys(), file.keys(), KeyConfig::name, keys);
        file.requireEncryption().ifPresent(required -> changes.add(new Change(
                "setting",
                "require_encryption",
                existing.requireEncryption().equals(Optional.of(required)) ? Action.UNCHANGED : Action.CHANGED)));
        file.workers().ifPresent(workers -> changes.add(new Change(
                "setting",
                "limits.workers",
                existing.workers().orElse(0).equals(workers) ? Action.UNCHANGED : Action.CHANGED)));
        changes.section("policy", existing.policies(), file.policies(), PolicyConfig::name, policies);
        changes.section("notification", existing.notifications(), file.notifications(), ChannelConfig::name, channels);
        return new ApplyResult(!save, changes.changes);
    }

    private void add(Change change) {
        changes.add(change);
    }

    private <T> void section(String kind, List<T> existing, List<T> file, Function<T, String> name, Consumer<T> saver) {
        Map<String, T> left = new LinkedHashMap<>();
        existing.forEach(item -> left.put(name.apply(item), item));
        for (T item : file) {
            T before = left.remove(name.apply(item));
            Action action = before == null ? Action.CREATED : before.equals(item) ? Action.UNCHANGED : Action.CHANGED;
            if (save && action != Action.UNCHANGED) {
                saver.accept(item);
            }
            add(new Change(kind, name.apply(item), action));
        }
        left.keySet().forEach(kept -> add(new Change(kind, kept, Action.KEPT)));
    }
}
