package io.dbbackup.service.restore;

import io.dbbackup.service.hook.HookParameters;
import io.dbbackup.service.run.Parameters;
import io.dbbackup.spi.RestoreSpec;
import io.dbbackup.spi.TablespaceChoice;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The parameters of a restore run.
 *
 * @param store the copy in this store; empty for the best one, before it is resolved
 * @param databases name in the set to name on the target; empty for all of the set
 * @param definer account that takes the place of all definers; empty for what {@code owners} says
 * @param suspendTriggers triggers that would fire while rows alone are loaded may be dropped and created again
 * @param compare compare every restored table with the set afterwards
 */
record RestoreParameters(
        String set,
        Optional<String> store,
        String target,
        Map<String, String> databases,
        boolean clean,
        Set<String> confirmed,
        RestoreSpec.Globals globals,
        boolean owners,
        Optional<String> definer,
        boolean suspendTriggers,
        boolean compare,
        boolean continueOnError,
        TablespaceChoice tablespaces) {
    private static final Set<String> KNOWN = Set.of(
            "set", "store", "target", "databases", "clean", "confirm", "globals", "owners", "definer", "compare", "workers", "onError",
            "mapTablespaces", "noTablespaces", "suspendTriggers");

    /** What to do when a database fails. */
    enum OnError {
        STOP,
        CONTINUE
    }

    static RestoreParameters of(Parameters given) {
        Set<String> known = new TreeSet<>(KNOWN);
        known.addAll(HookParameters.KNOWN);
        given.onlyKnown(known).number("workers", 0, 0, 64);
        boolean clean = given.flag("clean", false);
        Set<String> confirmed = new LinkedHashSet<>(given.list("confirm"));
        if (!clean && !confirmed.isEmpty()) {
            throw Parameters.invalid(
                    "confirm is given without clean", "Give clean=true as well, or leave confirm out.");
        }
        boolean owners = given.flag("owners", true);
        if (!owners && given.text("definer").isPresent()) {
            throw Parameters.invalid("owners is false and definer is given", "Give one of them.");
        }
        return new RestoreParameters(
                given.required("set"),
                given.text("store"),
                given.required("target"),
                given.map("databases"),
                clean,
                confirmed,
                given.choice("globals", RestoreSpec.Globals.class, RestoreSpec.Globals.MISSING),
                owners,
                given.text("definer"),
                given.flag("suspendTriggers", false),
                given.flag("compare", true),
                given.choice("onError", OnError.class, OnError.STOP) == OnError.CONTINUE,
                tablespaces(given));
    }

    RestoreSpec spec(Map<String, String> resolvedDatabases) {
        return new RestoreSpec(
                resolvedDatabases, clean, confirmed, globals, owners, continueOnError, tablespaces, definer, suspendTriggers);
    }

    private static TablespaceChoice tablespaces(Parameters given) {
        TablespaceChoice choice =
                new TablespaceChoice(given.flag("noTablespaces", false), given.map("mapTablespaces"));
        if (choice.none() && !choice.mapping().isEmpty()) {
            throw Parameters.invalid(
                    "noTablespaces and mapTablespaces are both given", "Give one of them.");
        }
        return choice;
    }
}
