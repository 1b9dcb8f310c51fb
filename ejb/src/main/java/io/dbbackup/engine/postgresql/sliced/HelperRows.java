package io.dbbackup.engine.postgresql.sliced;

/** Finds the rows of the helper table in one of COPY's formats. */
interface HelperRows {
    /**
     * Looks for a row.
     *
     * @return where it ends; {@code from} when it is not complete. What has no columns is no row
     */
    int next(byte[] bytes, int from, int end);

    /** The one that was found; valid as long as the bytes are. */
    HelperRow row();

    /** Whether everything was seen that belongs to the format. */
    boolean complete();
}
