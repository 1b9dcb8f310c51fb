package io.dbbackup.pipeline;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.StageDescriptor;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.OptionalInt;

/** A transform made of its descriptor and of what wraps a stream. */
record StreamTransform(StageDescriptor descriptor, Wrapper wrapper) implements Transform {
    /** Wraps a stream. */
    @FunctionalInterface
    interface Wrapper {
        OutputStream wrap(OutputStream next) throws IOException;
    }

    static StreamTransform of(String codec, int level, Wrapper wrapper) {
        return new StreamTransform(new StageDescriptor(codec, Map.of("level", Integer.toString(level))), wrapper);
    }

    @Override
    public OutputStream encode(String blob, OutputStream next) throws IOException {
        return wrapper.wrap(next);
    }

    static int checkedLevel(String codec, OptionalInt level, int standard, int lowest, int highest) {
        int chosen = level.orElse(standard);
        if (chosen < lowest || chosen > highest) {
            throw new BackupException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "the codec " + codec + " has no level " + chosen,
                    "Choose a level from " + lowest + " to " + highest + ", or none for " + standard + ".");
        }
        return chosen;
    }
}
