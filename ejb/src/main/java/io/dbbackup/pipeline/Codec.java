package io.dbbackup.pipeline;

import io.dbbackup.model.StageDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.OptionalInt;

/** A compression format that everybody's command line opens. Stateless and thread-safe. */
public interface Codec {
    /** The name in configurations and in {@link StageDescriptor#type()}. */
    String name();

    /** What the codec adds to the name of a blob, for example {@code .zst}; a help for people, never read back. */
    String suffix();

    /**
     * The stages that compress; none for the codec {@code none}.
     *
     * @param level the format's own scale; empty for the codec's default
     * @throws io.dbbackup.model.BackupException INVALID_CONFIGURATION when the format has no such level
     */
    List<Transform> transforms(OptionalInt level);

    /**
     * Undoes the stage. The returned stream throws {@code IOException} when the bytes are not in the format; its memory
     * is bounded whatever the bytes say.
     */
    InputStream decode(StageDescriptor stage, InputStream stored) throws IOException;
}
