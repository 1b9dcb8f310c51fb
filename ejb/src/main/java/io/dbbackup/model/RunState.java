package io.dbbackup.model;

/** State of a run as REST, CLI and reports show it; the job repository has its own batch status beside it. */
public enum RunState {
    QUEUED,
    RUNNING,
    STOPPING,
    /** Stopped by an operator; restartable. */
    STOPPED,
    /** Its server died, or was shut down, while it was active; restartable. */
    INTERRUPTED,
    SUCCEEDED,
    SUCCEEDED_WITH_WARNINGS,
    FAILED;

    /** True when nothing will happen any more unless someone restarts the run. */
    public boolean ended() {
        return switch (this) {
            case QUEUED, RUNNING, STOPPING -> false;
            case STOPPED, INTERRUPTED, SUCCEEDED, SUCCEEDED_WITH_WARNINGS, FAILED -> true;
        };
    }

    public boolean restartable() {
        return switch (this) {
            case STOPPED, INTERRUPTED, FAILED, SUCCEEDED_WITH_WARNINGS -> true;
            case QUEUED, RUNNING, STOPPING, SUCCEEDED -> false;
        };
    }
}
