package io.dbbackup.service.limit;

import io.dbbackup.catalog.Configuration;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.model.StoreConfig;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.Cancellation;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The limits of this server that all its runs share. What is configured anew holds for runs that are under way as well,
 * within seconds. Thread-safe. Keeps what has been asked for, which is at most what is configured.
 */
@ApplicationScoped
public class Limits {
    private final Map<String, Throttle> stores = new ConcurrentHashMap<>();
    private final Map<String, Throttle> sources = new ConcurrentHashMap<>();
    private final Map<String, Connections> connections = new ConcurrentHashMap<>();
    private final WorkerSlots workers = new WorkerSlots();
    private Configuration configuration;
    private Pace pace;

    protected Limits() {}

    @Inject
    public Limits(Configuration configuration, Clock clock) {
        this.configuration = configuration;
        this.pace = Pace.of(clock);
    }

    /** Slots for workers. */
    public WorkerSlots workers() {
        return workers;
    }

    /** What passes to and from a store. */
    public Throttle store(StoreConfig store) {
        Throttle throttle = stores.computeIfAbsent(
                store.name(), name -> new Throttle("store \"" + name + "\"", pace));
        throttle.set(store.bandwidth());
        return throttle;
    }

    /** The same store, whose blobs pass its throttle. */
    public BlobStore limited(BlobStore store, StoreConfig config, Cancellation cancellation) {
        return new LimitedStore(store, store(config), cancellation);
    }

    /** What passes to and from a source. */
    public Throttle source(SourceConfig source) {
        Throttle throttle = sources.computeIfAbsent(
                source.name(), name -> new Throttle("source \"" + name + "\"", pace));
        throttle.set(source.bandwidth());
        return throttle;
    }

    /** Connections to a source. */
    public Connections connections(SourceConfig source) {
        Connections allowed = connections.computeIfAbsent(source.name(), Connections::new);
        allowed.set(source.maxConnections().orElse(0));
        return allowed;
    }

    /** Looks at the configuration again for everything that was asked for. */
    public void refresh() {
        workers.set(configuration.workers().orElse(0));
        stores.forEach((name, throttle) -> throttle.set(configured(() -> configuration.store(name).bandwidth())));
        sources.forEach((name, throttle) -> throttle.set(configured(() -> configuration.source(name).bandwidth())));
        connections.forEach((name, allowed) ->
                allowed.set(configured(() -> configuration.source(name).maxConnections()).orElse(0)));
    }

    /** What is configured no more has no limits. */
    private static <T> Optional<T> configured(java.util.function.Supplier<Optional<T>> limit) {
        try {
            return limit.get();
        } catch (BackupException e) {
            return Optional.empty();
        }
    }
}
