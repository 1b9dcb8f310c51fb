package io.dbbackup.service.imports;

import java.util.Optional;

/**
 * What to import.
 *
 * @param from name of a store, or its URL
 * @param as name under which a store is registered that is given by its URL and not configured
 * @param source only sets of this source, which need not be configured
 * @param set only this set
 * @param policy whose retention rules are meant for the imported sets, as far as they are of its source; empty for what is
 *     known otherwise, which is nothing on another machine
 * @param dryRun only say what would be done; a store is not registered either
 */
public record ImportRequest(
        String from,
        Optional<String> as,
        Optional<String> source,
        Optional<String> set,
        Optional<String> policy,
        boolean dryRun) {
    /** Everything that a configured store has. */
    public static ImportRequest of(String store) {
        return new ImportRequest(
                store, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), false);
    }

    public ImportRequest ofSource(String name) {
        return new ImportRequest(from, as, Optional.of(name), set, policy, dryRun);
    }

    public ImportRequest forPolicy(String name) {
        return new ImportRequest(from, as, source, set, Optional.of(name), dryRun);
    }

    public ImportRequest dry() {
        return new ImportRequest(from, as, source, set, policy, true);
    }
}
