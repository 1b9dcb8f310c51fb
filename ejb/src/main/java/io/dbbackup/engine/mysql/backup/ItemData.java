package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.DatabaseProperties;
import io.dbbackup.engine.mysql.TableProperties;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.manifest.LeftOut;
import io.dbbackup.model.manifest.PartManifest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Payloads and results of the work items, as JSON in the catalog. */
final class ItemData {
    static final String GLOBALS = "mysql.globals";
    static final String OPEN = "mysql.open";
    static final String PART = "mysql.part";
    static final String BUNDLE = "mysql.bundle";
    static final String CLOSE = "mysql.close";

    private ItemData() {}

    /**
     * @param serverBytes estimate of what all databases of the run have
     * @param besideRestore whether an unfinished restore may be at work on a database of the backup that is not to be seen
     */
    record Open(int number, long serverBytes, boolean besideRestore) {}

    /**
     * What opening found out.
     *
     * @param pieces how many items read tables
     * @param before definitions that precede the rows
     * @param after definitions that follow the rows; empty without definitions
     * @param leftOut what is left out by intention
     * @param besideRestore as in {@link io.dbbackup.model.manifest.DatabaseEntry}
     */
    record Opened(
            Instant at, String position, int tables, int pieces, DatabaseProperties properties, BlobRef before,
            Optional<BlobRef> after, Optional<LeftOut> leftOut, boolean besideRestore) {
        /** Blobs with definitions. */
        List<BlobRef> blobs() {
            return Stream.concat(Stream.of(before), after.stream()).toList();
        }
    }

    /** For the items that need nothing but the place of their blobs. */
    record Place(String prefix) {}

    /**
     * Rows of a table.
     *
     * @param partitions names of its partitions as in a query, empty for all
     * @param from lowest value of the first column of the primary key, empty for none
     * @param to the first value that does not belong to it any more, empty for none
     */
    record Part(String prefix, String stem, String table, String partitions, String from, String to, int index, int count) {
        Part {
            // planned by an older version
            partitions = partitions == null ? "" : partitions;
        }
    }

    /** Small tables, by name. */
    record Bundle(String prefix, String stem, List<String> tables) {}

    /** What an item that reads rows has stored. */
    record PartsStored(List<BlobRef> blobs, List<Stored> parts) {}

    /** One part and what the manifest says about its table. */
    record Stored(
            String table, int index, String readStatement, TableProperties properties, PartManifest part) {}
}
