package io.dbbackup.spi;

import io.dbbackup.model.Endpoint;
import io.dbbackup.model.manifest.DatabaseManifest;
import java.util.Optional;

/** What an engine may use while it backs up. */
public interface BackupContext extends WorkContext {
    Endpoint source();

    BackupSpec spec();

    /** The backup set under construction. */
    SetWriter set();

    /** Says what would be well to change on the source and keeps no backup from being whole: checks of a source show it, runs do not. */
    default void advise(String advice) {}

    /**
     * What an earlier set of the source holds of a database: the set under construction may refer to those of its blobs that have
     * an origin, instead of storing the same bytes again. Origins stay until the run has ended. Reads from the store at each call.
     *
     * @return empty when nothing may be referred to
     */
    default Optional<DatabaseManifest> earlier(String database) {
        return Optional.empty();
    }
}
