package io.dbbackup.engine.mysql.restore;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.engine.mysql.DatabaseProperties;
import io.dbbackup.engine.mysql.RestoreMarks;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.StorageEngines;
import io.dbbackup.engine.mysql.TableProperties;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Json;
import io.dbbackup.model.Omission;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.spi.RestoreContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One database of a restore.
 *
 * @param entry the database in the set
 * @param name its name on the target when it is finished
 * @param temporaryName where its tables are until then
 * @param number position among the databases of this run, stable for the run
 */
record RestoreTarget(DatabaseEntry entry, String name, String temporaryName, int number) {
    static final String PREFIX = RestoreMarks.PREFIX;
    private static final String CACHE = "mysql.restore.manifests";

    /** @throws BackupException INVALID_PARAMETER when the set lacks one */
    static List<RestoreTarget> all(RestoreContext context) {
        List<RestoreTarget> targets = new ArrayList<>();
        new TreeSet<>(context.spec().databases().keySet()).forEach(source -> targets.add(of(context, source)));
        return targets;
    }

    static RestoreTarget of(RestoreContext context, String source) {
        DatabaseEntry entry = context.set().manifest().databases().stream()
                .filter(candidate -> candidate.name().equals(source))
                .findFirst()
                .orElseThrow(() -> new BackupException(
                        ErrorCode.INVALID_PARAMETER,
                        "database \"" + source + "\" is not in backup set " + context.set().manifest().set(),
                        "Choose from the databases of the set."));
        int before = (int) context.spec().databases().keySet().stream()
                .filter(other -> other.compareTo(source) < 0)
                .count();
        return new RestoreTarget(
                entry, context.spec().databases().get(source), prefix(context.run()) + before, before);
    }

    /** Of the temporary names of a run. */
    static String prefix(UUID run) {
        // the low half: the high half of time-ordered ids is the same for runs that start together
        return PREFIX + "%08x_".formatted((int) run.getLeastSignificantBits());
    }

    /** The manifest of the database; few at a time are kept. */
    DatabaseManifest manifest(RestoreContext context) {
        return context.hold(CACHE, Manifests.class, Manifests::new).get(context, entry);
    }

    /** Whether this run has come to this database in an earlier execution; its finish item looks at what exists itself. */
    boolean begun(RestoreContext context) {
        boolean[] begun = new boolean[1];
        context.results(entry.name(), RestoreKind.SCHEMA, done -> begun[0] = true);
        return begun[0];
    }

    /** Whether the set has rows alone, which are loaded into tables that exist. */
    static boolean dataOnly(RestoreContext context) {
        return context.set().manifest().ofDatabases().contains(Omission.DEFINITIONS);
    }

    /** Whether what tables hold may be deleted: it is this run's own, or that was confirmed. */
    boolean mayEmpty(RestoreContext context) {
        return !dataOnly(context) || context.spec().clean() && context.spec().confirmed().contains(name);
    }

    /** Tables of the set whose rows are loaded: sets of older versions have rows that other tables own. */
    List<TableManifest> loadedTables(RestoreContext context) {
        return manifest(context).tables().stream()
                .filter(table -> !StorageEngines.ownsNone(properties(table).engine()))
                .toList();
    }

    /** The database that rows are loaded into; markers are in the temporary one in any case. */
    String loadedName(RestoreContext context) {
        return dataOnly(context) ? name : temporaryName;
    }

    DatabaseProperties properties(RestoreContext context) {
        return convert(manifest(context).properties(), DatabaseProperties.class);
    }

    BlobRef blob(RestoreContext context, String blob) {
        return manifest(context).blobs().stream()
                .filter(candidate -> candidate.name().equals(blob))
                .findFirst()
                .orElseThrow(() -> new BackupException(
                        ErrorCode.MANIFEST_INVALID,
                        "the manifest of database \"" + entry.name() + "\" uses blob " + blob + " and does not list it",
                        "Restore the manifest from another copy of the backup set."));
    }

    /** Whether the target takes LOAD DATA LOCAL. */
    static boolean loadsLocal(RestoreContext context, Sql sql) {
        return context.hold(
                        "mysql.restore.local", LoadsLocal.class,
                        () -> new LoadsLocal(sql.truth("SELECT @@global.local_infile")))
                .yes;
    }

    private record LoadsLocal(boolean yes) implements AutoCloseable {
        @Override
        public void close() {
            // a value; nothing to close
        }
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

    /** The manifests in use. */
    private static final class Manifests implements AutoCloseable {
        private static final int MOST = 16;

        private final Map<String, DatabaseManifest> known = new ConcurrentHashMap<>();

        synchronized DatabaseManifest get(RestoreContext context, DatabaseEntry entry) {
            if (known.size() >= MOST) {
                known.clear();
            }
            return known.computeIfAbsent(entry.name(), name -> context.set().database(entry));
        }

        @Override
        public synchronized void close() {
            known.clear();
        }
    }
}
