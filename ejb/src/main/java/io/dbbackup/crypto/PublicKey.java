package io.dbbackup.crypto;

import io.dbbackup.model.manifest.WrappedKey;
import io.dbbackup.pipeline.Sha256Probe;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.interfaces.RSAKey;
import java.util.Optional;

/**
 * A public key and, where sets may be read, its private key. Who has only the public one can write backups and not read
 * them.
 */
public final class PublicKey implements WrappingKey {
    private final String name;
    private final java.security.PublicKey publicKey;
    private final Optional<PrivateKey> privateKey;
    private final String id;

    PublicKey(String name, java.security.PublicKey publicKey, Optional<PrivateKey> privateKey) {
        this.name = name;
        this.publicKey = publicKey;
        this.privateKey = privateKey;
        this.id = type() + ":" + Sha256Probe.of(publicKey.getEncoded()).substring(0, 16);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String type() {
        return publicKey instanceof RSAKey ? RsaWrapping.TYPE : X25519Wrapping.TYPE;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public boolean canUnwrap() {
        return privateKey.isPresent();
    }

    @Override
    public WrappedKey wrap(byte[] key, String set, String keyId) {
        byte[] context = Wrapping.context(set, keyId, id);
        try {
            return type().equals(RsaWrapping.TYPE)
                    ? RsaWrapping.wrap(id, name, publicKey, key, context)
                    : X25519Wrapping.wrap(id, name, publicKey, key, context);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("nothing can be wrapped for " + id + ": " + e.getMessage(), e);
        }
    }

    @Override
    public byte[] unwrap(WrappedKey wrapped, String set, String keyId) {
        PrivateKey own = privateKey.orElseThrow();
        byte[] context = Wrapping.context(set, keyId, wrapped.id());
        try {
            return type().equals(RsaWrapping.TYPE)
                    ? RsaWrapping.unwrap(own, wrapped, context)
                    : X25519Wrapping.unwrap(own, publicKey, wrapped, context);
        } catch (GeneralSecurityException e) {
            throw WrappingKey.wrong(name, wrapped, e);
        }
    }
}
