package io.dbbackup.service.verify;

import io.dbbackup.model.VerifyLevel;
import io.dbbackup.service.run.Parameters;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The parameters of a verification.
 *
 * @param set id of the set, or {@code latest:<source>} before it is resolved
 * @param store the copy in this store; empty for the best one, before it is resolved
 * @param databases only these; empty for the whole set
 */
record VerifyParameters(String set, Optional<String> store, VerifyLevel level, List<String> databases) {
    private static final Set<String> KNOWN = Set.of("set", "store", "level", "databases", "workers");

    static VerifyParameters of(Parameters given) {
        given.onlyKnown(KNOWN).number("workers", 0, 0, 64);
        return new VerifyParameters(
                given.required("set"),
                given.text("store"),
                given.choice("level", VerifyLevel.class, VerifyLevel.CONTENT),
                given.list("databases"));
    }

    boolean wholeSet() {
        return databases.isEmpty();
    }

    boolean includes(String database) {
        return wholeSet() || databases.contains(database);
    }
}
