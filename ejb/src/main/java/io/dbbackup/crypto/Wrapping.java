package io.dbbackup.crypto;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.manifest.WrappedKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** What the ways to wrap a key share. Thread-safe. */
final class Wrapping {
    private static final SecureRandom RANDOM = new SecureRandom();

    private Wrapping() {}

    static byte[] random(int bytes) {
        byte[] random = new byte[bytes];
        RANDOM.nextBytes(random);
        return random;
    }

    static byte[] context(String set, String key, String recipient) {
        return ("dbbackup wrap 1\n" + set + "\n" + key + "\n" + recipient).getBytes(StandardCharsets.UTF_8);
    }

    /** AES-256-GCM under a key that is used once, hence with a nonce of zeros. */
    static byte[] seal(byte[] onceKey, byte[] secret, byte[] context) {
        try {
            return cipher(Cipher.ENCRYPT_MODE, onceKey, context).doFinal(secret);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java platform cannot do " + Segments.CIPHER, e);
        }
    }

    static byte[] open(byte[] onceKey, byte[] sealed, byte[] context) throws GeneralSecurityException {
        return cipher(Cipher.DECRYPT_MODE, onceKey, context).doFinal(sealed);
    }

    private static Cipher cipher(int mode, byte[] key, byte[] context) throws GeneralSecurityException {
        Cipher cipher = Segments.newCipher();
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(8 * Segments.TAG, new byte[12]));
        cipher.updateAAD(context);
        return cipher;
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    static byte[] wrappedBytes(WrappedKey wrapped) {
        return unhex(wrapped, "wrapped", wrapped.wrapped());
    }

    static byte[] bytes(WrappedKey wrapped, String parameter, int length) {
        byte[] bytes = unhex(wrapped, parameter, wrapped.parameters().getOrDefault(parameter, ""));
        if (bytes.length != length) {
            throw malformed(wrapped, "its " + parameter + " has " + bytes.length + " bytes instead of " + length, null);
        }
        return bytes;
    }

    static int number(WrappedKey wrapped, String parameter) {
        try {
            return Integer.parseInt(wrapped.parameters().getOrDefault(parameter, ""));
        } catch (NumberFormatException e) {
            throw malformed(wrapped, "its " + parameter + " is not a number", e);
        }
    }

    private static byte[] unhex(WrappedKey wrapped, String what, String hex) {
        try {
            return HexFormat.of().parseHex(hex);
        } catch (IllegalArgumentException e) {
            throw malformed(wrapped, "its " + what + " is not hex", e);
        }
    }

    private static BackupException malformed(WrappedKey wrapped, String what, Throwable origin) {
        return new BackupException(
                ErrorCode.KEY_DOCUMENT_INVALID,
                "the key wrapped for " + wrapped.id() + " is malformed: " + what,
                "Use another recipient's key, or another copy of the backup set.",
                origin);
    }
}
