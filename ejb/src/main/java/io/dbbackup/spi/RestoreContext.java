package io.dbbackup.spi;

import io.dbbackup.model.Endpoint;

/** What an engine may use while it restores or compares. */
public interface RestoreContext extends WorkContext {
    Endpoint target();

    RestoreSpec spec();

    SetReader set();
}
