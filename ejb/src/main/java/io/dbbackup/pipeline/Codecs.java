package io.dbbackup.pipeline;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.StageDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.stream.Collectors;

/** The codecs of the product. */
public final class Codecs {
    /** More stages than any writer of this format version makes; a manifest that names more is not ours. */
    private static final int MOST_STAGES = 4;

    private static final List<Codec> ALL = List.of(new ZstdCodec(), new GzipCodec(), new Lz4Codec(), new NoCodec());

    private Codecs() {}

    /** The names to choose from, the default first. */
    public static List<String> names() {
        return ALL.stream().map(Codec::name).toList();
    }

    public static Codec standard() {
        return ALL.get(0);
    }

    /** @throws BackupException INVALID_CONFIGURATION when there is no such codec */
    public static Codec byName(String name) {
        return ALL.stream()
                .filter(codec -> codec.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new BackupException(
                        ErrorCode.INVALID_CONFIGURATION,
                        "there is no codec named \"" + name + "\"",
                        "Use one of " + String.join(", ", names()) + "."));
    }

    /** @throws BackupException BLOB_UNDECODABLE when this version does not know the stage */
    public static Codec forDescriptor(StageDescriptor stage) {
        return ALL.stream()
                .filter(codec -> codec.name().equals(stage.type()))
                .findFirst()
                .orElseThrow(() -> new BackupException(
                        ErrorCode.BLOB_UNDECODABLE,
                        "the manifest names a stage \"" + stage.type() + "\" that this version does not know",
                        "Use a newer version of dbbackup, or undo the stage with the tool that it names."));
    }

    /** As the other, for blobs that are not encrypted. */
    public static InputStream decode(List<StageDescriptor> stages, InputStream stored) throws IOException {
        return decode(stages, stored, Decryption.NONE);
    }

    /** @throws BackupException BLOB_UNDECODABLE when this version does not know the stage */
    public static void checkKnown(StageDescriptor stage) {
        if (!stage.type().equals(StageDescriptor.ENCRYPTION)) {
            forDescriptor(stage);
        }
    }

    /**
     * Undoes stages, the last written first. Closing the returned stream closes {@code stored}.
     *
     * @param stages in writing order, as in the manifest
     * @param decryption undoes stages of type {@value StageDescriptor#ENCRYPTION}
     * @throws BackupException BLOB_UNDECODABLE for unknown or too many stages
     * @throws IOException when the first bytes are not in the format of the outermost stage
     */
    public static InputStream decode(List<StageDescriptor> stages, InputStream stored, Decryption decryption)
            throws IOException {
        if (stages.size() > MOST_STAGES) {
            throw new BackupException(
                    ErrorCode.BLOB_UNDECODABLE,
                    "the manifest names " + stages.size() + " stages ("
                            + stages.stream().map(StageDescriptor::type).collect(Collectors.joining(", "))
                            + "), more than the " + MOST_STAGES + " that a blob can have",
                    "Restore the manifest from another copy of the backup set.");
        }
        stages.forEach(Codecs::checkKnown);
        InputStream plain = stored;
        for (int i = stages.size() - 1; i >= 0; i--) {
            StageDescriptor stage = stages.get(i);
            plain = stage.type().equals(StageDescriptor.ENCRYPTION)
                    ? decryption.decrypt(stage, plain)
                    : forDescriptor(stage).decode(stage, plain);
        }
        return plain;
    }
}
