package io.dbbackup.spi;

import java.util.List;

/**
 * What executing an item yielded. The result, the follow-up items and the state DONE are committed in one transaction.
 *
 * @param plainBytes plain bytes handled
 * @param storedBytes bytes written to or read from the store
 * @param rows rows handled
 * @param value serialised to JSON; read back by later items and by the seal
 * @param followUps items that this one discovered
 */
public record ItemResult(long plainBytes, long storedBytes, long rows, Object value, List<ItemDraft> followUps) {
    public ItemResult {
        followUps = List.copyOf(followUps);
    }

    public static ItemResult of(Object value) {
        return new ItemResult(0, 0, 0, value, List.of());
    }

    public static ItemResult nothing() {
        return of(java.util.Map.of());
    }
}
