package io.dbbackup.engine;

import io.dbbackup.model.BlobRef;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.spi.SetReader;
import java.io.InputStream;

/** A set that is like {@link #set()} but for what its class says. */
public interface OtherSet extends SetReader {
    SetReader set();

    @Override
    default BackupManifest manifest() {
        return set().manifest();
    }

    @Override
    default DatabaseManifest database(DatabaseEntry entry) {
        return set().database(entry);
    }

    @Override
    default InputStream open(BlobRef blob) {
        return set().open(blob);
    }
}
