package io.dbbackup.service.copy;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.dbbackup.model.manifest.StoredBlob;
import io.dbbackup.spi.ItemDraft;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The payload of an item: blobs of a set to copy. A large blob has an item of its own, small ones share one.
 *
 * @param prefix of the set in both stores
 * @param replace whether the target may have remains of a killed copy under these names, because it has no manifest
 */
record CopyTask(String prefix, String from, String to, boolean replace, List<StoredBlob> blobs) {
    /** Bytes of an item; with the largest blob below that, it takes less than a minute. */
    private static final long MOST_BYTES = 128L << 20;

    private static final int MOST_BLOBS = 100;

    /** Cuts a list into items. */
    static final class Cutter {
        private final String keys;
        private final String prefix;
        private final String from;
        private final String to;
        private final boolean replace;
        private final List<ItemDraft> items = new ArrayList<>();
        private List<StoredBlob> open = new ArrayList<>();
        private long bytes;

        /** @param keys what the keys of the items begin with */
        Cutter(String keys, String prefix, String from, String to, boolean replace) {
            this.keys = keys;
            this.prefix = prefix;
            this.from = from;
            this.to = to;
            this.replace = replace;
        }

        void add(StoredBlob blob) {
            if (!open.isEmpty() && (bytes + blob.storedBytes() > MOST_BYTES || open.size() == MOST_BLOBS)) {
                cut();
            }
            open.add(blob);
            bytes += blob.storedBytes();
        }

        List<ItemDraft> items() {
            if (!open.isEmpty()) {
                cut();
            }
            return items;
        }

        private void cut() {
            String what = open.size() == 1 ? open.get(0).name() : open.size() + " blobs from " + open.get(0).name();
            items.add(new ItemDraft(
                    keys + items.size(), SetCopier.KIND, "copy to " + to + ": " + what, "", bytes, 0,
                    new CopyTask(prefix, from, to, replace, open), Set.of()));
            open = new ArrayList<>();
            bytes = 0;
        }
    }

    /** Id of the set, which is the last segment of its prefix. */
    @JsonIgnore
    String set() {
        String[] segments = prefix.split("/");
        return segments[segments.length - 1];
    }

    /** What the keys of the items that copy to a store begin with. */
    static String keys(String to) {
        return "copy/" + to + "/";
    }
}
