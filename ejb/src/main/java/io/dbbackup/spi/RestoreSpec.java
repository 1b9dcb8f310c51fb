package io.dbbackup.spi;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What to restore and how.
 *
 * @param databases name in the set to name on the target; never empty
 * @param clean existing databases of those names may be replaced
 * @param confirmed names of existing databases on the target whose replacement was confirmed
 * @param globals what to do with roles and tablespaces
 * @param owners false to give everything to the login role instead of the original owners
 * @param continueOnError a failing database does not stop the others
 * @param tablespaces where objects go that were in a tablespace
 * @param definer account that views, routines, triggers and events act as instead of their own ones; empty to leave that to
 *     {@code owners}. Only MySQL and MariaDB have definers
 * @param suspendTriggers triggers of tables that exist, which would fire while the rows of a data-only set are loaded, may be
 *     dropped and created again as they were. Only MySQL and MariaDB need that
 * @param whole like {@code databases}, with those of the run that this is not about any more: a restart looks at what is left, and
 *     definitions name what is finished, too
 */
public record RestoreSpec(
        Map<String, String> databases,
        boolean clean,
        Set<String> confirmed,
        Globals globals,
        boolean owners,
        boolean continueOnError,
        TablespaceChoice tablespaces,
        Optional<String> definer,
        boolean suspendTriggers,
        Map<String, String> whole) {
    public RestoreSpec {
        databases = Map.copyOf(databases);
        confirmed = Set.copyOf(confirmed);
        whole = Map.copyOf(whole);
    }

    /** Of all databases of the run. */
    public RestoreSpec(
            Map<String, String> databases,
            boolean clean,
            Set<String> confirmed,
            Globals globals,
            boolean owners,
            boolean continueOnError,
            TablespaceChoice tablespaces,
            Optional<String> definer,
            boolean suspendTriggers) {
        this(databases, clean, confirmed, globals, owners, continueOnError, tablespaces, definer, suspendTriggers, databases);
    }

    /** Every object goes into the tablespace of the same name. */
    public RestoreSpec(
            Map<String, String> databases,
            boolean clean,
            Set<String> confirmed,
            Globals globals,
            boolean owners,
            boolean continueOnError) {
        this(databases, clean, confirmed, globals, owners, continueOnError, TablespaceChoice.SAME);
    }

    /** No other definer. */
    public RestoreSpec(
            Map<String, String> databases,
            boolean clean,
            Set<String> confirmed,
            Globals globals,
            boolean owners,
            boolean continueOnError,
            TablespaceChoice tablespaces) {
        this(databases, clean, confirmed, globals, owners, continueOnError, tablespaces, Optional.empty());
    }

    /** Triggers stay as they are. */
    public RestoreSpec(
            Map<String, String> databases,
            boolean clean,
            Set<String> confirmed,
            Globals globals,
            boolean owners,
            boolean continueOnError,
            TablespaceChoice tablespaces,
            Optional<String> definer) {
        this(databases, clean, confirmed, globals, owners, continueOnError, tablespaces, definer, false);
    }

    /** The same for some of the databases. */
    public RestoreSpec of(Map<String, String> some) {
        return new RestoreSpec(
                some, clean, confirmed, globals, owners, continueOnError, tablespaces, definer, suspendTriggers, whole);
    }

    /** The same, with triggers suspended. */
    public RestoreSpec suspendingTriggers() {
        return new RestoreSpec(databases, clean, confirmed, globals, owners, continueOnError, tablespaces, definer, true, whole);
    }

    /** What to do with roles and tablespaces of the set. */
    public enum Globals {
        /** Create what the target does not have; leave what it has as it is. */
        MISSING,
        /** Also give existing roles the attributes of the set. */
        ALL,
        NONE
    }
}
