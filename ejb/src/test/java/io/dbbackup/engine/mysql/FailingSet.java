package io.dbbackup.engine.mysql;

import io.dbbackup.engine.OtherSet;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.SetReader;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicBoolean;

/** A set that cannot be read while it is told so. */
record FailingSet(SetReader set, AtomicBoolean fails) implements OtherSet {
    @Override
    public InputStream open(BlobRef blob) {
        if (fails.get()) {
            throw new BackupException(ErrorCode.STORE_IO, "it is told to fail", "Tell it to stop.");
        }
        return set.open(blob);
    }
}
