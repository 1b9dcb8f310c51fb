package io.dbbackup.pipeline;

import io.dbbackup.model.StageDescriptor;
import java.io.IOException;
import java.io.OutputStream;

/** A stage that changes bytes on their way to the store. Stateless and thread-safe; the streams it makes are not. */
public interface Transform {
    /** What a reader needs to undo this stage; goes into the manifest. */
    StageDescriptor descriptor();

    /**
     * Wraps {@code next}. Closing the returned stream finishes the stage's format and closes {@code next}.
     *
     * @param blob name of the blob that is written, below the prefix of its set; encryption binds the bytes to it
     */
    OutputStream encode(String blob, OutputStream next) throws IOException;
}
