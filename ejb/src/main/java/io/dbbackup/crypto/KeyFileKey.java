package io.dbbackup.crypto;

import io.dbbackup.model.manifest.WrappedKey;
import java.security.GeneralSecurityException;
import java.util.Map;

/** 32 random bytes that everybody who encrypts or decrypts with it must have. */
public final class KeyFileKey implements WrappingKey {
    static final String TYPE = "key-file";
    private static final String PURPOSE = "dbbackup wrap key-file 1";

    private final String name;
    private final byte[] secret;
    private final String id;

    /** @param secret 32 bytes */
    KeyFileKey(String name, byte[] secret) {
        this.name = name;
        this.secret = secret.clone();
        this.id = TYPE + ":" + Wrapping.hex(Hkdf.derive(secret, new byte[0], "dbbackup recipient id 1")).substring(0, 16);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public boolean canUnwrap() {
        return true;
    }

    @Override
    public WrappedKey wrap(byte[] key, String set, String keyId) {
        byte[] salt = Wrapping.random(32);
        byte[] sealed = Wrapping.seal(Hkdf.derive(secret, salt, PURPOSE), key, Wrapping.context(set, keyId, id));
        return new WrappedKey(id, name, TYPE, Map.of("salt", Wrapping.hex(salt)), Wrapping.hex(sealed));
    }

    @Override
    public byte[] unwrap(WrappedKey wrapped, String set, String keyId) {
        byte[] once = Hkdf.derive(secret, Wrapping.bytes(wrapped, "salt", 32), PURPOSE);
        try {
            return Wrapping.open(once, Wrapping.wrappedBytes(wrapped), Wrapping.context(set, keyId, wrapped.id()));
        } catch (GeneralSecurityException e) {
            throw WrappingKey.wrong(name, wrapped, e);
        }
    }
}
