package io.dbbackup.model.manifest;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.model.BlobRef;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Everything in the set about one database.
 *
 * @param name name of the database on the source
 * @param snapshotAt instant of the snapshot
 * @param position log position of the snapshot
 * @param properties engine facts that recreate the database itself (PostgreSQL: encoding, locale, owner, settings, …)
 * @param blobs every blob of the database, each once
 * @param schemaBlob name of the blob with the definitions
 * @param afterDataBlob name of the blob with those definitions that follow the rows; empty when {@code schemaBlob} holds all
 * @param tables tables with data, in restore order
 * @param leftOut what is not in the set by intention; empty when everything is
 */
public record DatabaseManifest(
        String name,
        Instant snapshotAt,
        String position,
        JsonNode properties,
        List<BlobRef> blobs,
        String schemaBlob,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> afterDataBlob,
        List<TableManifest> tables,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<LeftOut> leftOut) {
    public DatabaseManifest {
        blobs = List.copyOf(blobs);
        tables = List.copyOf(tables);
        // absent where one blob has all definitions
        afterDataBlob = afterDataBlob == null ? Optional.empty() : afterDataBlob;
        // absent where nothing is left out
        leftOut = leftOut == null ? Optional.empty() : leftOut;
    }

    /** A database whose definitions are one blob. */
    public DatabaseManifest(
            String name,
            Instant snapshotAt,
            String position,
            JsonNode properties,
            List<BlobRef> blobs,
            String schemaBlob,
            List<TableManifest> tables,
            Optional<LeftOut> leftOut) {
        this(name, snapshotAt, position, properties, blobs, schemaBlob, Optional.empty(), tables, leftOut);
    }

    /** Everything of a database whose definitions are one blob. */
    public DatabaseManifest(
            String name,
            Instant snapshotAt,
            String position,
            JsonNode properties,
            List<BlobRef> blobs,
            String schemaBlob,
            List<TableManifest> tables) {
        this(
                name, snapshotAt, position, properties, blobs, schemaBlob, Optional.empty(), tables, Optional.empty());
    }

    /** Names of the blobs with definitions, in the order in which they are executed. */
    public List<String> definitionBlobs() {
        return Stream.concat(Stream.of(schemaBlob), afterDataBlob.stream()).toList();
    }
}
