package io.dbbackup.crypto;

import java.util.List;

/**
 * The keys at hand to open sets with.
 *
 * @param problems why others that are configured cannot be used, without secrets
 */
public record KeyBunch(List<WrappingKey> keys, List<String> problems) {
    /** No key at all. */
    public static final KeyBunch EMPTY = new KeyBunch(List.of(), List.of());

    public KeyBunch {
        keys = List.copyOf(keys);
        problems = List.copyOf(problems);
    }
}
