package io.dbbackup.service.verify;

import io.dbbackup.model.Endpoint;
import io.dbbackup.service.run.Execution;
import io.dbbackup.service.run.ForwardingContext;
import io.dbbackup.spi.DatabaseEngine;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.RestoreSpec;
import io.dbbackup.spi.SetReader;

/** A restore into a throwaway server; closing it destroys the server. */
final class SandboxContext extends ForwardingContext implements RestoreContext, AutoCloseable {
    static final String MATTER = "throwaway server";

    private final DatabaseEngine.Sandbox sandbox;
    private final RestoreSpec spec;
    private final SetReader set;

    SandboxContext(Execution execution, DatabaseEngine.Sandbox sandbox, RestoreSpec spec, SetReader set) {
        super(execution);
        this.sandbox = sandbox;
        this.spec = spec;
        this.set = set;
    }

    /** With the server goes all that was found on it. */
    @Override
    public void warn(String warning) {
        warn(MATTER, warning);
    }

    @Override
    public Endpoint target() {
        return sandbox.endpoint();
    }

    @Override
    public RestoreSpec spec() {
        return spec;
    }

    @Override
    public SetReader set() {
        return set;
    }

    @Override
    public boolean throwaway() {
        return true;
    }

    @Override
    public void close() {
        sandbox.close();
    }
}
