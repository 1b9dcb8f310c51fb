package io.dbbackup.engine.postgresql.sliced;

/** The row as COPY would send it; its bytes go into a hash. Columns come in their order. */
interface VirtualRow {
    void begin(int columns);

    /** A column that was not cut. */
    void whole(HelperRow head, int column);

    /**
     * A column that comes in slices.
     *
     * @param form see {@link SlicedColumn.Kind}
     * @param total bytes of all slices
     */
    void beginSliced(String form, long total);

    /** @return bytes of the slice */
    int slice(String form, HelperRow row, int column);
}
