package io.dbbackup.model;

import java.util.List;
import java.util.Optional;

/**
 * A key to encrypt backup sets for, or to open them with. Names files and references, never keys.
 *
 * @param type one of {@link #TYPES}
 * @param file of a key file
 * @param passphrase where the passphrase is
 * @param publicKeyFile of a key pair; may be missing when the private key is there
 * @param privateKeyFile of a key pair; missing where backups are written that must not be read there
 */
public record KeyConfig(
        String name,
        String type,
        Optional<String> file,
        Optional<SecretRef> passphrase,
        Optional<String> publicKeyFile,
        Optional<String> privateKeyFile) {
    public static final String KEY_FILE = "key-file";
    public static final String PASSPHRASE = "passphrase";
    public static final String X25519 = "x25519";
    public static final String RSA = "rsa";
    public static final List<String> TYPES = List.of(KEY_FILE, PASSPHRASE, X25519, RSA);
}
