package io.dbbackup.service.config;

import java.util.List;

/**
 * What applying a configuration did, or would do.
 *
 * @param dryRun true when nothing was changed
 * @param changes one entry per item of the file, and one per item that is only in the catalog
 */
public record ApplyResult(boolean dryRun, List<Change> changes) {
    public ApplyResult {
        changes = List.copyOf(changes);
    }

    /** One item; {@code kind} is source, store, key, setting, policy or notification. */
    public record Change(String kind, String name, Action action) {}

    /** What became of an item. */
    public enum Action {
        CREATED,
        CHANGED,
        UNCHANGED,
        /** Not in the file; left as it is. */
        KEPT
    }

    public boolean changesAnything() {
        return changes.stream().anyMatch(c -> c.action() == Action.CREATED || c.action() == Action.CHANGED);
    }
}
