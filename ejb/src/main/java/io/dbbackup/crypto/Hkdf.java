package io.dbbackup.crypto;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** HKDF with HMAC-SHA256 (RFC 5869). Thread-safe. */
final class Hkdf {
    private static final String HMAC = "HmacSHA256";
    private static final int HASH_BYTES = 32;

    private Hkdf() {}

    /** @param salt may be empty; @param bytes at most 255 × 32 */
    static byte[] derive(byte[] secret, byte[] salt, byte[] info, int bytes) {
        byte[] pseudoRandomKey = hmac(salt.length == 0 ? new byte[HASH_BYTES] : salt, secret);
        byte[] output = new byte[bytes];
        byte[] block = new byte[0];
        int filled = 0;
        for (int counter = 1; filled < bytes; counter++) {
            block = hmac(pseudoRandomKey, block, info, new byte[] {(byte) counter});
            int length = Math.min(block.length, bytes - filled);
            System.arraycopy(block, 0, output, filled, length);
            filled += length;
        }
        return output;
    }

    static byte[] derive(byte[] secret, byte[] salt, String info) {
        return derive(secret, salt, info.getBytes(StandardCharsets.UTF_8), HASH_BYTES);
    }

    static byte[] hmac(byte[] key, byte[]... parts) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(key, HMAC));
            Arrays.stream(parts).forEach(mac::update);
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform must have " + HMAC, e);
        }
    }
}
