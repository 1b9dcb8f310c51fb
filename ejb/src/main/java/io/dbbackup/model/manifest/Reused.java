package io.dbbackup.model.manifest;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a set refers to in another one.
 *
 * @param set the one that stores the blobs; it has to stay as long as the set that refers to it
 * @param blobs number of references
 * @param storedBytes bytes of what is referred to: what was not stored again
 */
public record Reused(String set, int blobs, long storedBytes) {
    /** One entry per set, in the order of their ids. */
    public static List<Reused> sum(Collection<Reused> parts) {
        Map<String, Reused> sums = new TreeMap<>();
        parts.forEach(part -> sums.merge(
                part.set(), part,
                (a, b) -> new Reused(a.set(), a.blobs() + b.blobs(), a.storedBytes() + b.storedBytes())));
        return List.copyOf(sums.values());
    }

    public static long bytes(List<Reused> reused) {
        return reused.stream().mapToLong(Reused::storedBytes).sum();
    }

    public static int blobs(List<Reused> reused) {
        return reused.stream().mapToInt(Reused::blobs).sum();
    }
}
