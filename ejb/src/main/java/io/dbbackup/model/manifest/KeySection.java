package io.dbbackup.model.manifest;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Optional;

/**
 * One key of a set and everybody it is wrapped for. Not secret.
 *
 * @param key id of the key, derived from it
 * @param set the set that it is the key of, when that is another one, whose blobs are referred to; wrapping is bound to it
 */
public record KeySection(
        String key,
        List<WrappedKey> recipients,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> set) {
    public KeySection {
        recipients = List.copyOf(recipients);
        set = set == null ? Optional.empty() : set;
    }

    /** A key of the set itself. */
    public KeySection(String key, List<WrappedKey> recipients) {
        this(key, recipients, Optional.empty());
    }
}
