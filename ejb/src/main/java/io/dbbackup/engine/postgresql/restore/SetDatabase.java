package io.dbbackup.engine.postgresql.restore;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.engine.postgresql.DatabaseProperties;
import io.dbbackup.engine.postgresql.TableProperties;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Json;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.model.manifest.PartManifest;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.spi.RestoreContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A database of the set as its manifest describes it, indexed for the items of a restore. Thread-safe.
 *
 * @param manifest the manifest
 * @param properties the database itself
 * @param blobs every blob by its name
 * @param pieces the parts of every data blob, by the blob's name
 */
record SetDatabase(
        DatabaseManifest manifest,
        DatabaseProperties properties,
        Map<String, BlobRef> blobs,
        Map<String, List<Piece>> pieces) {

    /** A part together with the table it belongs to. */
    record Piece(TableManifest table, PartManifest part) {
        String tableName() {
            return table.schema() + "." + table.name();
        }
    }

    /** The manifest of a database, read once per execution as long as the run works on that database. */
    static SetDatabase of(RestoreContext context, String source) {
        return context.hold(Cache.KEY, Cache.class, Cache::new).get(context, source);
    }

    /** @throws BackupException MANIFEST_INVALID */
    static SetDatabase read(DatabaseManifest manifest) {
        Map<String, BlobRef> blobs = new HashMap<>();
        manifest.blobs().forEach(blob -> blobs.put(blob.name(), blob));
        Map<String, List<Piece>> pieces = new LinkedHashMap<>();
        for (TableManifest table : manifest.tables()) {
            for (PartManifest part : table.parts()) {
                pieces.computeIfAbsent(part.blob(), name -> new ArrayList<>()).add(new Piece(table, part));
            }
        }
        return new SetDatabase(manifest, convert(manifest.properties(), DatabaseProperties.class), blobs, pieces);
    }

    BlobRef blob(String name) {
        BlobRef blob = blobs.get(name);
        if (blob == null) {
            throw new BackupException(
                    ErrorCode.MANIFEST_INVALID,
                    "the manifest of database \"" + manifest.name() + "\" uses blob " + name + " and does not list it",
                    "Restore the manifest from another copy of the backup set.");
        }
        return blob;
    }

    BlobRef schema() {
        return blob(manifest.schemaBlob());
    }

    static TableProperties properties(TableManifest table) {
        return convert(table.properties(), TableProperties.class);
    }

    private static <T> T convert(JsonNode json, Class<T> type) {
        try {
            return Json.MAPPER.treeToValue(json, type);
        } catch (JsonProcessingException e) {
            throw new BackupException(
                    ErrorCode.MANIFEST_INVALID,
                    "the properties in a manifest are not " + type.getSimpleName() + ": " + e.getOriginalMessage(),
                    "Restore the manifest from another copy of the backup set.",
                    e);
        }
    }

    /** The manifests in use; few at a time, since a cluster may have thousands of databases. */
    private static final class Cache implements AutoCloseable {
        private static final String KEY = "pg.restore.manifests";
        private static final int MOST = 16;

        private final Map<String, SetDatabase> known = new LinkedHashMap<>(MOST, 0.75f, true);

        synchronized SetDatabase get(RestoreContext context, String source) {
            SetDatabase database = known.get(source);
            if (database == null) {
                database = read(context.set().database(RestoreTarget.of(context, source).entry()));
                known.put(source, database);
                if (known.size() > MOST) {
                    known.remove(known.keySet().iterator().next());
                }
            }
            return database;
        }

        @Override
        public synchronized void close() {
            known.clear();
        }
    }
}
