package io.dbbackup.service.restore;

import io.dbbackup.catalog.RunView;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.service.run.Parameters;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The databases that a restore writes to on its target, as far as they are known: all of a set have no names before its manifest
 * was read. Compared without case, as some servers do. Immutable.
 *
 * @param names final names; empty when they are not yet known
 */
record RestoredNames(String target, Optional<Set<String>> names) {
    static RestoredNames of(RestoreParameters parameters) {
        return new RestoredNames(
                parameters.target(),
                parameters.databases().isEmpty() ? Optional.empty() : Optional.of(caseless(parameters.databases().values())));
    }

    static RestoredNames of(String target, Collection<String> names) {
        return new RestoredNames(target, Optional.of(caseless(names)));
    }

    /** Those of a run that may be planned. */
    static RestoredNames of(RunView run, WorkQueue queue) {
        RestoredNames given = of(RestoreParameters.of(new Parameters(run.parameters())));
        // of a run without a mapping they are those of the set
        Set<String> planned = given.names.orElseGet(() -> caseless(queue.databases(run.id())));
        return planned.isEmpty() ? given : of(given.target, planned);
    }

    /** What two write to, as far as that is known. */
    Set<String> both(RestoredNames other) {
        Set<String> both = caseless(names.orElse(Set.of()));
        both.retainAll(other.target.equals(target) ? other.names.orElse(Set.of()) : Set.of());
        return both;
    }

    private static Set<String> caseless(Collection<String> names) {
        Set<String> all = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        all.addAll(names);
        return all;
    }
}
