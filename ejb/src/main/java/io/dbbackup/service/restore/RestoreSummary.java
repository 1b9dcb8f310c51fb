package io.dbbackup.service.restore;

import java.util.List;

/**
 * Result of a restore for people and programs.
 *
 * @param restored names on the target, visible and complete
 * @param withoutEvents those of the restored ones whose events are not there, because something else of the run failed
 * @param rows rows of the restored databases, as the set has them
 * @param plainBytes plain bytes of their schemas and data
 * @param tablesCompared tables whose rows were counted and fingerprinted again on the target
 * @param tablesEqual those that equal the set
 */
public record RestoreSummary(
        String set,
        String target,
        List<String> restored,
        List<String> withoutEvents,
        List<FailedDatabase> failed,
        List<String> skipped,
        long rows,
        long plainBytes,
        long tablesCompared,
        long tablesEqual) {
    /** A database that could not be restored, and why. */
    public record FailedDatabase(String name, String cause, String remedy) {}
}
