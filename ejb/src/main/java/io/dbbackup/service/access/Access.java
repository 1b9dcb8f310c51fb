package io.dbbackup.service.access;

import io.dbbackup.catalog.Configuration;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.model.StoreConfig;
import io.dbbackup.service.limit.Connections;
import io.dbbackup.service.limit.Limits;
import io.dbbackup.service.limit.Throttle;
import io.dbbackup.service.run.Execution;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.DatabaseEngine;
import io.dbbackup.spi.Progress;
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
    private Limits limits;
    private Instance<DatabaseEngine> engines;
    private Instance<StoreProvider> stores;

    protected Access() {}

    @Inject
    public Access(
            Configuration configuration,
            Secrets secrets,
            Limits limits,
            @Any Instance<DatabaseEngine> engines,
            @Any Instance<StoreProvider> stores) {
        this.configuration = configuration;
        this.secrets = secrets;
        this.limits = limits;
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
                config.options(),
                config.maxConnections().isPresent());
    }

    /**
     * Reserves the connections that a run may need, waiting for those that other runs have. The run gets fewer workers
     * when not all of them fit. Call it before the first connection.
     *
     * @throws BackupException UNKNOWN_SOURCE; INVALID_CONFIGURATION when not even one worker fits; CANCELLED
     */
    public void reserveConnections(String source, Execution execution) {
        SourceConfig config = configuration.source(source);
        DatabaseEngine engine = engine(config.engine());
        int wanted = execution.workers();
        execution.hold("connections", Connections.Reservation.class, () -> {
            Connections.Reservation reserved = limits.connections(config).reserve(
                    engine::connections, wanted, execution.cancellation(),
                    words -> execution.limitedBy("connections", () -> Optional.of(words)));
            execution.limitedBy("connections", () -> reserved.workers() == wanted
                    ? Optional.empty()
                    : Optional.of("limited to " + reserved.workers() + " of " + wanted + " workers (source \"" + config.name()
                            + "\", max_connections " + reserved.limit() + ", " + wanted + " would need " + engine.connections(wanted) + ")"));
            execution.mostWorkers(reserved.workers());
            return reserved;
        });
    }

    /** Lets what a run reads from a source, or writes to it, pass the source's limit while it is counted. */
    public Progress limited(String source, Execution execution, Progress progress) {
        Throttle throttle = execution.hold("throttle", HeldThrottle.class, () -> {
                    Throttle shared = limits.source(configuration.source(source));
                    execution.limitedBy("source", shared::describe);
                    return new HeldThrottle(shared);
                })
                .throttle();
        return more -> {
            throttle.pass(more, execution.cancellation());
            progress.bytes(more);
        };
    }

    private record HeldThrottle(Throttle throttle) implements AutoCloseable {
        @Override
        public void close() {
            // shared by all runs
        }
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
     * Opens a store for a short look; the caller closes it.
     *
     * @throws BackupException UNKNOWN_STORE, INVALID_CONFIGURATION, SECRET_UNAVAILABLE
     */
    public BlobStore store(String name) {
        return store(configuration.store(name), new Cancellation());
    }

    /** The same for a run, whose stop ends its waits for bandwidth. */
    public BlobStore store(String name, Execution execution) {
        StoreConfig config = configuration.store(name);
        execution.limitedBy("store " + config.name(), limits.store(config)::describe);
        return store(config, execution.cancellation());
    }

    /**
     * Opens a store that need not be configured; the caller closes it.
     *
     * @throws BackupException INVALID_CONFIGURATION, SECRET_UNAVAILABLE
     */
    public BlobStore open(StoreConfig config) {
        return store(config, new Cancellation());
    }

    private BlobStore store(StoreConfig config, Cancellation cancellation) {
        BlobStore store =
                storeProvider(config.type()).open(config.settings(), reference -> Optional.of(secrets.read(reference)));
        return limits.limited(store, config, cancellation);
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
