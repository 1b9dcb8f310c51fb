package io.dbbackup.pipeline;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of the bytes, as 64 lower-case hex digits. */
public final class Sha256Probe implements Probe<String> {
    private final MessageDigest digest = newDigest();
    private String result;

    @Override
    public void accept(byte[] buffer, int offset, int length) {
        digest.update(buffer, offset, length);
    }

    @Override
    public String result() {
        if (result == null) {
            result = HexFormat.of().formatHex(digest.digest());
        }
        return result;
    }

    /** SHA-256 of bytes at hand. */
    public static String of(byte[] bytes) {
        return HexFormat.of().formatHex(newDigest().digest(bytes));
    }

    private static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform must have SHA-256", e);
        }
    }
}
