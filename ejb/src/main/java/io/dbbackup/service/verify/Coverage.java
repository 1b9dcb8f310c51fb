package io.dbbackup.service.verify;

import io.dbbackup.catalog.Finding;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Problem;
import io.dbbackup.model.VerifyLevel;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Whether a verification looked at all that its verdict is about. The work list depends on what planning and items could
 * read, so that its end alone proves nothing.
 */
final class Coverage {
    private Coverage() {}

    /** @param globals whether the set has roles and tablespaces */
    static Optional<Finding> ofSet(WorkQueue queue, UUID run, boolean globals) {
        Collection<String> kinds = queue.kinds(run, "");
        return kinds.contains(VerifyKind.EXTRAS) && (!globals || kinds.contains(VerifyKind.GLOBALS))
                ? Optional.empty()
                : Optional.of(gap("", "set", "everything", "its manifest alone",
                        "of the backup set nothing but its manifest was looked at"));
    }

    /** @param blobs that the database's manifest lists */
    static Optional<Finding> ofDatabase(WorkQueue queue, UUID run, VerifyLevel level, String name, int blobs) {
        int seen = seen(queue.payloads(run, name, VerifyKind.ofBlobs(level), BlobRange.class));
        return seen >= blobs && queue.kinds(run, name).contains(VerifyKind.DATABASE)
                ? Optional.empty()
                : Optional.of(gap(name, "blobs", blobs + " blobs", seen + " blobs",
                        "only " + seen + " of the " + blobs + " blobs of database \"" + name + "\" were looked at"));
    }

    /** Blobs that were looked at, up to the first gap. */
    private static int seen(List<BlobRange> ranges) {
        int seen = 0;
        for (BlobRange range : ranges.stream().sorted(Comparator.comparingInt(BlobRange::from)).toList()) {
            if (range.from() > seen) {
                break;
            }
            seen = Math.max(seen, range.to());
        }
        return seen;
    }

    private static Finding gap(String database, String subject, String expected, String found, String cause) {
        return Finding.failed(
                database, subject, expected, found,
                new Problem(
                        ErrorCode.VERIFICATION_FAILED,
                        cause,
                        "See the other findings of this verification; restart it to have it look at everything again."));
    }
}
