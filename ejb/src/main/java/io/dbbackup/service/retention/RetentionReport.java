package io.dbbackup.service.retention;

import java.time.Instant;
import java.util.List;

/**
 * What retention decided and did; sizes in bytes.
 *
 * @param expire sets that no rule keeps; {@code outcome} says what became of each
 * @param omitted decisions beyond the first {@value #MOST} of each list, which are only in the work items
 * @param bytesFreed bytes deleted; in a dry run those that would be, without the manifest
 * @param leftovers what interrupted backups have left in the store
 */
record RetentionReport(
        String source,
        String store,
        String policy,
        boolean dryRun,
        List<Decided> keep,
        List<Decided> expire,
        long omitted,
        long bytesFreed,
        List<Leftover> leftovers) {
    /** Longest list of a report. */
    static final int MOST = 1000;

    /** A decision about a set. */
    record Decided(String set, Instant takenAt, long storedBytes, boolean complete, List<String> rules, String outcome) {}

    /** Blobs below a prefix that is no sealed set. */
    record Leftover(String prefix, String outcome) {}
}
