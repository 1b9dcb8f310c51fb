package io.dbbackup.spi;

import java.util.UUID;

/**
 * A claimed work item.
 *
 * @param id identity in the catalog, never reused; restores write it into the marker table of the target
 * @param attempt 1 for the first attempt; also counts attempts of earlier executions of the run
 */
public record WorkItem(
        long id,
        UUID run,
        String key,
        String kind,
        String label,
        String database,
        long bytes,
        int attempt,
        String payloadJson) {
    public <T> T payload(Class<T> type) {
        return io.dbbackup.model.Json.read(payloadJson, type);
    }
}
