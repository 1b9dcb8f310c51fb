package io.dbbackup.spi;

import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ServerFacts;
import io.dbbackup.model.manifest.DatabaseEntry;
import java.util.List;

/**
 * Dumps databases while they are in use. Thread-safe.
 *
 * <p>A database is one snapshot, or part of one that several share. It is opened by one item of kind {@link #openKind()}, which takes the snapshot and
 * yields the database's other items as follow-ups, and closed by one item of kind {@link #closeKind()}, which needs all
 * of them, writes the database's manifest, releases the snapshot and whose result is a {@link DatabaseEntry}. When an
 * execution ends in between, the snapshot is lost: the service then drops the database's items other than the opening
 * one and deletes their blobs, and the database starts again under new blob names.
 */
public interface LogicalBackup {
    /** Each database is one snapshot, the set is not one instant. */
    String PER_DATABASE = "per-database";

    /** The whole set is one instant. */
    String INSTANCE = "instance";

    /**
     * Looks at the server and refuses what cannot become a good backup, listing everything found at once.
     *
     * @throws io.dbbackup.model.BackupException with code, cause and remedy
     */
    ServerFacts preflight(BackupContext context);

    /** The items that are known from the start: globals, and one opening item per database. Side-effect free. */
    List<ItemDraft> plan(BackupContext context);

    /**
     * Executes one item; may be called from several threads for different items.
     *
     * @throws io.dbbackup.model.BackupException when it failed; nothing is then visible in the store
     */
    ItemResult execute(BackupContext context, WorkItem item, Progress progress);

    String openKind();

    /** The result of such an item is a {@link DatabaseEntry}. */
    String closeKind();

    /** The result of such an item is the {@link BlobRef} of the server's globals. */
    String globalsKind();

    /**
     * How the databases of a finished backup belong together, for {@code BackupManifest.consistency}: {@code instance} when
     * all of them are one instant, otherwise {@code per-database}.
     */
    default String consistency(List<DatabaseEntry> databases) {
        return PER_DATABASE;
    }

    /** Gives up what was held for the items of this execution: none of them will be executed any more. */
    default void end(BackupContext context) {
        // what the closing items have released is all there was
    }

    /** Blobs that the result of an item of this backup names, to delete them when its database starts again. */
    List<BlobRef> blobsOf(String kind, WorkContext.DoneItem item);
}
