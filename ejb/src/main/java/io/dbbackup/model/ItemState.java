package io.dbbackup.model;

/** State of a work item. */
public enum ItemState {
    /** Waits for its prerequisites or for a worker. */
    PENDING,
    /** Claimed by a worker whose lease has not expired. */
    RUNNING,
    DONE,
    /** All attempts failed. */
    FAILED,
    /** Not done by decision; the reason is in its problem (for example a prerequisite failed). */
    SKIPPED
}
