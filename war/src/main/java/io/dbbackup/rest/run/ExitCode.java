package io.dbbackup.rest.run;

import io.dbbackup.catalog.RunView;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Operation;
import io.dbbackup.model.Problem;
import java.util.Optional;

/** The exit status of the command line (sysexits.h) for a run. */
public final class ExitCode {
    private static final int DATA = 65;

    private ExitCode() {}

    /** Empty while the run has not ended. */
    public static Optional<Integer> of(RunView run) {
        return switch (run.state()) {
            case QUEUED, RUNNING, STOPPING -> Optional.empty();
            case SUCCEEDED -> Optional.of(0);
            // with a problem something is missing; warnings alone are no failure
            case SUCCEEDED_WITH_WARNINGS -> Optional.of(run.problem().isPresent() ? ErrorCode.PARTIAL_SUCCESS.exitCode() : 0);
            case STOPPED -> Optional.of(ErrorCode.CANCELLED.exitCode());
            case INTERRUPTED -> Optional.of(ErrorCode.NODE_LOST.exitCode());
            case FAILED -> Optional.of(run.problem().map(problem -> failed(run, problem)).orElse(1));
        };
    }

    private static int failed(RunView run, Problem problem) {
        int code = problem.code().exitCode();
        boolean unproven = run.operation() == Operation.VERIFY && code == DATA;
        return unproven ? ErrorCode.VERIFICATION_FAILED.exitCode() : code;
    }
}
