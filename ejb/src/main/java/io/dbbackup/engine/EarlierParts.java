package io.dbbackup.engine;

import io.dbbackup.model.BlobRef;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.model.manifest.PartManifest;
import io.dbbackup.model.manifest.TableManifest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What an earlier set stores of a database, by what it holds. Equal are bytes of the same length, XXH3-128, rows and sum of row
 * hashes; and, where both were compressed in the same way and not encrypted, the same SHA-256 of the stored bytes. Held until the
 * database is closed. Thread-safe once it is filled.
 */
public final class EarlierParts implements AutoCloseable {
    /** Of a smaller blob the set that stores it need not stay, in bytes. */
    public static final long SMALLEST = 64 << 10;

    private final Map<String, Known> byDigest = new HashMap<>();
    private final Set<String> tables = new HashSet<>();
    private final Set<Object> differing = ConcurrentHashMap.newKeySet();

    /** @param content of its members; of a part the only one, under the empty name */
    private record Known(BlobRef blob, Map<String, Fingerprint> content) {}

    /** Takes those parts of a database that may be referred to. */
    public void add(DatabaseManifest manifest) {
        Map<String, Map<String, Fingerprint>> content = new HashMap<>();
        Set<String> large = new HashSet<>();
        for (TableManifest table : manifest.tables()) {
            for (PartManifest part : table.parts()) {
                content.computeIfAbsent(part.blob(), blob -> new HashMap<>()).put(part.member(), part.content());
            }
        }
        for (BlobRef blob : manifest.blobs()) {
            if (blob.origin().isPresent() && blob.plainBytes() >= SMALLEST && content.containsKey(blob.name())) {
                byDigest.putIfAbsent(blob.plainXxh128(), new Known(blob, content.get(blob.name())));
                large.add(blob.name());
            }
        }
        manifest.tables().stream()
                .filter(table -> table.parts().stream().anyMatch(part -> large.contains(part.blob())))
                .forEach(table -> tables.add(table.name()));
    }

    public boolean isEmpty() {
        return byDigest.isEmpty();
    }

    /** Whether parts of a table of that name may be referred to. */
    public boolean has(String table) {
        return tables.contains(table);
    }

    /** Whether it is worth the try to read a part of that table without storing it. */
    public boolean mayHold(Object table) {
        return !differing.contains(table);
    }

    /** A try was in vain: further ones of the same table would be, too. */
    public void differs(Object table) {
        differing.add(table);
    }

    /** As {@link io.dbbackup.pipeline.KnownBlobs#find}, with the fingerprints of what was read. */
    public Optional<BlobRef> find(
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
