package io.dbbackup.service.backup;

import io.dbbackup.model.Endpoint;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.service.run.Execution;
import io.dbbackup.service.run.ForwardingContext;
import io.dbbackup.service.set.BlobSetWriter;
import io.dbbackup.spi.BackupContext;
import io.dbbackup.spi.BackupSpec;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.DatabaseEngine;
import java.util.Optional;

/** What one execution of a backup works with; held by the execution, closes the store. */
final class BackupRunContext extends ForwardingContext implements BackupContext, AutoCloseable {
    private final DatabaseEngine engine;
    private final Endpoint source;
    private final BackupSpec spec;
    private final BlobStore store;
    private final BlobSetWriter set;
    private final String prefix;
    private volatile Optional<EarlierSet> earlier = Optional.empty();

    BackupRunContext(
            Execution execution,
            DatabaseEngine engine,
            Endpoint source,
            BackupSpec spec,
            BlobStore store,
            BlobSetWriter set,
            String prefix) {
        super(execution);
        this.engine = engine;
        this.source = source;
        this.spec = spec;
        this.store = store;
        this.set = set;
        this.prefix = prefix;
    }

    DatabaseEngine engine() {
        return engine;
    }

    BlobStore store() {
        return store;
    }

    /** Of the set in its store, ends with a slash. */
    String prefix() {
        return prefix;
    }

    @Override
    public Endpoint source() {
        return source;
    }

    @Override
    public BackupSpec spec() {
        return spec;
    }

    @Override
    public BlobSetWriter set() {
        return set;
    }

    /** From now on this set may be referred to. */
    void reuse(Optional<EarlierSet> set) {
        earlier = set;
    }

    @Override
    public Optional<DatabaseManifest> earlier(String database) {
        return earlier.flatMap(set -> set.database(database));
    }

    @Override
    public void close() {
        store.close();
    }
}
