package io.dbbackup.model.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.model.Fingerprint;
import java.util.List;

/**
 * One table's data.
 *
 * @param schema schema of the table
 * @param name name of the table
 * @param content fingerprint of all its rows, the sum over its parts
 * @param readStatement statement that yields all rows in the parts' format from any copy of the table; its rows give
 *     {@code content} again
 * @param properties engine facts needed to restore it (PostgreSQL: ids of its indexes and constraints)
 * @param parts at least one part; an empty table has one empty part
 */
public record TableManifest(
        String schema,
        String name,
        Fingerprint content,
        String readStatement,
        JsonNode properties,
        List<PartManifest> parts) {
    public TableManifest {
        parts = List.copyOf(parts);
    }
}
