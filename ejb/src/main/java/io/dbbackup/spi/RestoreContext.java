package io.dbbackup.spi;

import io.dbbackup.model.Endpoint;

/** What an engine may use while it restores or compares. */
public interface RestoreContext extends WorkContext {
    Endpoint target();

    RestoreSpec spec();

    SetReader set();

    /** Whether the target lives for this verification alone, so that what a set needs of its server may be added to it. */
    default boolean throwaway() {
        return false;
    }
}
