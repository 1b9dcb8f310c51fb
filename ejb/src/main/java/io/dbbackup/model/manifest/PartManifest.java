package io.dbbackup.model.manifest;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.dbbackup.model.Fingerprint;
import java.util.Optional;

/**
 * A piece of a table's data.
 *
 * @param blob name of the blob that holds it
 * @param member path inside the blob when that is a tar bundle of many small tables, else empty
 * @param format format of the plain bytes, for example {@code pgcopy-text} or {@code pgcopy-binary}
 * @param loadStatement statement that loads the plain bytes
 * @param plainBytes size of the plain bytes
 * @param content fingerprint of its rows
 * @param assembly what is needed beside the load statement; empty when the plain bytes are rows of the table
 */
public record PartManifest(
        String blob,
        String member,
        String format,
        String loadStatement,
        long plainBytes,
        Fingerprint content,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Assembly> assembly) {
    public PartManifest {
        // absent in nearly all parts
        assembly = assembly == null ? Optional.empty() : assembly;
    }

    /** A part that its load statement alone loads. */
    public PartManifest(
            String blob, String member, String format, String loadStatement, long plainBytes, Fingerprint content) {
        this(blob, member, format, loadStatement, plainBytes, content, Optional.empty());
    }

    /** The same part in another blob. */
    public PartManifest in(String otherBlob) {
        return new PartManifest(otherBlob, member, format, loadStatement, plainBytes, content, assembly);
    }
}
