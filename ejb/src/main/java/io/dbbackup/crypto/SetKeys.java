package io.dbbackup.crypto;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.StageDescriptor;
import io.dbbackup.pipeline.Decryption;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The keys of one backup set that are at hand. A set has one key per execution that wrote blobs of it, so usually one.
 * Thread-safe.
 */
public final class SetKeys {
    /** For sets that are not encrypted. */
    public static final SetKeys NONE = new SetKeys("", List.of());

    private final String set;
    private final Map<String, SetKey> byId;

    public SetKeys(String set, List<SetKey> keys) {
        this.set = set;
        this.byId = keys.stream().collect(Collectors.toMap(SetKey::id, Function.identity()));
    }

    public boolean isEmpty() {
        return byId.isEmpty();
    }

    /** @throws BackupException KEY_MISSING when it is not at hand */
    public SetKey get(String id) {
        SetKey key = byId.get(id);
        if (key == null) {
            throw new BackupException(
                    ErrorCode.KEY_MISSING,
                    "the set's key " + id + " is not at hand",
                    "Open the backup set with a key of somebody it was encrypted for.");
        }
        return key;
    }

    /** Undoes the encryption of that blob of the set, or of the one that it refers to. */
    public Decryption of(BlobRef blob) {
        return blob.origin()
                .map(origin -> of(origin.set(), origin.name()))
                .orElseGet(() -> of(set, blob.name()));
    }

    private Decryption of(String owner, String blob) {
        return (stage, stored) -> get(keyOf(stage)).decrypt(owner, blob, stored);
    }

    private static String keyOf(StageDescriptor stage) {
        return stage.parameters().getOrDefault("key", "");
    }
}
