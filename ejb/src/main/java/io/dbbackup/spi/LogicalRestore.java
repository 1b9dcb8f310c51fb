package io.dbbackup.spi;

import io.dbbackup.model.Endpoint;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Restores databases of a sealed set into a server. Thread-safe. Every item is exactly-once or idempotent: a data part
 * is loaded in one transaction of the target that also writes {@link WorkItem#id()} into a marker table there.
 */
public interface LogicalRestore {
    /** What the names of databases begin with that a restore is filling, or has taken the final name from. */
    String TEMPORARY = "dbbackup_restoring_";

    /**
     * Looks at set and target and refuses what cannot work or would overwrite unconfirmed.
     *
     * @throws io.dbbackup.model.BackupException with code, cause and remedy; the target is then unchanged
     */
    void preflight(RestoreContext context);

    /** All items known from the start. Side-effect free. */
    List<ItemDraft> plan(RestoreContext context);

    /**
     * Items that compare each restored table with the set, to be added to {@link #plan}; each needs what finishes its
     * database. The result of such an item is a {@link TableComparison}.
     */
    List<ItemDraft> planComparison(RestoreContext context);

    /**
     * Items that must wait until nothing else of their database is left to do.
     *
     * @param others all other items of the run
     */
    default List<ItemDraft> planEnd(RestoreContext context, List<ItemDraft> others) {
        return List.of();
    }

    /** Kind of the comparing items. */
    String comparisonKind();

    /** Kind of the item that makes a restored database visible under its final name; one per database. */
    String finishKind();

    /** Kind of the items that create the events of a database, which wait for all databases of the run; empty when there are none. */
    default Optional<String> eventsKind() {
        return Optional.empty();
    }

    /** Kind of an item that each database has in restores of data-only sets, and in no other ones; empty when there are no such restores. */
    default Optional<String> rowsOnlyKind() {
        return Optional.empty();
    }

    ItemResult execute(RestoreContext context, WorkItem item, Progress progress);

    /** Warns of what finished databases still lack because others of the run have failed; for an execution that ends with items left. */
    default void warnOfLacks(RestoreContext context) {}

    /**
     * Removes what a run that will not go on has left on the server beside what is finished. Only for a run that nobody
     * executes; can be repeated.
     *
     * @throws io.dbbackup.model.BackupException of the server
     */
    default Discarded discard(Endpoint target, UUID run) {
        return Discarded.of(List.of());
    }

    /**
     * Refuses while {@link #discard} would drop the only complete copy of a database on the server: the one that it replaces is gone.
     * Changes nothing, and fails when the server is not there: what follows cannot be taken back.
     *
     * @param finishing as for {@link #halfFinished}
     * @throws io.dbbackup.model.BackupException CONFIRMATION_REQUIRED; or of the server
     */
    default void requireDiscardable(Endpoint target, UUID run, Map<Long, String> finishing) {}

    /**
     * Databases that already stand under their final names although what finishes them came to no end: {@link #discard} leaves them as they
     * are, and nothing says so on the server afterwards.
     *
     * @param finishing final names by {@link WorkItem#id()} of the begun items that were to finish them
     */
    default List<String> halfFinished(Endpoint target, UUID run, Map<Long, String> finishing) {
        return List.of();
    }

    /**
     * As {@link #discard} for one database of the run of a data-only set: removes its marks, so that another run can restore the
     * rows. What was loaded stays. When it fails, the marks are there as before; those of other databases may be removed by it only
     * where nothing says whose they are.
     *
     * @param database name on the target
     * @throws io.dbbackup.model.BackupException of the server
     */
    Discarded discardRows(Endpoint target, UUID run, String database);
}
