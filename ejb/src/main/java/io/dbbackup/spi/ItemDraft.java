package io.dbbackup.spi;

import java.util.Set;

/**
 * A work item to be. Small (at most about a minute of work) and idempotent.
 *
 * @param key unique in the run; other items name it as a prerequisite
 * @param kind which code executes it, for example {@code pg.part}
 * @param label what a person calls it, for example {@code shop: table public.orders part 3 of 8}
 * @param database database it belongs to, empty for the server as a whole; failures are grouped by it
 * @param bytes expected plain bytes, for order and ETA; 0 when unknown or none
 * @param priority lower goes first; within a priority the largest goes first
 * @param payload serialised to JSON; comes back by {@link WorkItem#payload(Class)}
 * @param needs keys of items (in the catalog or in the same plan) that must be DONE before
 */
public record ItemDraft(
        String key,
        String kind,
        String label,
        String database,
        long bytes,
        int priority,
        Object payload,
        Set<String> needs) {
    public ItemDraft {
        needs = Set.copyOf(needs);
    }

    /** The same with another priority. */
    public ItemDraft withPriority(int other) {
        return new ItemDraft(key, kind, label, database, bytes, other, payload, needs);
    }
}
