package io.dbbackup.model.manifest;

import java.util.List;

/**
 * One key of a set and everybody it is wrapped for. Not secret.
 *
 * @param key id of the key, derived from it
 */
public record KeySection(String key, List<WrappedKey> recipients) {
    public KeySection {
        recipients = List.copyOf(recipients);
    }
}
