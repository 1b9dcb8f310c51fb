package io.dbbackup.spi;

import io.dbbackup.model.Endpoint;

/** What an engine may use while it backs up. */
public interface BackupContext extends WorkContext {
    Endpoint source();

    BackupSpec spec();

    /** The backup set under construction. */
    SetWriter set();
}
