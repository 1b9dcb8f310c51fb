package io.dbbackup.service.copy;

import io.dbbackup.service.run.Parameters;
import java.util.Optional;
import java.util.Set;

/**
 * The parameters of a copy run.
 *
 * @param set id of the set, or {@code latest:<source>} before it is resolved
 * @param store store to copy from; empty for the best copy, before it is resolved
 * @param to store to copy to
 * @param policy whose retention rules apply to the copy; empty for that of the copy it is made from
 */
record CopyParameters(String set, Optional<String> store, String to, Optional<String> policy) {
    private static final Set<String> KNOWN = Set.of("set", "store", "to", "policy", "workers");

    static CopyParameters of(Parameters given) {
        given.onlyKnown(KNOWN).number("workers", 0, 0, 64);
        return new CopyParameters(given.required("set"), given.text("store"), given.required("to"), given.text("policy"));
    }
}
