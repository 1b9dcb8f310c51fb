package io.dbbackup.crypto;

import io.dbbackup.model.ErrorCode;
import io.dbbackup.pipeline.NotAuthenticException;
import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;

/**
 * Decrypts what {@link EncryptingStream} wrote. Gives away the bytes of a segment only when its tag is right, and its end
 * only after the segment that says that it is the last. Needs two buffers of 64 KiB whatever the bytes say. Not
 * thread-safe.
 */
public final class DecryptingStream extends InputStream {
    private final InputStream stored;
    private final Segments segments;
    /** One more than a segment: whether anything follows tells whether it is the last. */
    private final byte[] sealed = new byte[Segments.SEGMENT + 1];
    private final byte[] plain = new byte[Segments.SEGMENT];
    private int capacity = Segments.SEGMENT - Segments.HEADER;
    private int ahead;
    private int position;
    private int available;
    private boolean ended;
    private NotAuthenticException failure;

    private DecryptingStream(InputStream stored, Segments segments) {
        this.stored = stored;
        this.segments = segments;
    }

    /**
     * Reads the header of a stream.
     *
     * @param dataKey 32 bytes
     * @throws NotAuthenticException when there is no header of this format
     */
    public static DecryptingStream open(InputStream stored, byte[] dataKey, byte[] associatedData) throws IOException {
        byte[] header = stored.readNBytes(Segments.HEADER);
        if (header.length < Segments.HEADER) {
            throw new NotAuthenticException(ErrorCode.BLOB_TRUNCATED, "the stream ends within its header");
        }
        if (header[0] != Segments.HEADER) {
            throw new NotAuthenticException(
                    ErrorCode.BLOB_NOT_AUTHENTIC,
                    "the stream begins with " + (header[0] & 0xff) + " instead of " + Segments.HEADER);
        }
        byte[] salt = Arrays.copyOfRange(header, 1, 1 + Segments.SALT);
        byte[] prefix = Arrays.copyOfRange(header, 1 + Segments.SALT, Segments.HEADER);
        return new DecryptingStream(stored, new Segments(dataKey, salt, prefix, associatedData));
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (position == available) {
            if (failure != null) {
                throw failure;
            }
            if (ended) {
                return -1;
            }
            open();
        }
        int read = Math.min(length, available - position);
        System.arraycopy(plain, position, target, offset, read);
        position += read;
        return read;
    }

    private void open() throws IOException {
        int read = ahead + stored.readNBytes(sealed, ahead, capacity + 1 - ahead);
        boolean last = read <= capacity;
        int length = Math.min(read, capacity);
        position = 0;
        available = 0;
        if (length < Segments.TAG) {
            failure = new NotAuthenticException(
                    ErrorCode.BLOB_TRUNCATED, "segment " + segments.number() + " has only " + length + " bytes");
            throw failure;
        }
        try {
            available = segments.cipher(Cipher.DECRYPT_MODE, last).doFinal(sealed, 0, length, plain, 0);
        } catch (AEADBadTagException e) {
            failure = failure(last, length);
            throw failure;
        } catch (GeneralSecurityException e) {
            throw new IOException("segment " + segments.number() + " cannot be decrypted: " + e.getMessage(), e);
        }
        ended = last;
        sealed[0] = sealed[length];
        ahead = 1;
        capacity = Segments.SEGMENT;
        segments.next();
    }

    private NotAuthenticException failure(boolean last, int length) {
        String segment = "segment " + segments.number();
        if (last && authenticWithMoreToCome(length)) {
            return new NotAuthenticException(
                    ErrorCode.BLOB_TRUNCATED, "the stream ends with " + segment + ", which is not its last one");
        }
        return new NotAuthenticException(
                ErrorCode.BLOB_NOT_AUTHENTIC,
                segment + " is altered, in the wrong place, cut off, or belongs to another blob or key");
    }

    private boolean authenticWithMoreToCome(int length) {
        try {
            segments.cipher(Cipher.DECRYPT_MODE, false).doFinal(sealed, 0, length, plain, 0);
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        stored.close();
    }
}
