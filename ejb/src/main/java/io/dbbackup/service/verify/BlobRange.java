package io.dbbackup.service.verify;

import io.dbbackup.model.BlobRef;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;

/**
 * Some blobs of a database, by their positions in its manifest: the payload of an item.
 *
 * @param from first
 * @param to after the last
 */
record BlobRange(String database, int from, int to) {
    /** Bytes of a range; with the largest blob below that, an item takes less than a minute. */
    private static final long MOST_BYTES = 128L << 20;

    /** Blobs and parts of a range: bounds the size of an item's result. */
    private static final int MOST_PARTS = 1000;

    /** Cuts a database's blobs into ranges; a blob that is larger than a range may be gets one of its own. */
    static List<BlobRange> cut(
            String database, List<BlobRef> blobs, ToLongFunction<BlobRef> bytes, ToIntFunction<BlobRef> parts) {
        List<BlobRange> ranges = new ArrayList<>();
        int from = 0;
        long size = 0;
        long count = 0;
        for (int i = 0; i < blobs.size(); i++) {
            long more = bytes.applyAsLong(blobs.get(i));
            int moreParts = 1 + parts.applyAsInt(blobs.get(i));
            if (i > from && (size + more > MOST_BYTES || count + moreParts > MOST_PARTS)) {
                ranges.add(new BlobRange(database, from, i));
                from = i;
                size = 0;
                count = 0;
            }
            size += more;
            count += moreParts;
        }
        if (from < blobs.size()) {
            ranges.add(new BlobRange(database, from, blobs.size()));
        }
        return ranges;
    }

    List<BlobRef> of(List<BlobRef> blobs) {
        return blobs.subList(from, to);
    }
}
