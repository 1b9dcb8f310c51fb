package io.dbbackup.service.access;

import io.dbbackup.catalog.Configuration;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.model.StoreConfig;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.DatabaseEngine;
import io.dbbackup.spi.StoreProvider;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.util.Optional;

/** Opens what the configuration names. Thread-safe. */
@ApplicationScoped
public class Access {
    private Configuration configuration;
    private Secrets secrets;
    private Instance<DatabaseEngine> engines;
    private Instance<StoreProvider> stores;

    protected Access() {}

    @Inject
    public Access(
            Configuration configuration,
            Secrets secrets,
            @Any Instance<DatabaseEngine> engines,
            @Any Instance<StoreProvider> stores) {
        this.configuration = configuration;
        this.secrets = secrets;
        this.engines = engines;
        this.stores = stores;
    }

    /** The keys to encrypt for and to open sets with. */
    public KeyRing keys() {
        return new KeyRing(configuration, secrets);
    }

    /** @throws BackupException UNKNOWN_SOURCE */
    public Endpoint endpoint(String source) {
        SourceConfig config = configuration.source(source);
        return new Endpoint(
                config.name(),
                config.engine(),
                config.host(),
                config.port(),
                config.user(),
                () -> config.password().map(secrets::read),
                config.maintenanceDatabase(),
                config.options());
    }

    /** @throws BackupException INVALID_CONFIGURATION when there is no such engine */
    public DatabaseEngine engine(String type) {
        return engines.stream()
                .filter(engine -> engine.type().equals(type))
                .findFirst()
                .orElseThrow(() -> new BackupException(
                        ErrorCode.INVALID_CONFIGURATION,
                        "there is no database engine \"" + type + "\"",
                        "Use one of: " + String.join(", ", engines.stream().map(DatabaseEngine::type).sorted().toList())
                                + "."));
    }

    /**
     * Opens a store; the caller closes it.
     *
     * @throws BackupException UNKNOWN_STORE, INVALID_CONFIGURATION, SECRET_UNAVAILABLE
     */
    public BlobStore store(String name) {
        StoreConfig config = configuration.store(name);
        return storeProvider(config.type()).open(config.settings(), reference -> Optional.of(secrets.read(reference)));
    }

    /** @throws BackupException INVALID_CONFIGURATION when there is no such type of store */
    public StoreProvider storeProvider(String type) {
        return stores.stream()
                .filter(provider -> provider.type().equals(type))
                .findFirst()
                .orElseThrow(() -> new BackupException(
                        ErrorCode.INVALID_CONFIGURATION,
                        "there is no store type \"" + type + "\"",
                        "Use one of: " + String.join(", ", stores.stream().map(StoreProvider::type).sorted().toList())
                                + "."));
    }
}
