package io.dbbackup.service.run;

import io.dbbackup.model.Problem;
import java.util.Optional;

/**
 * How a run ended.
 *
 * @param result what the job XML's transitions match on
 * @param problem set when the result is PARTIAL or FAILED
 * @param summary result for people and programs, serialised to JSON; never a secret
 */
public record SealOutcome(Result result, Optional<Problem> problem, Object summary) {
    /** Exit statuses of the sealing step. */
    public enum Result {
        COMPLETED,
        /** Everything was done; there are warnings. */
        WARNINGS,
        /** Some databases failed and the run was told to continue. */
        PARTIAL,
        FAILED,
        /** Not the end: the seal has added work items, and the job has further steps that do and seal these. */
        MORE
    }

    public static SealOutcome completed(boolean warnings, Object summary) {
        return new SealOutcome(warnings ? Result.WARNINGS : Result.COMPLETED, Optional.empty(), summary);
    }

    /** What was sealed is published; another seal follows. */
    public static SealOutcome more(Object summary) {
        return new SealOutcome(Result.MORE, Optional.empty(), summary);
    }

    public static SealOutcome partial(Problem problem, Object summary) {
        return new SealOutcome(Result.PARTIAL, Optional.of(problem), summary);
    }

    public static SealOutcome failed(Problem problem, Object summary) {
        return new SealOutcome(Result.FAILED, Optional.of(problem), summary);
    }
}
