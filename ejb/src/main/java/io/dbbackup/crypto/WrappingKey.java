package io.dbbackup.crypto;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.manifest.WrappedKey;

/**
 * A key that somebody keeps, to wrap the keys of sets with and to unwrap them again. Immutable and thread-safe; never
 * printed in clear.
 */
public sealed interface WrappingKey permits KeyFileKey, PassphraseKey, PublicKey {
    /** How it is called in the configuration. */
    String name();

    /** {@code key-file}, {@code passphrase}, {@code x25519} or {@code rsa}. */
    String type();

    /** Type and fingerprint; the same wherever the key is configured, except for passphrases. */
    String id();

    /** False for a public key whose private one is elsewhere. */
    boolean canUnwrap();

    /**
     * @param secret 32 bytes
     * @param set the set that they are for, which unwrapping has to name again
     * @param key id of what is wrapped, likewise
     */
    WrappedKey wrap(byte[] secret, String set, String key);

    /** Whether this is likely to be the key to unwrap with. */
    default boolean fits(WrappedKey wrapped) {
        return canUnwrap() && id().equals(wrapped.id());
    }

    /**
     * Undoes {@link #wrap}.
     *
     * @throws BackupException KEY_WRONG when this is not the key, or what is wrapped was altered;
     *     KEY_DOCUMENT_INVALID; KEY_DERIVATION_TOO_COSTLY
     */
    byte[] unwrap(WrappedKey wrapped, String set, String key);

    /** @param why what went wrong, without a secret */
    static BackupException wrong(String name, WrappedKey wrapped, Throwable origin) {
        return new BackupException(
                ErrorCode.KEY_WRONG,
                "key \"" + name + "\" does not open what is wrapped for " + wrapped.id() + " (\"" + wrapped.name() + "\")",
                "Use the key that the backup set was encrypted for. If it is that one, the wrapped key was altered: use"
                        + " another recipient's key, or another copy of the set.",
                origin);
    }
}
