package io.dbbackup.service.imports;

import io.dbbackup.model.Problem;
import java.time.Instant;
import java.util.List;

/**
 * What an import found; sizes in bytes.
 *
 * @param registered true when the store became known by this import
 * @param found sets that it looked at
 * @param imported sets that the catalog has now, or in a dry run would have, in this store
 * @param known sets that it had before
 * @param skipped sets that a backup is about to enter, or that retention is deleting
 * @param refused prefixes whose manifest is damaged, foreign, or not the one that the catalog knows
 * @param sets those that were imported, at most {@value #MOST}
 * @param problems why each one was refused, at most {@value #MOST}
 * @param omitted entries that did not fit into these two lists
 */
public record ImportReport(
        String store,
        boolean registered,
        boolean dryRun,
        long found,
        long imported,
        long known,
        long skipped,
        long refused,
        List<Imported> sets,
        List<Refused> problems,
        long omitted) {
    /** Longest list of a report. */
    static final int MOST = 1000;

    public ImportReport {
        sets = List.copyOf(sets);
        problems = List.copyOf(problems);
    }

    /** A set that the catalog has now; size in bytes. */
    public record Imported(
            String set, String source, Instant takenAt, boolean complete, boolean encrypted, long storedBytes) {}

    /** A prefix of the store that was left alone, and why. */
    public record Refused(String prefix, Problem problem) {}
}
