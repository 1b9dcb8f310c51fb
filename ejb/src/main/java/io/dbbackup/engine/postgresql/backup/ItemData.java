package io.dbbackup.engine.postgresql.backup;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.dbbackup.engine.postgresql.DatabaseProperties;
import io.dbbackup.engine.postgresql.TableProperties;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.manifest.LeftOut;
import io.dbbackup.model.manifest.PartManifest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Payloads and results of the work items, as JSON in the catalog. Small: tables are named by oid and looked up again. */
final class ItemData {
    static final String GLOBALS = "pg.globals";
    static final String OPEN = "pg.open";
    static final String SCHEMA = "pg.schema";
    static final String PART = "pg.part";
    static final String BUNDLE = "pg.bundle";
    static final String CLOSE = "pg.close";

    private ItemData() {}

    /** @param clusterBytes size of all databases of the run, to find the tables that would be the tail */
    record Open(int number, long clusterBytes) {}

    /**
     * What opening found out.
     *
     * @param pieces how many items read tables
     * @param references pairs of extension configuration tables, referencing and referenced
     * @param leftOut what the selection leaves out; empty when everything is taken
     * @param leftOutRelations oids of the relations that are not in the set at all
     * @param leftOutRows oids of the tables whose rows are not in the set
     * @param activity hints for later sets that may refer to this one
     * @param besideRestore as in {@link io.dbbackup.model.manifest.DatabaseEntry}
     */
    record Opened(
            Instant at, String position, int tables, int pieces, DatabaseProperties properties, List<Reference> references,
            Optional<LeftOut> leftOut, Set<Long> leftOutRelations, Set<Long> leftOutRows,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<Long, TableActivity> activity, boolean besideRestore) {
        Opened {
            references = List.copyOf(references);
            // absent in runs that were begun before there were partial sets
            leftOut = leftOut == null ? Optional.empty() : leftOut;
            leftOutRelations = leftOutRelations == null ? Set.of() : Set.copyOf(leftOutRelations);
            leftOutRows = leftOutRows == null ? Set.of() : Set.copyOf(leftOutRows);
            // absent unless later sets may refer to it
            activity = activity == null ? Map.of() : Map.copyOf(activity);
        }
    }

    /** A foreign key between two tables, by their oids. */
    record Reference(long from, long to) {}

    /** For the items that need nothing but the place of their blobs. */
    record Place(String prefix) {}

    /**
     * A table's pages {@code from} to {@code to} (exclusive, -1 for the end), blob {@code stem}.
     *
     * @param likely an earlier set probably has the same
     */
    record Part(String prefix, String stem, long table, long from, long to, int index, int count, boolean likely) {}

    /** Small tables for one blob. */
    record Bundle(String prefix, String stem, List<Long> tables) {
        Bundle {
            tables = List.copyOf(tables);
        }
    }

    record SchemaStored(BlobRef blob) {}

    /** Parts of tables that an item stored, with the blobs that hold them. */
    record PartsStored(List<BlobRef> blobs, List<TablePart> parts) {
        PartsStored {
            blobs = List.copyOf(blobs);
            parts = List.copyOf(parts);
        }
    }

    /** One part and what the manifest says about its table. */
    record TablePart(
            String schema, String table, int index, String readStatement, TableProperties properties, PartManifest part) {}
}
