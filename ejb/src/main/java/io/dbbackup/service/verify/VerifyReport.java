package io.dbbackup.service.verify;

import io.dbbackup.catalog.StageView;
import io.dbbackup.model.Problem;
import io.dbbackup.model.VerifyLevel;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a verification did and found, in short; its findings (one per table, and one per damaged blob) are beside it in the
 * catalog. Sizes in bytes.
 *
 * @param store which copy of the set was looked at
 * @param firstFailure what is wrong, exactly; empty when everything passed
 * @param failures number of findings that speak against the set
 * @param databases only these were looked at; empty: the whole set
 * @param tables tables whose rows were counted again; empty at level stored, which counts nothing, as the next two
 * @param rowsExpected rows that the set says these tables have
 * @param rowsFound rows that were found in them
 * @param storedBytes size of the set in the store
 * @param startedAt first start of the run
 * @param duration of the execution that has ended it, after a restart without the time before that
 * @param stages what the time was spent on
 * @param tools how the programs that the restore needed ended, failures first
 */
record VerifyReport(
        String set,
        String source,
        String store,
        VerifyLevel level,
        boolean passed,
        Optional<Problem> firstFailure,
        long failures,
        List<String> databases,
        OptionalLong tables,
        OptionalLong rowsExpected,
        OptionalLong rowsFound,
        long storedBytes,
        long plainBytes,
        Instant startedAt,
        Instant endedAt,
        Duration duration,
        List<StageView> stages,
        List<ToolExit> tools) {
    /** Exit status of the programs of some items: 0, another number, or 128 and the number of the signal. */
    record ToolExit(String what, int exitStatus) {}
}
