package io.dbbackup.engine.postgresql.backup;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.model.Json;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.model.manifest.PartManifest;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.spi.BackupContext;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What an earlier set stores of a database, by what it holds. Equal are bytes of the same length, XXH3-128, rows and sum of row
 * hashes; and, where both were compressed in the same way and not encrypted, the same SHA-256 of the stored bytes. Held until the
 * database is closed. Thread-safe.
 */
final class KnownParts implements AutoCloseable {
    /** Of a smaller blob the set that stores it need not stay. */
    static final long SMALLEST = 64 << 10;

    private final Map<String, Known> byDigest = new HashMap<>();
    private final Map<Long, TableActivity> activity = new HashMap<>();
    private final Set<Long> differing = ConcurrentHashMap.newKeySet();

    /** @param content of its members; of a part the only one, under the empty name */
    private record Known(BlobRef blob, Map<String, Fingerprint> content) {}

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
        Map<String, Map<String, Fingerprint>> content = new HashMap<>();
        for (TableManifest table : manifest.tables()) {
            for (PartManifest part : table.parts()) {
                content.computeIfAbsent(part.blob(), blob -> new HashMap<>()).put(part.member(), part.content());
            }
        }
        for (BlobRef blob : manifest.blobs()) {
            if (blob.origin().isPresent() && blob.plainBytes() >= SMALLEST && content.containsKey(blob.name())) {
                byDigest.putIfAbsent(blob.plainXxh128(), new Known(blob, content.get(blob.name())));
            }
        }
        JsonNode recorded = manifest.properties().path(TableActivity.PROPERTY);
        recorded.properties().forEach(table -> activity.put(
                Long.valueOf(table.getKey()), Json.MAPPER.convertValue(table.getValue(), TableActivity.class)));
    }

    /** What was recorded about a table with that set. */
    Optional<TableActivity> activity(long table) {
        return Optional.ofNullable(activity.get(table));
    }

    boolean isEmpty() {
        return byDigest.isEmpty();
    }

    /** Whether it is worth the try to read a part of that table without storing it. */
    boolean mayHold(long table) {
        return !differing.contains(table);
    }

    /** A try was in vain: further ones of the same table would be, too. */
    void differs(long table) {
        differing.add(table);
    }

    /** As {@link io.dbbackup.pipeline.KnownBlobs#find}, with the fingerprints of what was read. */
    Optional<BlobRef> find(
            String name, long plainBytes, String plainXxh128, Optional<BlobRef> stored, Map<String, Fingerprint> content) {
        return Optional.ofNullable(byDigest.get(plainXxh128))
                .filter(known -> known.blob.plainBytes() == plainBytes && known.content.equals(content))
                .map(Known::blob)
                .filter(blob -> stored.map(now -> sameStored(blob, now)).orElse(true))
                .map(blob -> new BlobRef(
                        name, blob.storedBytes(), blob.storedSha256(), plainBytes, plainXxh128, blob.stages(), blob.origin()));
    }

    /** Encryption's stage names the key, so that encrypted blobs never have the same stages. */
    private static boolean sameStored(BlobRef blob, BlobRef now) {
        return !blob.stages().equals(now.stages()) || blob.storedSha256().equals(now.storedSha256());
    }

    @Override
    public void close() {
        // nothing is open
    }
}
