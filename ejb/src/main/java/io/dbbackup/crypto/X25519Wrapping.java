package io.dbbackup.crypto;

import io.dbbackup.model.manifest.WrappedKey;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.KeyAgreement;

/**
 * X25519 (RFC 7748) with a key pair that is used once, as in age: HKDF over the shared secret, salted with both public
 * keys, gives the key that AES-256-GCM wraps with.
 */
final class X25519Wrapping {
    static final String TYPE = "x25519";
    private static final String ALGORITHM = "X25519";
    private static final String PURPOSE = "dbbackup wrap x25519 1";
    /** What stands before the 32 bytes of an X25519 public key in its DER encoding (RFC 8410). */
    private static final byte[] DER = HexFormat.of().parseHex("302a300506032b656e032100");

    private X25519Wrapping() {}

    static WrappedKey wrap(String id, String name, PublicKey recipient, byte[] key, byte[] context)
            throws GeneralSecurityException {
        KeyPair once = KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
        byte[] ephemeral = raw(once.getPublic());
        byte[] onceKey = onceKey(agree(once.getPrivate(), recipient), ephemeral, raw(recipient));
        return new WrappedKey(
                id, name, TYPE, Map.of("ephemeral", Wrapping.hex(ephemeral)),
                Wrapping.hex(Wrapping.seal(onceKey, key, context)));
    }

    static byte[] unwrap(PrivateKey own, PublicKey ownPublic, WrappedKey wrapped, byte[] context)
            throws GeneralSecurityException {
        byte[] ephemeral = Wrapping.bytes(wrapped, "ephemeral", 32);
        byte[] onceKey = onceKey(agree(own, publicKey(ephemeral)), ephemeral, raw(ownPublic));
        return Wrapping.open(onceKey, Wrapping.wrappedBytes(wrapped), context);
    }

    /** The public key of a private one: the agreement with the curve's base point. */
    static PublicKey publicKeyOf(PrivateKey own) throws GeneralSecurityException {
        byte[] basePoint = new byte[32];
        basePoint[0] = 9;
        return publicKey(agree(own, publicKey(basePoint)));
    }

    private static PublicKey publicKey(byte[] raw) throws GeneralSecurityException {
        byte[] encoded = Arrays.copyOf(DER, DER.length + raw.length);
        System.arraycopy(raw, 0, encoded, DER.length, raw.length);
        return KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(encoded));
    }

    private static byte[] raw(PublicKey key) {
        byte[] encoded = key.getEncoded();
        return Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length);
    }

    /** @throws GeneralSecurityException also for points of small order */
    private static byte[] agree(PrivateKey own, PublicKey other) throws GeneralSecurityException {
        KeyAgreement agreement = KeyAgreement.getInstance(ALGORITHM);
        agreement.init(own);
        agreement.doPhase(other, true);
        return agreement.generateSecret();
    }

    private static byte[] onceKey(byte[] shared, byte[] ephemeral, byte[] recipient) {
        byte[] salt = Arrays.copyOf(ephemeral, 64);
        System.arraycopy(recipient, 0, salt, 32, 32);
        return Hkdf.derive(shared, salt, PURPOSE);
    }
}
