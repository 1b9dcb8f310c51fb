package io.dbbackup.spi;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
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
    /** @throws BackupException PLAN_UNREADABLE when another version of the product has planned it in a way that this one does not know */
    public <T> T payload(Class<T> type) {
        try {
            return Json.read(payloadJson, type);
        } catch (IllegalArgumentException e) {
            throw unreadable(e.getMessage(), e);
        }
    }

    /** For items of a kind that this version does not know. */
    public BackupException unknownKind() {
        return unreadable("not an item of this engine and operation: " + kind, null);
    }

    private BackupException unreadable(String why, IllegalArgumentException e) {
        return new BackupException(
                ErrorCode.PLAN_UNREADABLE,
                "another version of dbbackup has planned \"" + label + "\", and this one cannot read that plan (" + why + ")",
                "Restart the run with the version that planned it; or discard what it has left unfinished (discard) and start a new run.",
                e);
    }

    /**
     * The result of this item in an execution of the run that was discarded after it: for what the target does not show a second time. It
     * may well be gone from there.
     */
    public <T> Optional<T> earlier(Class<T> type) {
        return earlierJson.map(json -> Json.read(json, type));
    }
}
