package io.dbbackup.service.restore;

import io.dbbackup.model.Endpoint;
import io.dbbackup.service.run.Execution;
import io.dbbackup.service.run.ForwardingContext;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.DatabaseEngine;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.RestoreSpec;
import io.dbbackup.spi.SetReader;

/** What one execution works with that restores a set; closes the store. */
public final class RestoreRunContext extends ForwardingContext implements RestoreContext, AutoCloseable {
    private final Execution execution;
    private final DatabaseEngine engine;
    private final Endpoint target;
    private final RestoreSpec spec;
    private final SetReader set;
    private final BlobStore store;

    public RestoreRunContext(
            Execution execution, DatabaseEngine engine, Endpoint target, RestoreSpec spec, SetReader set, BlobStore store) {
        super(execution);
        this.execution = execution;
        this.engine = engine;
        this.target = target;
        this.spec = spec;
        this.set = set;
        this.store = store;
    }

    public DatabaseEngine engine() {
        return engine;
    }

    @Override
    public Endpoint target() {
        return target;
    }

    @Override
    public RestoreSpec spec() {
        return spec;
    }

    @Override
    public SetReader set() {
        return set;
    }

    /** The same with another specification. */
    RestoreRunContext with(RestoreSpec other) {
        return new RestoreRunContext(execution, engine, target, other, set, store);
    }

    @Override
    public void close() {
        store.close();
    }
}
