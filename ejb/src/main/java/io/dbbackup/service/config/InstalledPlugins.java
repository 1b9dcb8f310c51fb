package io.dbbackup.service.config;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.service.access.Access;
import io.dbbackup.spi.DatabaseEngine;
import io.dbbackup.spi.Notifier;
import io.dbbackup.spi.StoreProvider;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;

/** The plug-ins that are deployed. Thread-safe. */
@ApplicationScoped
public class InstalledPlugins implements Plugins {
    private Access access;
    private Instance<DatabaseEngine> engines;
    private Instance<StoreProvider> stores;
    private Instance<Notifier> notifiers;

    protected InstalledPlugins() {}

    @Inject
    public InstalledPlugins(
            Access access,
            @Any Instance<DatabaseEngine> engines,
            @Any Instance<StoreProvider> stores,
            @Any Instance<Notifier> notifiers) {
        this.access = access;
        this.engines = engines;
        this.stores = stores;
        this.notifiers = notifiers;
    }

    @Override
    public SortedSet<String> engines() {
        return types(engines, DatabaseEngine::type);
    }

    @Override
    public int defaultPort(String engine) {
        return access.engine(engine).defaultPort();
    }

    @Override
    public String defaultDatabase(String engine) {
        return access.engine(engine).defaultDatabase();
    }

    @Override
    public void checkOptions(String engine, Map<String, String> options) {
        access.engine(engine).validate(options);
    }

    @Override
    public void checkTogether(String engine, Map<String, String> options) {
        access.engine(engine).validateTogether(options);
    }

    @Override
    public SortedSet<String> stores() {
        return types(stores, StoreProvider::type);
    }

    @Override
    public void checkStore(String type, Map<String, String> settings) {
        access.storeProvider(type).validate(settings);
    }

    @Override
    public SortedSet<String> notifiers() {
        return types(notifiers, Notifier::type);
    }

    @Override
    public void checkNotifier(String type, Map<String, String> settings) {
        notifiers.stream()
                .filter(notifier -> notifier.type().equals(type))
                .findFirst()
                .orElseThrow(() -> new BackupException(
                        ErrorCode.INVALID_CONFIGURATION,
                        "there is no notification type \"" + type + "\"",
                        "Use one of: " + String.join(", ", notifiers()) + "."))
                .validate(settings);
    }

    private static <T> SortedSet<String> types(Instance<T> plugins, Function<T, String> type) {
        SortedSet<String> types = new TreeSet<>();
        plugins.forEach(plugin -> types.add(type.apply(plugin)));
        return types;
    }
}
