package io.dbbackup.engine.postgresql.sliced;

import io.dbbackup.engine.postgresql.CopyFormat;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.pipeline.RowHash;
import io.dbbackup.pipeline.RowScanner;
import java.util.Arrays;

/**
 * Gives the row that came in slices the fingerprint that it would have if COPY could send it at once. So it does not matter how a
 * row was cut, and whether another server has to cut it. Holds the columns that were not cut and one slice. Not thread-safe.
 */
public final class SlicedRowScanner implements RowScanner {
    /** Columns of the helper table before those of the row. */
    private static final int OWN = 5;
    private static final int FIELD = 0;
    private static final int FORM = 1;
    private static final int TOTAL = 2;
    private static final int START = 3;
    private static final int BYTES = 4;
    /** Of a row of the helper table: what is not cut, in all. */
    private static final int MOST_BYTES = 256 << 20;

    private final RowHash rows = new RowHash();
    private final HelperRows reader;
    private final VirtualRow virtual;
    private byte[] pending = new byte[64 * 1024];
    private int length;
    private boolean headSeen;
    private HelperRow head = HelperRow.EMPTY;
    /** Column that comes next, from 1, and what is known of one that is being read in slices. */
    private int next = 1;

    private String form = "";
    private long total;
    private long filled;
    private boolean ended;

    SlicedRowScanner(CopyFormat format) {
        switch (format) {
            case BINARY -> {
                reader = new BinaryHelperRows();
                virtual = new BinaryVirtualRow(rows);
            }
            case TEXT -> {
                reader = new TextHelperRows();
                virtual = new TextVirtualRow(rows);
            }
            default -> throw new IllegalArgumentException("no slices in format " + format);
        }
    }

    @Override
    public void accept(byte[] buffer, int offset, int more) {
        if (more > pending.length - length) {
            if (length > MOST_BYTES) {
                throw new BackupException(
                        ErrorCode.ROW_TOO_LARGE,
                        "a row has more than 256 MiB in columns that cannot be read in slices",
                        "Exclude the rows of this table (--exclude-table-data), or make the row smaller.");
            }
            pending = Arrays.copyOf(pending, Math.max(pending.length + (pending.length >> 1), length + more));
        }
        System.arraycopy(buffer, offset, pending, length, more);
        length += more;
        int at = 0;
        for (int end = reader.next(pending, at, length); end > at; end = reader.next(pending, at, length)) {
            if (reader.row().columns() > 0) {
                take(reader.row());
            }
            at = end;
        }
        System.arraycopy(pending, at, pending, 0, length - at);
        length -= at;
    }

    private void take(HelperRow row) {
        int field = (int) row.number(FIELD);
        if (field == 0) {
            require(!headSeen && row.columns() > OWN, "it has a second beginning, or one without columns");
            headSeen = true;
            head = row.copy();
            virtual.begin(head.columns() - OWN);
            return;
        }
        require(headSeen && field < head.columns() - OWN + 1, "it has a slice of column " + field);
        if (filled == 0) {
            require(field >= next, "the slices of column " + field + " come late");
            whole(field);
            form = row.text(FORM);
            total = row.number(TOTAL);
            require(total > 0 && (form.equals("t") || form.equals("b") || form.equals("j")), "it has a slice of another kind");
            virtual.beginSliced(form, total);
        }
        require(field == next && row.number(START) == filled && row.number(TOTAL) == total && row.text(FORM).equals(form),
                "the slices of column " + next + " have holes");
        int bytes = virtual.slice(form, row, BYTES);
        filled += bytes;
        require(bytes > 0 && filled <= total, "column " + next + " has more bytes than it should");
        if (filled == total) {
            filled = 0;
            next++;
        }
    }

    /** Passes on the columns before this one, which were not cut. */
    private void whole(int field) {
        for (; next < field; next++) {
            virtual.whole(head, OWN + next - 1);
        }
    }

    @Override
    public Fingerprint result() {
        if (!ended) {
            require(headSeen && filled == 0 && length == 0 && reader.complete(), "it ends too early");
            whole(head.columns() - OWN + 1);
            rows.endRow();
            ended = true;
        }
        return rows.fingerprint();
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            throw malformed(what);
        }
    }

    static BackupException malformed(String what) {
        return new BackupException(
                ErrorCode.BLOB_UNDECODABLE,
                "not a complete row in slices: " + what,
                "The data is truncated or damaged; use another backup set.");
    }
}
