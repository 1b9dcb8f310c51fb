package io.dbbackup.crypto;

import io.dbbackup.model.manifest.WrappedKey;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.PrivateKey;
import java.security.spec.MGF1ParameterSpec;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;

/** RSA-OAEP (RFC 8017) with SHA-256 for hash and mask; the context is OAEP's label. */
final class RsaWrapping {
    static final String TYPE = "rsa";

    private RsaWrapping() {}

    static WrappedKey wrap(String id, String name, Key publicKey, byte[] key, byte[] context)
            throws GeneralSecurityException {
        byte[] wrapped = cipher(Cipher.ENCRYPT_MODE, publicKey, context).doFinal(key);
        return new WrappedKey(id, name, TYPE, Map.of("padding", "oaep-sha256-mgf1-sha256"), Wrapping.hex(wrapped));
    }

    static byte[] unwrap(PrivateKey privateKey, WrappedKey wrapped, byte[] context) throws GeneralSecurityException {
        return cipher(Cipher.DECRYPT_MODE, privateKey, context).doFinal(Wrapping.wrappedBytes(wrapped));
    }

    private static Cipher cipher(int mode, Key key, byte[] label) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
        cipher.init(mode, key, new OAEPParameterSpec(
                "SHA-256", "MGF1", MGF1ParameterSpec.SHA256, new PSource.PSpecified(label)));
        return cipher;
    }
}
