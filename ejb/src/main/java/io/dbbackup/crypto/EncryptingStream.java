package io.dbbackup.crypto;

import java.io.IOException;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Cipher;

/**
 * Encrypts what is written to it, in {@link Segments}. Needs two buffers of 64 KiB. Closing it writes the last segment and
 * closes the stream behind. Not thread-safe.
 */
public final class EncryptingStream extends OutputStream {
    private static final SecureRandom RANDOM = new SecureRandom();

    private final OutputStream next;
    private final Segments segments;
    private final byte[] plain = new byte[Segments.SEGMENT - Segments.TAG];
    private final byte[] sealed = new byte[Segments.SEGMENT];
    private int capacity = Segments.SEGMENT - Segments.HEADER - Segments.TAG;
    private int filled;
    private boolean closed;

    private EncryptingStream(OutputStream next, Segments segments) {
        this.next = next;
        this.segments = segments;
    }

    /**
     * Begins a stream with its header, under a salt of its own.
     *
     * @param dataKey 32 bytes
     * @param associatedData what the reader must know to decrypt the stream, so that streams cannot be swapped
     */
    public static EncryptingStream begin(OutputStream next, byte[] dataKey, byte[] associatedData) throws IOException {
        byte[] salt = new byte[Segments.SALT];
        byte[] prefix = new byte[Segments.PREFIX];
        RANDOM.nextBytes(salt);
        RANDOM.nextBytes(prefix);
        return begin(next, dataKey, associatedData, salt, prefix);
    }

    /** With a chosen salt and prefix, for test vectors. */
    static EncryptingStream begin(
            OutputStream next, byte[] dataKey, byte[] associatedData, byte[] salt, byte[] prefix) throws IOException {
        Segments segments = new Segments(dataKey, salt, prefix, associatedData);
        next.write(Segments.HEADER);
        next.write(salt);
        next.write(prefix);
        return new EncryptingStream(next, segments);
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int from = offset;
        int left = length;
        while (left > 0) {
            if (filled == capacity) {
                seal(plain, 0, filled, false);
                filled = 0;
            }
            if (filled == 0 && left > capacity) {
                // more follows, so this segment is not the last: no need to wait for it
                int whole = capacity;
                seal(bytes, from, whole, false);
                from += whole;
                left -= whole;
            } else {
                int more = Math.min(left, capacity - filled);
                System.arraycopy(bytes, from, plain, filled, more);
                filled += more;
                from += more;
                left -= more;
            }
        }
    }

    @Override
    public void flush() {
        // a segment is as long as the format says; only the end may cut one short
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            seal(plain, 0, filled, true);
            next.close();
        }
    }

    private void seal(byte[] bytes, int offset, int length, boolean last) throws IOException {
        try {
            int sealedBytes = segments.cipher(Cipher.ENCRYPT_MODE, last).doFinal(bytes, offset, length, sealed, 0);
            segments.next();
            capacity = Segments.SEGMENT - Segments.TAG;
            next.write(sealed, 0, sealedBytes);
        } catch (GeneralSecurityException e) {
            throw new IOException("segment " + segments.number() + " cannot be encrypted: " + e.getMessage(), e);
        }
    }
}
