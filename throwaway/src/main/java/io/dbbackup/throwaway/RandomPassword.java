package io.dbbackup.throwaway;

import java.security.SecureRandom;
import java.util.Base64;

/** 144 random bits in characters that need quoting nowhere. */
final class RandomPassword {

    private static final SecureRandom RANDOM = new SecureRandom();

    private RandomPassword() {}

    static String next() {
        byte[] bytes = new byte[18];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
