package io.dbbackup.crypto;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.Key;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What encrypting and decrypting a stream share: the layout of Tink's "AES-GCM-HKDF streaming"
 * (https://developers.google.com/tink/streaming-aead/aes_gcm_hkdf_streaming) with 32-byte keys, HKDF-SHA256 and segments
 * of 64 KiB. A stream is a header (its length as one byte, a salt, a prefix for nonces) and segments, each encrypted by
 * AES-256-GCM under HKDF(data key, salt, associated data). The nonce holds the segment's number and whether it is the last,
 * so segments cannot be reordered, left out, repeated or cut off unseen. Not thread-safe: one per stream.
 */
final class Segments {
    /** Bytes of a stored segment; the header counts as part of the first one. */
    static final int SEGMENT = 64 * 1024;

    static final int TAG = 16;
    static final int SALT = 32;
    static final int PREFIX = 7;
    static final int HEADER = 1 + SALT + PREFIX;
    static final String CIPHER = "AES/GCM/NoPadding";
    private static final long MOST_SEGMENTS = 1L << 32;

    private final Cipher cipher = newCipher();
    private final Key key;
    private final byte[] prefix;
    private long number;

    Segments(byte[] dataKey, byte[] salt, byte[] prefix, byte[] associatedData) {
        GcmWarmUp.ensure();
        this.key = new SecretKeySpec(Hkdf.derive(dataKey, salt, associatedData, 32), "AES");
        this.prefix = prefix.clone();
    }

    /** Prepares the cipher for the current segment. */
    Cipher cipher(int mode, boolean last) throws GeneralSecurityException {
        if (number >= MOST_SEGMENTS) {
            throw new GeneralSecurityException("a stream has at most " + MOST_SEGMENTS + " segments");
        }
        byte[] nonce = ByteBuffer.allocate(12).put(prefix).putInt((int) number).put((byte) (last ? 1 : 0)).array();
        cipher.init(mode, key, new GCMParameterSpec(8 * TAG, nonce));
        return cipher;
    }

    void next() {
        number++;
    }

    long number() {
        return number;
    }

    static Cipher newCipher() {
        try {
            return Cipher.getInstance(CIPHER);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java platform lacks " + CIPHER, e);
        }
    }
}
