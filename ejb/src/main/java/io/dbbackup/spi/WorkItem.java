package io.dbbackup.spi;

import io.dbbackup.model.Json;
import java.util.Optional;
import java.util.UUID;

/**
 * A claimed work item.
 *
 * @param id identity in the catalog, never reused; restores write it into the marker table of the target
 * @param attempt 1 for the first attempt; also counts attempts of earlier executions of the run
 * @param earlierJson result of an execution of the run that was discarded after it
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
        String payloadJson,
        Optional<String> earlierJson) {
    public <T> T payload(Class<T> type) {
        return Json.read(payloadJson, type);
    }

    /**
     * The result of this item in an execution of the run that was discarded after it: for what the target does not show a second time. It
     * may well be gone from there.
     */
    public <T> Optional<T> earlier(Class<T> type) {
        return earlierJson.map(json -> Json.read(json, type));
    }
}
