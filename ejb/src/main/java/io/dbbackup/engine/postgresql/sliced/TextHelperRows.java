package io.dbbackup.engine.postgresql.sliced;

/** In COPY's text format. */
final class TextHelperRows implements HelperRows {
    private HelperRow row = HelperRow.EMPTY;
    /** Up to where there is no line feed in what begins at the same place. */
    private int searched;

    @Override
    public int next(byte[] bytes, int from, int end) {
        int lineFeed = from + searched;
        while (lineFeed < end && bytes[lineFeed] != '\n') {
            lineFeed++;
        }
        if (lineFeed == end) {
            searched = end - from;
            return from;
        }
        searched = 0;
        int columns = 1;
        for (int i = from; i < lineFeed; i++) {
            columns += bytes[i] == '\t' ? 1 : 0;
        }
        int[] offsets = new int[columns];
        int[] lengths = new int[columns];
        int start = from;
        for (int column = 0; column < columns; column++) {
            int tab = start;
            while (tab < lineFeed && bytes[tab] != '\t') {
                tab++;
            }
            offsets[column] = start;
            lengths[column] = tab - start == 2 && bytes[start] == '\\' && bytes[start + 1] == 'N' ? -1 : tab - start;
            start = tab + 1;
        }
        row = new HelperRow(false, bytes, offsets, lengths, columns);
        return lineFeed + 1;
    }

    @Override
    public HelperRow row() {
        return row;
    }

    @Override
    public boolean complete() {
        return true;
    }
}
