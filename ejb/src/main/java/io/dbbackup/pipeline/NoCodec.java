package io.dbbackup.pipeline;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.StageDescriptor;
import java.io.InputStream;
import java.util.List;
import java.util.OptionalInt;

/** Stores the plain bytes: no stage, no suffix. */
final class NoCodec implements Codec {
    static final String NAME = "none";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String suffix() {
        return "";
    }

    @Override
    public List<Transform> transforms(OptionalInt level) {
        if (level.isPresent()) {
            throw new BackupException(
                    ErrorCode.INVALID_CONFIGURATION, "the codec none has no levels", "Leave the level out.");
        }
        return List.of();
    }

    @Override
    public InputStream decode(StageDescriptor stage, InputStream stored) {
        return stored;
    }
}
