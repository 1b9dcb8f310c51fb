package io.dbbackup.service.verify;

import io.dbbackup.model.BlobRef;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.model.manifest.PartManifest;
import io.dbbackup.model.manifest.TableManifest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A database's manifest with its parts by blob. Thread-safe. */
record DatabaseIndex(DatabaseManifest manifest, Map<String, List<Part>> parts) {
    /** A part and where it is in the manifest. */
    record Part(int table, int part, PartManifest manifest) {}

    static DatabaseIndex of(DatabaseManifest manifest) {
        Map<String, List<Part>> parts = new HashMap<>();
        for (int t = 0; t < manifest.tables().size(); t++) {
            TableManifest table = manifest.tables().get(t);
            for (int p = 0; p < table.parts().size(); p++) {
                PartManifest part = table.parts().get(p);
                parts.computeIfAbsent(part.blob(), blob -> new ArrayList<>()).add(new Part(t, p, part));
            }
        }
        return new DatabaseIndex(manifest, parts);
    }

    List<Part> partsOf(String blob) {
        return parts.getOrDefault(blob, List.of());
    }

    boolean isDefinitions(BlobRef blob) {
        return manifest != null && manifest.definitionBlobs().contains(blob.name());
    }

    String tableName(Part part) {
        TableManifest table = manifest.tables().get(part.table());
        return table.schema() + "." + table.name();
    }
}
