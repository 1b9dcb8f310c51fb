package io.dbbackup.crypto;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes AES-GCM fast before it is needed. HotSpot uses the processor's AES instructions for GCM only in callers that are
 * compiled, which many small calls bring about in 0.1 s and large ones only after seconds at a seventieth of the speed
 * (docs/decisions, "Encryption in small segments with a warm cipher"). Done once per JVM, by the first who needs it.
 */
final class GcmWarmUp {
    private static final int CALLS = 20_000;
    private static final int BYTES = 64;

    private GcmWarmUp() {}

    static void ensure() {
        if (!Done.DONE) {
            throw new IllegalStateException("not reached: the class initializer either ends or throws");
        }
    }

    /** The JVM initializes a class once, and others wait for it meanwhile. */
    private static final class Done {
        static final boolean DONE = run();

        private Done() {}

        private static boolean run() {
            try {
                SecretKeySpec key = new SecretKeySpec(new byte[32], "AES");
                byte[] plain = new byte[BYTES];
                byte[] sealed = new byte[BYTES + Segments.TAG];
                Cipher encrypt = Segments.newCipher();
                Cipher decrypt = Segments.newCipher();
                for (int i = 0; i < CALLS; i++) {
                    byte[] nonce = ByteBuffer.allocate(12).putInt(i).array();
                    GCMParameterSpec parameters = new GCMParameterSpec(8 * Segments.TAG, nonce);
                    encrypt.init(Cipher.ENCRYPT_MODE, key, parameters);
                    encrypt.doFinal(plain, 0, plain.length, sealed, 0);
                    decrypt.init(Cipher.DECRYPT_MODE, key, parameters);
                    decrypt.doFinal(sealed, 0, sealed.length, plain, 0);
                }
                return true;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("this Java platform cannot do " + Segments.CIPHER, e);
            }
        }
    }
}
