package io.dbbackup.engine.postgresql.backup;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.engine.EarlierParts;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.model.Json;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.spi.BackupContext;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What an earlier set stores of a database, and what the server had counted of its tables then. Held until the database is closed.
 * Thread-safe.
 */
final class KnownParts implements AutoCloseable {
    private final EarlierParts parts = new EarlierParts();
    private final Map<Long, TableActivity> activity = new HashMap<>();

    static String key(String database) {
        return "pg.known/" + database;
    }

    /** Those that opening the database has loaded; none when nothing may be referred to. */
    static KnownParts of(BackupContext context, String database) {
        return context.hold(key(database), KnownParts.class, KnownParts::new);
    }

    /** Loads them for a database that is being opened. */
    static KnownParts load(BackupContext context, String database) {
        context.release(key(database));
        return context.hold(key(database), KnownParts.class, () -> {
            KnownParts known = new KnownParts();
            if (context.spec().reuse()) {
                context.earlier(database).ifPresent(known::add);
            }
            return known;
        });
    }

    void add(DatabaseManifest manifest) {
        parts.add(manifest);
        JsonNode recorded = manifest.properties().path(TableActivity.PROPERTY);
        recorded.properties().forEach(table -> activity.put(
                Long.valueOf(table.getKey()), Json.MAPPER.convertValue(table.getValue(), TableActivity.class)));
    }

    /** What was recorded about a table with that set. */
    Optional<TableActivity> activity(long table) {
        return Optional.ofNullable(activity.get(table));
    }

    boolean isEmpty() {
        return parts.isEmpty();
    }

    /** Whether it is worth the try to read a part of that table without storing it. */
    boolean mayHold(long table) {
        return parts.mayHold(table);
    }

    /** A try was in vain: further ones of the same table would be, too. */
    void differs(long table) {
        parts.differs(table);
    }

    /** As {@link io.dbbackup.pipeline.KnownBlobs#find}, with the fingerprints of what was read. */
    Optional<BlobRef> find(
            String name, long plainBytes, String plainXxh128, Optional<BlobRef> stored, Map<String, Fingerprint> content) {
        return parts.find(name, plainBytes, plainXxh128, stored, content);
    }

    @Override
    public void close() {
        // nothing is open
    }
}
