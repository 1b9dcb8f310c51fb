package io.dbbackup.engine.postgresql;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.pipeline.RowHash;
import io.dbbackup.pipeline.RowRest;
import io.dbbackup.pipeline.RowScanner;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Rows of PostgreSQL's binary {@code COPY} (manual, chapter COPY, "Binary Format"): header, tuples, trailer. The bytes
 * of a row are its tuple, from its field count to the end of its last field.
 */
public final class PgBinaryRows implements RowScanner {
    private static final byte[] SIGNATURE = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0};
    private static final int FIXED_HEADER = 19;
    private static final int TRAILER = -1;
    private static final int NULL = -1;
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle SHORTS = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);

    private enum State {
        HEADER,
        EXTENSION,
        TUPLES,
        ENDED
    }

    private final RowHash rows = new RowHash();
    private final RowRest rest = new RowRest(rows);
    private State state = State.HEADER;
    private int extensionLeft;
    /** Within {@link #rest}: where the number of fields or the length of one begins, and how many bytes of it are there. */
    private int cursor;

    private int numberBytes;
    /** How many bytes of the current field are still to come, and how many fields after it. */
    private int fieldBytesLeft;

    private int fieldsLeft;
    private boolean countKnown;

    @Override
    public void accept(byte[] buffer, int offset, int length) {
        int end = offset + length;
        int at = offset;
        while (at < end) {
            at = switch (state) {
                case HEADER -> header(buffer, at, end);
                case EXTENSION -> extension(at, end);
                case TUPLES -> rest.begun() ? tupleInPieces(buffer, at, end) : tuplesInPlace(buffer, at, end);
                case ENDED -> throw malformed("there are bytes after the trailer");
            };
        }
    }

    @Override
    public Fingerprint result() {
        if (state != State.ENDED) {
            throw malformed("the data ends before the trailer, after " + rows.fingerprint().rows() + " rows");
        }
        return rows.fingerprint();
    }

    private int header(byte[] buffer, int at, int end) {
        int more = Math.min(FIXED_HEADER - rest.length(), end - at);
        rest.append(buffer, at, more);
        if (rest.length() == FIXED_HEADER) {
            byte[] header = rest.bytes();
            if (!Arrays.equals(header, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length)) {
                throw malformed("the data does not begin with the signature PGCOPY");
            }
            int flags = (int) INTS.get(header, 11);
            if (flags >>> 16 != 0) {
                throw malformed("the header has critical flags that are not known (0x%08x)".formatted(flags));
            }
            extensionLeft = (int) INTS.get(header, 15);
            if (extensionLeft < 0) {
                throw malformed("the header extension has a negative length");
            }
            state = extensionLeft > 0 ? State.EXTENSION : State.TUPLES;
            rest.clear();
        }
        return at + more;
    }

    private int extension(int at, int end) {
        int more = Math.min(extensionLeft, end - at);
        extensionLeft -= more;
        if (extensionLeft == 0) {
            state = State.TUPLES;
        }
        return at + more;
    }

    /** The fast way: hashes whole tuples where they are; what is left of the last one goes to {@link #rest}. */
    private int tuplesInPlace(byte[] buffer, int from, int end) {
        int start = from;
        while (end - start >= Short.BYTES) {
            int fields = (short) SHORTS.get(buffer, start);
            if (fields < 0) {
                return trailer(fields, start + Short.BYTES);
            }
            int at = start + Short.BYTES;
            while (fields > 0 && end - at >= Integer.BYTES) {
                int bytes = fieldLength((int) INTS.get(buffer, at));
                at += Integer.BYTES;
                if (bytes > end - at) {
                    break;
                }
                at += bytes;
                fields--;
            }
            if (fields > 0) {
                break;
            }
            rows.add(buffer, start, at - start);
            start = at;
        }
        if (start < end) {
            countKnown = false;
            cursor = 0;
            // only the first byte: tupleInPieces takes what belongs to this tuple and no more
            rest.append(buffer, start, 1);
            numberBytes = 1;
            return start + 1;
        }
        return end;
    }

    /**
     * The careful way, for a tuple that spans buffers: takes just the bytes that the next decision needs. The bytes of fields
     * are not looked at again, so that those of a large row need not be kept.
     */
    private int tupleInPieces(byte[] buffer, int from, int end) {
        int at = from;
        while (true) {
            int content = Math.min(fieldBytesLeft, end - at);
            rest.append(buffer, at, content);
            at += content;
            fieldBytesLeft -= content;
            if (fieldBytesLeft > 0) {
                rest.spill();
                return at;
            }
            if (countKnown && fieldsLeft == 0) {
                rest.endRow();
                return at;
            }
            if (numberBytes == 0) {
                rest.spill();
                cursor = rest.length();
            }
            int size = countKnown ? Integer.BYTES : Short.BYTES;
            int more = Math.min(size - numberBytes, end - at);
            rest.append(buffer, at, more);
            at += more;
            numberBytes += more;
            if (numberBytes < size) {
                return at;
            }
            numberBytes = 0;
            if (countKnown) {
                fieldBytesLeft = fieldLength((int) INTS.get(rest.bytes(), cursor));
                fieldsLeft--;
            } else {
                fieldsLeft = (short) SHORTS.get(rest.bytes(), cursor);
                if (fieldsLeft < 0) {
                    rest.clear();
                    return trailer(fieldsLeft, at);
                }
                countKnown = true;
            }
        }
    }

    private int trailer(int fields, int at) {
        if (fields != TRAILER) {
            throw malformed("a tuple has " + fields + " fields");
        }
        state = State.ENDED;
        return at;
    }

    private int fieldLength(int length) {
        if (length < NULL) {
            throw malformed("a field has a length of " + length + " bytes");
        }
        return Math.max(length, 0);
    }

    private BackupException malformed(String what) {
        return new BackupException(
                ErrorCode.BLOB_UNDECODABLE,
                "not a complete binary COPY: " + what,
                "The data is truncated or damaged; use another backup set.");
    }
}
